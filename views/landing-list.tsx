/** @jsxImportSource hono/jsx */
/** The tracks that landed last. */
import type { Landed } from "../src/projections/view-landings.ts";
import { visible } from "./format.ts";
import { Since } from "./wait-list.tsx";

export function LandingList({ landings }: { readonly landings: readonly Landed[] }) {
  if (landings.length === 0) return <p class="quiet">Nothing has landed yet.</p>;
  return (
    <ul class="landings">
      {landings.map((landing) => (
        <li>
          <a class="one-line" href={`/tracks/${encodeURIComponent(landing.trackId)}`}>
            {visible(landing.title)}
          </a>
          <span class="quiet">
            {visible(landing.branch)} <code>{landing.commit.slice(0, 7)}</code>
          </span>
          <Since at={landing.at} />
        </li>
      ))}
    </ul>
  );
}
