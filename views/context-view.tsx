/** @jsxImportSource hono/jsx */
/** The contexts of all agents, a row each: how full, with what, and how much room is left. */
import type { ModelError } from "../src/projections/estimate-error.ts";
import type { ContextPage, ContextRow } from "../src/projections/view-context.ts";
import { ContextBar, Fullness, signedPercent } from "./context-bar.tsx";
import { count, spaced, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";
import { TableHead } from "./table-head.tsx";

const roles = ["orchestrator", "tech_lead", "worker", "qa"] as const;

export function ContextList({ list, role }: { readonly list: ContextPage; readonly role: string | null }) {
  return (
    <>
      <nav class="row choices" aria-label="Role">
        <RoleLink name={null} chosen={role} />
        {roles.map((each) => (
          <RoleLink name={each} chosen={role} />
        ))}
        <span class="quiet">{`${count(list.agentCount)} ${list.agentCount === 1 ? "agent" : "agents"}, live ones first`}</span>
      </nav>
      {list.rows.length === 0 ? <p class="quiet">No agent here yet.</p> : <Rows rows={list.rows} />}
      <Pages list={list} role={role} />
    </>
  );
}

function Rows({ rows }: { readonly rows: readonly ContextRow[] }) {
  return (
    <div class="scroll">
      <table class="context-list">
        <TableHead names={["Agent", "Status", "Holds", "Share", "Tokens", "Head-room", "Estimate off by"]} />
        <tbody>
          {rows.map((row) => (
            <tr data-agent={row.agentId}>
              <th scope="row">
                <a href={`/context?agent=${encodeURIComponent(row.agentId)}`}>{visible(row.streamId)}</a>
                <small class="quiet">{` ${row.agentId} · ${visible(row.model)} · turn ${row.turnCount}`}</small>
              </th>
              <td>
                <StatusMark status={row.status === "ended" ? "done" : row.status} />
                <small class="quiet">{row.isNext ? " next request" : " last request"}</small>
              </td>
              <td class="bar-cell">
                <ContextBar figures={row} />
              </td>
              <td>
                <Fullness figures={row} />
              </td>
              <td class="number">
                <Tokens figures={row} />
              </td>
              <td class="number">{count(row.headroomTokens)}</td>
              <td class="number">
                {row.errorPercent === null ? <span class="quiet">–</span> : signedPercent(row.errorPercent)}
                <Choices row={row} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Tokens, and who says so: a figure without a word is the endpoint's. */
export function Tokens({ figures }: { readonly figures: Pick<ContextRow, "usedTokens" | "countedBy"> }) {
  if (figures.countedBy !== "estimate") return <>{count(figures.usedTokens)}</>;
  return (
    <>
      {`~${count(figures.usedTokens)}`} <small class="quiet">estimated</small>
    </>
  );
}

function Choices({ row: { pinnedCount, evictedCount } }: { readonly row: ContextRow }) {
  const words = [pinnedCount > 0 && `${pinnedCount} pinned`, evictedCount > 0 && `${evictedCount} evicted`].filter(
    Boolean,
  );
  return words.length === 0 ? null : <small class="quiet">{` ${words.join(", ")}`}</small>;
}

function RoleLink({ name, chosen }: { readonly name: string | null; readonly chosen: string | null }) {
  return (
    <a href={name === null ? "/context" : `/context?role=${name}`} aria-current={name === chosen ? "true" : undefined}>
      {name === null ? "All roles" : name === "qa" ? "QA" : spaced(name)}
    </a>
  );
}

function Pages({ list: { page, pageCount }, role }: { readonly list: ContextPage; readonly role: string | null }) {
  if (pageCount === 1) return null;
  const address = (to: number) => `/context?${role === null ? "" : `role=${role}&`}page=${to}`;
  return (
    <nav class="row" aria-label="Pages">
      {page > 1 ? <a href={address(page - 1)}>Newer</a> : null}
      <span class="quiet">{`page ${page} of ${pageCount}`}</span>
      {page < pageCount ? <a href={address(page + 1)}>Older</a> : null}
    </nav>
  );
}

/** How good the estimates are, model by model. */
export function EstimateErrors({ models }: { readonly models: readonly ModelError[] }) {
  if (models.length === 0)
    return <p class="quiet">No request has both an estimate and the endpoint's own figure yet.</p>;
  return (
    <>
      <p class="hint">
        Our estimate of a request beside what its endpoint reported as input, cached or not. "Corrected" multiplies the
        estimate by the middle ratio of the model's requests before it; the map does so where that comes nearer.
      </p>
      <div class="scroll">
        <table class="figures">
          <TableHead
            names={["Model", "Requests", "Median error", "p95", "Bias", "Corrected median", "Corrected p95", "In use"]}
          />
          <tbody>
            {models.map((model) => (
              <tr data-model={model.model}>
                <th scope="row">
                  {visible(model.model)} <small class="quiet">{`at ${visible(model.provider)}`}</small>
                </th>
                <td>{count(model.requestCount)}</td>
                <td>{plainPercent(model.medianPercent)}</td>
                <td>{plainPercent(model.p95Percent)}</td>
                <td>{signedPercent(model.biasPercent)}</td>
                <td>{plainPercent(model.corrected.medianPercent)}</td>
                <td>{plainPercent(model.corrected.p95Percent)}</td>
                <td>{model.correction === 1 ? "as estimated" : `× ${model.correction.toFixed(3)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function plainPercent(value: number): string {
  return `${value.toFixed(1)} %`;
}
