/** @jsxImportSource hono/jsx */
/** What the providers keep from going on, above the streams that wait for it. */
import type { ModelHold } from "../src/projections/view-holds.ts";
import { visible } from "./format.ts";

export function HoldList({ holds }: { readonly holds: readonly ModelHold[] }) {
  return (
    <>
      {holds.map(({ provider, model, reason }) => (
        <p class="warning" role="note" data-hold={`${provider} ${model}`}>
          {visible(reason)}
        </p>
      ))}
    </>
  );
}
