/** @jsxImportSource hono/jsx */
/** Effective settings, grouped by the tables of the config file, and the prices that money is counted with. */
import type { PriceRow, SettingRow } from "../src/projections/view-settings.ts";
import { visible } from "./format.ts";
import { TableHead } from "./table-head.tsx";

export function SettingsView({ rows }: { readonly rows: readonly SettingRow[] }) {
  const groups = [...new Set(rows.map((row) => row.group))];
  return (
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
                <tr>
                  <th scope="row">
                    <code>{visible(row.key)}</code>
                  </th>
                  <td>
                    <code>{visible(row.value)}</code>
                  </td>
                  <td class={row.source === "default" ? "quiet" : ""}>{visible(row.source)}</td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </div>
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
