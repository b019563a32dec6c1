/** Keeps what is thrown away: every commit that would lose its last name gets one under `refs/signalbox/trash`. */
import { moveRef } from "./history.ts";
import { trashRefs } from "./names.ts";
import type { Place } from "./place.ts";
import { gitAt } from "./private-git.ts";

/** Names a commit in the ticket's trash, once; gives the ref. Call it in the ticket's turn. */
export async function keepInTrash(place: Place, ticketId: string, commit: string): Promise<string> {
  const folder = trashRefs(ticketId);
  const args = ["for-each-ref", "--format=%(objectname) %(refname)", `${folder}/`];
  const kept = (await gitAt(place, args)).stdout.split("\n").filter((line) => line !== "");
  const same = kept.find((line) => line.startsWith(`${commit} `));
  if (same !== undefined) return same.slice(commit.length + 1);
  const numbers = kept.map((line) => Number(line.slice(line.lastIndexOf("/") + 1)) || 0);
  const ref = `${folder}/${Math.max(0, ...numbers) + 1}`;
  await moveRef(place, ref, commit, null);
  return ref;
}
