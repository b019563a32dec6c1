/** Whether a replay came to the files that its recording came to. */
import type { EventOf } from "../../domain/event.ts";
import type { CassetteLine } from "../../simulator/cassette.ts";
import { withoutDay } from "../../simulator/volatile.ts";

/** The first track whose last tree is not the recorded one, in words; null when all are. */
export function treeDifference(
  lines: readonly CassetteLine[],
  merges: readonly EventOf<"merge.completed">[],
): string | null {
  const recorded = new Map<string, string>();
  for (const line of lines) if (line.type === "merged") recorded.set(withoutDay(line.track), line.tree);
  const present = new Map<string, string>();
  for (const { trackId, treeHash } of merges) present.set(withoutDay(trackId), treeHash);
  for (const [track, tree] of recorded) {
    const now = present.get(track);
    if (now === tree) continue;
    return now === undefined
      ? `The recording merged work into ${track}, and this replay did not.`
      : `The replay of ${track} ends with other files (tree ${now.slice(0, 12)}) than the recording (tree ${tree.slice(0, 12)}).`;
  }
  return null;
}
