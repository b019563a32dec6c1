/**
 * Whether a merge keeps what earlier tickets of the track have added. A line that the merge takes out of a file was replaced
 * on purpose when the ticket's own diff takes it out; any other is lost. Pure: reads patches, runs nothing.
 */
import type { LineChange, LoggedChange } from "./patch.ts";

/** Lines of an earlier ticket that a merge takes out of a file. */
export interface TakenLines {
  /** Null where they are not from a ticket of this track. */
  readonly ticketId: string | null;
  readonly file: string;
  readonly lines: readonly string[];
}

/** What a merge takes out of the track's files. */
export interface Removal {
  readonly file: string;
  readonly line: string;
  /** Whether the ticket's own diff takes this line out. */
  readonly isOnPurpose: boolean;
}

/**
 * The lines that are in the track and not in the merge, from the two patches without context: track to merge, and the
 * ticket's own (from the commit that it began at). A line that only changed its place in a file is in both, so it is none.
 */
export function removalsOf(merge: readonly LineChange[], ticket: readonly LineChange[]): Removal[] {
  const files = new Set(merge.map(({ file }) => file));
  const moved = count(merge.flatMap(({ removed, added }) => surplus(added, removed)));
  // A file that the track has under another name: the ticket's changes to it arrive there.
  const elsewhere = count(ticket.filter(({ file }) => !files.has(file)).flatMap(({ removed }) => removed));
  return merge.flatMap((change) => {
    const own = count(ticket.filter(({ file }) => file === change.file).flatMap(({ removed }) => removed));
    return surplus(change.removed, change.added).flatMap((line): Removal[] => {
      if (take(own, line)) return [{ file: change.file, line, isOnPurpose: true }];
      if (change.isDeleted && take(moved, line)) return [];
      return [{ file: change.file, line, isOnPurpose: take(elsewhere, line) }];
    });
  });
}

/** Says of each removed line which ticket added it: the last commit on the track's own line, newest first, that did. */
export function takenFrom(removals: readonly Removal[], history: readonly LoggedChange[]): TakenLines[] {
  const added = history.map(({ subject, changes }) => ({
    ticketId: /^Merge (\S+): /.exec(subject)?.[1] ?? null,
    files: new Map(changes.map((change) => [change.file, new Set(surplus(change.added, change.removed))])),
  }));
  const taken = new Map<string, { ticketId: string | null; file: string; lines: string[] }>();
  for (const { file, line } of removals) {
    const ticketId = added.find(({ files }) => files.get(file)?.has(line))?.ticketId ?? null;
    const key = `${ticketId ?? ""}\0${file}`;
    const entry = taken.get(key) ?? { ticketId, file, lines: [] };
    entry.lines.push(line);
    taken.set(key, entry);
  }
  return [...taken.values()];
}

/** The items of `some` that `others` does not hold as often. */
function surplus(some: readonly string[], others: readonly string[]): string[] {
  const counts = count(others);
  return some.filter((item) => !take(counts, item));
}

function count(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function take(counts: Map<string, number>, item: string): boolean {
  const left = counts.get(item) ?? 0;
  if (left > 0) counts.set(item, left - 1);
  return left > 0;
}
