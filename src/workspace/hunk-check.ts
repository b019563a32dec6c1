/** Looks after a merge, before it is published, at what it takes out of the track: two git commands at most. */
import { patchWithoutRenames } from "./commit-diff.ts";
import { removalsOf, type TakenLines, takenFrom } from "./lost-hunks.ts";
import { lineChanges, logFormat, parseLog, parsePatch } from "./patch.ts";
import type { Place } from "./place.ts";
import { gitAt } from "./private-git.ts";

const bare = ["-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];

/** With more files than this the whole history is read instead: a command line has a limit. */
const maxPaths = 500;

export interface HunkCheck {
  /** Lines that the merge drops though no change of the ticket removes them. */
  readonly lost: readonly TakenLines[];
  /** Lines of earlier tickets that the ticket's own diff removes. */
  readonly replaced: readonly TakenLines[];
}

/** Compares a merge with the track's tip; `trackBase` is where the track began, null where that is not known. */
export async function checkHunks(
  place: Place,
  merge: {
    readonly trackBase: string | null;
    readonly track: string;
    /** Where the ticket's own line left the track's: none, or several, after histories that git can only guess about. */
    readonly bases: readonly string[];
    readonly ticket: string;
    readonly tree: string;
  },
): Promise<HunkCheck> {
  const nothing = { lost: [], replaced: [] };
  const { trackBase, track, bases, ticket, tree } = merge;
  // Nothing has come into the track yet, so nothing of it can be lost.
  if (track === trackBase) return nothing;
  const owns = await Promise.all((bases.length > 0 ? bases : [track]).map((base) => patch(place, base, ticket)));
  const [own = []] = owns;
  // Where nobody else has merged since the ticket began, the merge is the ticket's own tree: one patch says both.
  const result = bases[0] === track ? own : await patch(place, track, tree);
  // Of several beginnings the one counts from which least was done on purpose.
  const lists = owns.map((patch) => removalsOf(result, patch));
  const removals = lists.toSorted((one, other) => lostCount(other) - lostCount(one))[0] ?? [];
  if (removals.length === 0) return nothing;
  const files = [...new Set(removals.map(({ file }) => file))];
  const history = trackBase === null ? [] : await trackHistory(place, `${trackBase}..${track}`, files);
  return {
    lost: takenFrom(
      removals.filter(({ isOnPurpose }) => !isOnPurpose),
      history,
    ),
    replaced: takenFrom(
      removals.filter(({ isOnPurpose }) => isOnPurpose),
      history,
    ).filter(({ ticketId }) => ticketId !== null),
  };
}

function lostCount(removals: ReturnType<typeof removalsOf>): number {
  return removals.filter(({ isOnPurpose }) => !isOnPurpose).length;
}

/** Where a file has a new name, git is asked for the two files of it. */
async function patch(place: Place, from: string, to: string) {
  const files = await patchWithoutRenames(place, from, to);
  if (files !== null) return lineChanges(files);
  return parsePatch((await gitAt(place, ["diff-tree", "-r", ...bare, from, to])).stdout);
}

/** What each merge has brought to the track, newest first. */
async function trackHistory(place: Place, range: string, files: readonly string[]) {
  const paths = files.length > maxPaths ? [] : files;
  const args = ["log", "--first-parent", "-m", logFormat, ...bare, range, "--", ...paths];
  return parseLog((await gitAt(place, args)).stdout);
}
