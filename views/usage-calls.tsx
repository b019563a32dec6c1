/** @jsxImportSource hono/jsx */
/** Single calls with what each took: the smallest parts that a total has. */
import type { ScopedCalls } from "../src/projections/usage-calls.ts";
import { clock, count, visible } from "./format.ts";
import { TableHead } from "./table-head.tsx";
import { Figures } from "./usage-table.tsx";

const purposes = {
  tracks: "plans tracks",
  tickets: "plans tickets",
  work: "works",
  diagnosis: "diagnoses",
  verdict: "gives a verdict",
  review: "reviews",
} as const;

const heads = ["Call", "Input", "Cache read", "Cache write", "Output", "Calls", "Cost"];

/** `calls` is null where there are too many to read one by one. */
export function UsageCalls({ calls, digits }: { readonly calls: ScopedCalls | null; readonly digits: number }) {
  if (calls === null)
    return <p class="hint">Too many agents took part to list their calls: open a track, a ticket or an attempt.</p>;
  if (calls.calls.length === 0) return <p class="quiet">No call yet.</p>;
  return (
    <div class="scroll">
      <table class="figures">
        <TableHead names={heads} />
        <tbody>
          {calls.calls.map((call) => (
            <tr>
              <th scope="row">
                <time datetime={call.at}>{clock(call.at)}</time>{" "}
                <a href={`/comms?${new URLSearchParams({ stream: call.streamId })}`}>{visible(call.streamId)}</a>{" "}
                <span class="quiet">
                  {`turn ${call.turn}, ${purposes[call.purpose]}, ${visible(call.model)}`}
                  {call.isFailed ? ", failed" : ""}
                </span>
              </th>
              <Figures spend={call.spend} digits={digits} />
            </tr>
          ))}
          {calls.rest === null ? null : (
            <tr>
              <th scope="row">{`${count(calls.rest.rowCount)} earlier calls`}</th>
              <Figures spend={calls.rest.spend} digits={digits} />
            </tr>
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <Figures spend={calls.total} digits={digits} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
