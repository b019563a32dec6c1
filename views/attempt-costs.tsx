/** @jsxImportSource hono/jsx */
/** What a ticket has taken, by attempt, with the sum: every figure is a sum of the same parts as on the usage page. */
import type { AttemptCost, TicketDetail } from "../src/projections/view-ticket.ts";
import { count, usd } from "./format.ts";
import { TableHead } from "./table-head.tsx";

const names = ["Attempt", "Turns", "Calls", "Input", "Cache read", "Cache write", "Output", "Cost"];

export function AttemptCosts({ costs, totalCost }: Pick<TicketDetail, "costs" | "totalCost">) {
  if (costs.length === 0) return <p class="quiet">It has cost nothing yet.</p>;
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={names} />
        <tbody>
          {costs.map((cost) => (
            <Row name={cost.attempt === null ? "Of no attempt" : `Attempt ${cost.attempt}`} cost={cost} />
          ))}
        </tbody>
        <tfoot>
          <Row name="Sum" cost={totalCost} />
        </tfoot>
      </table>
    </div>
  );
}

function Row({ name, cost }: { readonly name: string; readonly cost: AttemptCost }) {
  const { turnCount, callCount, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = cost;
  const figures = [turnCount, callCount, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens];
  const unpriced = cost.costUsd !== null && cost.unpricedCallCount > 0 ? " + unpriced" : "";
  return (
    <tr>
      <th scope="row">{name}</th>
      {figures.map((figure) => (
        <td>{count(figure)}</td>
      ))}
      <td>{cost.costUsd === null ? "unpriced" : `${usd(cost.costUsd)}${unpriced}`}</td>
    </tr>
  );
}
