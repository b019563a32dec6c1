/** @jsxImportSource hono/jsx */
/** What a gate's payload says besides what is drawn of it: sandbox, variables, files, budget, result. */
import type { GateFact } from "../src/projections/gate-facts.ts";
import { visible } from "./format.ts";

export function GateFacts({ facts }: { readonly facts: readonly GateFact[] }) {
  if (facts.length === 0) return null;
  return (
    <dl class="facts">
      {facts.map(({ name, text }) => (
        <>
          <dt>{name}</dt>
          <dd>{visible(text)}</dd>
        </>
      ))}
    </dl>
  );
}
