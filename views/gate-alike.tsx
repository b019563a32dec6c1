/** @jsxImportSource hono/jsx */
/** What else asks the same as a card: its head can answer all of them, and names each that it would answer. */
import type { AlikeGate } from "../src/projections/gate-alike.ts";
import type { GateCard } from "../src/projections/view-gates.ts";

/** A line that is there even when it says nothing: another gate that asks the same moves no card. */
export function AlikeView({ card }: { readonly card: Pick<GateCard, "gateId" | "elementId" | "kind" | "alike"> }) {
  const { alike, gateId, elementId, kind } = card;
  if (alike === null) return ["command", "write", "spawn"].includes(kind) ? <p class="alike"></p> : null;
  const { head, others, alone } = alike;
  if (head.gateId !== gateId) return <p class="alike quiet">{`Asks the same as ${nameOf(head)} above.`}</p>;
  const count = `${others.length} more ${others.length === 1 ? "asks" : "ask"} the same`;
  const names = others.map(nameOf).join(", ");
  if (alone !== null) return <p class="alike quiet">{`${count}: ${names}. Each is answered by itself: ${alone}.`}</p>;
  const id = `${elementId}-alike`;
  return (
    <p class="alike">
      <input
        type="checkbox"
        id={id}
        name="alike"
        value={others.map((other) => `${other.gateId}:${other.payloadHash}`).join(" ")}
      />{" "}
      <label for={id}>{`${count}: give ${names} this answer too, one after the other`}</label>
    </p>
  );
}

function nameOf({ gateId, ticketId }: AlikeGate): string {
  return ticketId === null ? gateId : `${gateId} (${ticketId})`;
}
