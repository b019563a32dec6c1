/** @jsxImportSource hono/jsx */
/**
 * Usage tables: tokens of each kind and money, with a total that is the sum of the rows to its last digit. A row opens to the
 * page of its own parts. Figures that the endpoint did not report in full are marked.
 */
import type { ApiUsage, UsageRow } from "../src/projections/usage.ts";
import type { BudgetRow, UsageTable, UsageView } from "../src/projections/view-usage.ts";
import { count, usd, visible } from "./format.ts";
import { TableHead } from "./table-head.tsx";

const columns = ["Input", "Cache read", "Cache write", "Output", "Calls", "Cost"];
const tierNames = { 1: "Orchestrator", 2: "Tech Lead", 3: "Worker", 4: "QA" } as const;
const subjects = { track: "Track", ticket: "Ticket" } as const;

interface TierTableProps {
  readonly usage: Pick<ApiUsage, "byTier" | "total">;
  /** Decimals of money at which all of it is exact. */
  readonly digits: number;
  readonly hrefs?: readonly string[];
}

/** Always four rows, in the order of the tiers, also where nothing was spent. */
export function TierTable({ usage, digits, hrefs }: TierTableProps) {
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={["Tier", ...columns]} />
        <tbody>
          {usage.byTier.map((row) => {
            const href = hrefs?.[row.tier - 1];
            const name = tierNames[row.tier];
            return (
              <tr data-tier={row.tier}>
                <th scope="row">
                  <span class={`tier tier-${row.tier}`}>{row.tier}</span>{" "}
                  {href === undefined ? name : <a href={href}>{name}</a>}
                </th>
                <Figures spend={row} digits={digits} />
              </tr>
            );
          })}
        </tbody>
        <Foot total={usage.total} digits={digits} />
      </table>
    </div>
  );
}

export function UsageTableView({ table, digits }: { readonly table: UsageTable; readonly digits: number }) {
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={[headOf(table), ...columns]} />
        <tbody>
          {table.rows.map((row) => (
            <tr>
              <th scope="row">
                {row.href === null ? visible(row.label) : <a href={row.href}>{visible(row.label)}</a>}
                <SubjectLink part={table.part} href={row.subjectHref} label={row.label} />
              </th>
              <Figures spend={row} digits={digits} />
            </tr>
          ))}
          {table.rest === null ? null : (
            <tr>
              <th scope="row">
                <a href={table.rest.href}>{`${count(table.rest.rowCount)} more`}</a>
              </th>
              <Figures spend={table.rest.spend} digits={digits} />
            </tr>
          )}
        </tbody>
        <Foot total={table.total} digits={digits} />
      </table>
    </div>
  );
}

function headOf(table: UsageTable): string {
  return table.title.replace(/^By (.)/, (_all, first: string) => first.toUpperCase());
}

function SubjectLink(props: {
  readonly part: UsageTable["part"];
  readonly href: string | null;
  readonly label: string;
}) {
  const { part, href, label } = props;
  if (href === null || (part !== "track" && part !== "ticket")) return null;
  return (
    <>
      {" "}
      <a class="quiet to-subject" href={href} aria-label={`open ${subjects[part]} ${visible(label)}`}>
        open
      </a>
    </>
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

function Foot({ total, digits }: { readonly total: UsageRow; readonly digits: number }) {
  return (
    <tfoot>
      <tr>
        <th scope="row">Total</th>
        <Figures spend={total} digits={digits} />
      </tr>
    </tfoot>
  );
}

/** The figures of a row: one cell a column. */
export function Figures({ spend, digits }: { readonly spend: UsageRow; readonly digits: number }) {
  const mark = spend.estimatedCallCount > 0;
  return (
    <>
      <Tokens value={spend.inputTokens} isEstimated={mark} />
      <Tokens value={spend.cacheReadTokens} isEstimated={mark} />
      <Tokens value={spend.cacheWriteTokens} isEstimated={mark} />
      <Tokens value={spend.outputTokens} isEstimated={mark} />
      <td>
        {count(spend.callCount)}
        {mark ? <small class="quiet">{` (${count(spend.estimatedCallCount)} est.)`}</small> : null}
      </td>
      <td class="money">
        <Mark isEstimated={mark} />
        <Money spend={spend} digits={digits} />
      </td>
    </>
  );
}

function Tokens({ value, isEstimated }: { readonly value: number; readonly isEstimated: boolean }) {
  return (
    <td>
      <Mark isEstimated={isEstimated} />
      {count(value)}
    </td>
  );
}

function Mark({ isEstimated }: { readonly isEstimated: boolean }) {
  return isEstimated ? <abbr title="estimated: not all of its calls were reported in full">≈</abbr> : null;
}

/** Money that is not known is said to be unknown; it is never shown as nothing. */
function Money({ spend, digits }: { readonly spend: UsageRow; readonly digits: number }) {
  if (spend.costUsd === null) return <>unpriced</>;
  return (
    <>
      <ExactUsd amount={spend.costUsd} digits={digits} />
      {spend.unpricedCallCount === 0 ? null : (
        <small class="quiet">{` + unpriced ${count(spend.unpricedTokens)} tokens`}</small>
      )}
    </>
  );
}

/** An amount to its last digit, the digits beyond the fourth toned down: the eye reads four, the sum is right to the last. */
export function ExactUsd({ amount, digits }: { readonly amount: number; readonly digits: number }) {
  if (amount === 0) return <>$0</>;
  const text = `$${amount.toFixed(digits)}`;
  const cut = text.length - (digits - 4);
  return (
    <>
      {text.slice(0, cut)}
      {digits === 4 ? null : <span class="fine">{text.slice(cut)}</span>}
    </>
  );
}

/** Which part of the spend is shown, and the way back to the whole. */
export function UsageCrumbs({ view }: { readonly view: Pick<UsageView, "crumbs"> }) {
  return (
    <nav aria-label="Part of the usage" class="row">
      <a href="/usage">All usage</a>
      {view.crumbs.map((crumb) => (
        <>
          <span aria-hidden="true">›</span> <a href={crumb.href}>{visible(crumb.label)}</a>
        </>
      ))}
    </nav>
  );
}

/** What the marks in the tables mean, and where money comes from. */
export function UsageLegend({ total }: { readonly total: UsageRow }) {
  const { callCount, estimatedCallCount, unpricedCallCount, unpricedTokens } = total;
  const reported = callCount - estimatedCallCount;
  return (
    <p class="hint">
      {estimatedCallCount === 0
        ? "Every figure is as the endpoint reported it."
        : `${count(reported)} calls are as the endpoint reported them; ${count(estimatedCallCount)} were cut off or lost before it had said all, so figures with ≈ are what is known of them at least, and limits count all that was held.`}{" "}
      Money is tokens at the <a href="/settings#prices">prices</a>, which are those of the time of each call
      {unpricedCallCount === 0
        ? "."
        : `; ${count(unpricedCallCount)} calls (${count(unpricedTokens)} tokens) are of models without a price.`}{" "}
      Each row opens to its own parts, down to single calls.
    </p>
  );
}
