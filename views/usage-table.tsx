/** @jsxImportSource hono/jsx */
/** Usage tables: tokens of each kind and money, with a total that is the sum of the rows. */
import type { ApiUsage, UsageRow } from "../src/projections/usage.ts";
import type { BudgetRow, UsageTable } from "../src/projections/view-usage.ts";
import { count, usd, visible } from "./format.ts";
import { TableHead } from "./table-head.tsx";

const columns = ["Input", "Cache read", "Cache write", "Output", "Calls", "Cost"];
const tierNames = { 1: "Orchestrator", 2: "Tech Lead", 3: "Worker", 4: "QA" } as const;

/** Always four rows, in the order of the tiers, also where nothing was spent. */
export function TierTable({ usage }: { readonly usage: Pick<ApiUsage, "byTier" | "total"> }) {
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={["Tier", ...columns]} />
        <tbody>
          {usage.byTier.map((row) => (
            <tr data-tier={row.tier}>
              <th scope="row">
                <span class={`tier tier-${row.tier}`}>{row.tier}</span> {tierNames[row.tier]}
              </th>
              <Figures spend={row} />
            </tr>
          ))}
        </tbody>
        <Foot total={usage.total} />
      </table>
    </div>
  );
}

export function UsageTableView({ table }: { readonly table: UsageTable }) {
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={[table.title.replace(/^By (.)/, (_all, first: string) => first.toUpperCase()), ...columns]} />
        <tbody>
          {table.rows.map((row) => (
            <tr>
              <th scope="row">
                {row.href === null ? visible(row.label) : <a href={row.href}>{visible(row.label)}</a>}
              </th>
              <Figures spend={row} />
            </tr>
          ))}
        </tbody>
        <Foot total={table.total} />
      </table>
    </div>
  );
}

/** Limits in force, each with a meter; words say what the meter shows. */
export function BudgetView({ rows }: { readonly rows: readonly BudgetRow[] }) {
  if (rows.length === 0) return <p class="hint">No budget is set: nothing stops the spending but you.</p>;
  return (
    <div class="budget">
      {rows.map((row) => {
        const show = row.isMoney ? usd : count;
        const share = row.limit === 0 ? 1 : Math.min(1, row.spent / row.limit);
        return (
          <p>
            <span>{`${show(row.spent)} of ${show(row.limit)} ${row.label}`}</span>
            <meter
              min={0}
              max={1}
              low={0.5}
              high={0.8}
              optimum={0}
              value={share}
              aria-label={`Spent of the limit: ${row.label}`}
            ></meter>
          </p>
        );
      })}
    </div>
  );
}

function Foot({ total }: { readonly total: UsageRow }) {
  return (
    <tfoot>
      <tr>
        <th scope="row">Total</th>
        <Figures spend={total} />
      </tr>
    </tfoot>
  );
}

function Figures({ spend }: { readonly spend: UsageRow }) {
  return (
    <>
      <td>{count(spend.inputTokens)}</td>
      <td>{count(spend.cacheReadTokens)}</td>
      <td>{count(spend.cacheWriteTokens)}</td>
      <td>{count(spend.outputTokens)}</td>
      <td>{count(spend.callCount)}</td>
      <td class="money">
        <Money spend={spend} />
      </td>
    </>
  );
}

/** Money that is not known is said to be unknown; it is never shown as nothing. */
function Money({ spend }: { readonly spend: UsageRow }) {
  if (spend.costUsd === null) return <>unpriced</>;
  if (spend.unpricedCallCount === 0) return <>{usd(spend.costUsd)}</>;
  return (
    <>
      {usd(spend.costUsd)} <small class="quiet">{`+ ${spend.unpricedCallCount} unpriced`}</small>
    </>
  );
}
