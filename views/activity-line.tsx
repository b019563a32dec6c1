/** @jsxImportSource hono/jsx */
/** What all agents do now, in one line. */
import type { ActivityCount } from "../src/projections/activity-count.ts";

export function ActivityLine({ counts }: { readonly counts: readonly ActivityCount[] }) {
  if (counts.length === 0) return <p class="quiet">No agent is at work.</p>;
  return (
    <p class="activity-line">
      {counts.map(({ kind, words, count }) => (
        <span class={`activity-${kind}`}>{`${count} ${words}`}</span>
      ))}
    </p>
  );
}
