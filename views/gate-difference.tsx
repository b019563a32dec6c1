/** @jsxImportSource hono/jsx */
/** What a person changed in a payload before answering: word by word, beside what it means for the answer. */
import type { PlaceDifference } from "../src/projections/payload-difference.ts";
import type { GateCard } from "../src/projections/view-gates.ts";
import { exact } from "./format.ts";
import { DraftButton } from "./gate-editor.tsx";

interface DifferenceProps {
  readonly card: Pick<GateCard, "gateId">;
  readonly places: readonly PlaceDifference[];
  /** Why this edit cannot be approved; null when it can. */
  readonly fault: string | null;
}

/** Empty where nothing was changed. */
export function DifferenceView({ card, places, fault }: DifferenceProps) {
  if (places.length === 0 && fault === null) return null;
  return (
    <div class="difference">
      <p class={fault === null ? "edited" : "error"}>
        {fault === null ? "Edited: what is approved is the payload with these changes." : exact(fault)}
      </p>
      {places.length === 0 ? null : (
        <dl class="changes">
          {places.map(({ place, parts }) => (
            <>
              <dt>{exact(place)}</dt>
              <dd>
                {parts.map(({ kind, text }) => {
                  if (kind === "same") return <span>{exact(text)}</span>;
                  return kind === "added" ? <ins>{exact(text)}</ins> : <del>{exact(text)}</del>;
                })}
              </dd>
            </>
          ))}
        </dl>
      )}
      <DraftButton card={card} query="by=reset">
        Take the changes back
      </DraftButton>
    </div>
  );
}
