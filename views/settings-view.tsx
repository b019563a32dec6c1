/** @jsxImportSource hono/jsx */
/** Effective settings, grouped by the tables of the config file, and the prices that money is counted with. */
import { useContext } from "hono/jsx";
import type { ChangeRow, PriceRow, SettingRow } from "../src/projections/view-settings.ts";
import { clock, visible } from "./format.ts";
import { Nonce } from "./nonce.ts";
import { PostForm } from "./post-form.tsx";
import { TableHead } from "./table-head.tsx";

interface SettingsProps {
  readonly rows: readonly SettingRow[];
  readonly canEdit: boolean;
}

export function SettingsView({ rows, canEdit }: SettingsProps) {
  const groups = [...new Set(rows.map((row) => row.group))];
  return (
    <>
      <p class="hint">
        From, the stronger first: command line, environment, project (<code>conductor/signalbox.toml</code>), your
        config (<code>~/.config/signalbox/config.toml</code>), default. A change is written to the project's file,
        comments kept, and holds at once; an empty field takes the key out. Keys of endpoints are named, never shown.
      </p>
      <div class="scroll">
        <table class="settings">
          {groups.map((group) => (
            <tbody>
              <tr class="group">
                <th scope="rowgroup" colspan={3}>
                  {`[${visible(group)}]`}
                </th>
              </tr>
              {rows
                .filter((row) => row.group === group)
                .map((row) => (
                  <SettingLine row={row} canEdit={canEdit} />
                ))}
            </tbody>
          ))}
        </table>
      </div>
    </>
  );
}

function SettingLine({ row, canEdit }: { readonly row: SettingRow; readonly canEdit: boolean }) {
  return (
    <tr>
      <th scope="row">
        <code>{visible(row.key)}</code>
      </th>
      <td>
        {canEdit && row.field !== null ? (
          <SettingForm field={row.field} placeholder={row.value} />
        ) : (
          <code>{visible(row.value)}</code>
        )}
      </td>
      <td class={row.source === "default" ? "quiet" : ""}>{visible(row.source)}</td>
    </tr>
  );
}

/** One key: what is typed is checked by the rules of the config file as it is typed, and saved when asked. */
function SettingForm({
  field,
  placeholder,
}: {
  readonly field: NonNullable<SettingRow["field"]>;
  readonly placeholder: string;
}) {
  const { path, text, options } = field;
  const id = field.elementId;
  const said = `${id}-said`;
  return (
    <div class="editor">
      <PostForm action="/actions/settings" class="setting-form">
        <input type="hidden" name="key" value={path} />
        {options === null ? (
          <input
            id={id}
            type="text"
            name="text"
            value={text}
            placeholder={text === "" ? placeholder : undefined}
            aria-label={path}
            aria-describedby={said}
            autocomplete="off"
            spellcheck={false}
            {...useCheck()}
          />
        ) : (
          <select id={id} name="text" aria-label={path} aria-describedby={said}>
            {options.map((option) => (
              <option value={option} selected={option === text}>
                {option}
              </option>
            ))}
          </select>
        )}
        <button type="submit" class="small" aria-label={`Save ${path}`}>
          Save
        </button>
      </PostForm>
      <p id={said} class="error" role="status" hx-morph-skip="true"></p>
    </div>
  );
}

/** The form's fields are sent a moment after the last key. */
function useCheck() {
  return {
    "data-check": "",
    "hx-post": "/actions/settings/check",
    "hx-trigger": "input delay:300ms",
    "hx-include": "closest form",
    "hx-sync": "replace",
    "hx-swap": "none",
    "hx-nonce": useContext(Nonce),
  };
}

/** The price of a model, known or new. */
export function PriceForm({ models }: { readonly models: readonly string[] }) {
  const kinds = [
    ["input", "Input"],
    ["output", "Output"],
    ["cache_read", "Cache read"],
    ["cache_write", "Cache write"],
  ] as const;
  return (
    <div class="editor price-form">
      <PostForm action="/actions/settings">
        <label for="price-model">Model</label>
        <input id="price-model" type="text" name="model" list="price-models" autocomplete="off" {...useCheck()} />
        <datalist id="price-models">
          {models.map((model) => (
            <option value={model}></option>
          ))}
        </datalist>
        {kinds.map(([name, label]) => (
          <>
            <label for={`price-${name}`}>{label}</label>
            <input
              id={`price-${name}`}
              type="text"
              inputmode="decimal"
              name={name}
              autocomplete="off"
              {...useCheck()}
            />
          </>
        ))}
        <button type="submit" class="small">
          Save price
        </button>
      </PostForm>
      <p id="price-said" class="error" role="status" hx-morph-skip="true"></p>
      <p class="hint">
        Empty fields stay as they are; a new model needs input and output. Calls keep the price of their time.
      </p>
    </div>
  );
}

/** Who changed what while the engine ran. */
export function ChangesView({ rows }: { readonly rows: readonly ChangeRow[] }) {
  if (rows.length === 0) return <p class="quiet">Nothing was changed while the engine ran.</p>;
  return (
    <ul class="changes">
      {rows.map((row) => (
        <li>
          <time datetime={row.at}>{clock(row.at)}</time> {visible(row.words)}{" "}
          <span class="quiet">{`by ${visible(row.by)}`}</span>
        </li>
      ))}
    </ul>
  );
}

export function PricesView({ rows }: { readonly rows: readonly PriceRow[] }) {
  if (rows.length === 0) return <p class="quiet">No model has a price: what it costs is shown as unpriced.</p>;
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={["Model", "Input", "Output", "Cache read", "Cache write", "From"]} />
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">
                <code>{visible(row.model)}</code>
              </th>
              <td>{`$${row.input}`}</td>
              <td>{`$${row.output}`}</td>
              <td>{`$${row.cacheRead}`}</td>
              <td>{`$${row.cacheWrite}`}</td>
              <td class="quiet">{visible(row.source)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
