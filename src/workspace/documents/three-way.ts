/**
 * Three texts made one, line by line: what a person started from, what they made of it, and what is on disk by now. Line
 * endings are no difference: every line that is on disk keeps the ending that it has there.
 */
import { createHash } from "node:crypto";
import { diff3Merge, diffComm } from "node-diff3";
import { linesOf, textOf } from "./lines.ts";

/** Lines that both sides have changed, each in its own way. `base` is null where nobody knows what they started from. */
export interface Conflict {
  readonly base: string | null;
  readonly mine: string;
  readonly onDisk: string;
}

/** `text` is the whole; with conflicts, each stands in it between marks. */
export interface Merge {
  readonly text: string;
  readonly conflicts: readonly Conflict[];
}

/** The lines around a conflict. */
export const conflictMarks = { mine: "<<<<<<< yours", between: "=======", onDisk: ">>>>>>> on disk" } as const;

/** The hash that names a text, whatever its line endings. */
export function textHash(text: string): string {
  return createHash("sha256").update(plain(text)).digest("hex");
}

/** Whether a conflict's marks are left in a text. */
export function hasConflictMarks(text: string): boolean {
  return text.split(/\r?\n/).some((line) => line === conflictMarks.mine || line === conflictMarks.onDisk);
}

/**
 * A text between whose marks one side was taken everywhere. A conflict in which more than one line could be the mark between
 * the sides stays as it is, for a person to look at.
 */
export function withSide(text: string, side: "mine" | "onDisk"): string {
  const { mine, between, onDisk } = conflictMarks;
  const block = new RegExp(`^${mine}\\r?\\n([\\s\\S]*?)^${onDisk}(?:\\r?\\n|$)`, "gm");
  return text.replace(block, (whole, inside: string) => {
    const sides = inside.split(new RegExp(`^${between}\\r?\\n`, "m"));
    return sides.length === 2 ? (sides[side === "mine" ? 0 : 1] ?? "") : whole;
  });
}

/** Both changes in one text. Without a `base` every difference is a conflict: nobody knows who made it. */
export function mergeTexts(base: string | null, mine: string, onDisk: string): Merge {
  const pieces = base === null ? differences(mine, onDisk) : changes(base, mine, onDisk);
  const lines = pieces.flatMap((piece) => ("ok" in piece ? piece.ok : marked(piece)));
  const conflicts = pieces.flatMap((piece) => ("ok" in piece ? [] : [conflictOf(piece)]));
  return { text: withEndings(lines.join("\n"), onDisk), conflicts };
}

interface Clash {
  readonly base: readonly string[] | null;
  readonly mine: readonly string[];
  readonly onDisk: readonly string[];
}

type Piece = { readonly ok: readonly string[] } | Clash;

function changes(base: string, mine: string, onDisk: string): Piece[] {
  const merged = diff3Merge(split(mine), split(base), split(onDisk), { excludeFalseConflicts: true });
  return merged.map(({ ok, conflict }) =>
    conflict ? { base: conflict.o, mine: conflict.a, onDisk: conflict.b } : { ok: ok ?? [] },
  );
}

function differences(mine: string, onDisk: string): Piece[] {
  return diffComm(split(mine), split(onDisk)).map((part) =>
    part.common ? { ok: part.common } : { base: null, mine: part.buffer1, onDisk: part.buffer2 },
  );
}

function marked({ mine, onDisk }: Clash): readonly string[] {
  return [conflictMarks.mine, ...mine, conflictMarks.between, ...onDisk, conflictMarks.onDisk];
}

function conflictOf({ base, mine, onDisk }: Clash): Conflict {
  return { base: base?.join("\n") ?? null, mine: mine.join("\n"), onDisk: onDisk.join("\n") };
}

/** A last line that has an ending gives an empty line more: so a missing one is a difference like any other. */
function split(text: string): string[] {
  return plain(text).split("\n");
}

function plain(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** The text with each line's ending as the line has it in `model`; a line that is new there gets the first one's. */
export function withEndings(text: string, model: string): string {
  const wanted = linesOf(plain(text));
  const known = linesOf(model);
  const usual = known[0]?.ending || "\n";
  if (known.every(({ ending }) => ending === "" || ending === usual)) return asEnding(wanted, () => usual);
  const endings = diffComm(bodies(known), bodies(wanted)).flatMap((part, at, parts) => {
    if (!part.common) return part.buffer2.map(() => usual);
    const start = parts.slice(0, at).reduce((sum, one) => sum + (one.common ?? one.buffer1).length, 0);
    return part.common.map((_, offset) => known[start + offset]?.ending || usual);
  });
  return asEnding(wanted, (at) => endings[at] ?? usual);
}

function asEnding(lines: ReturnType<typeof linesOf>, endingOf: (at: number) => string): string {
  return textOf(lines.map((line, at) => (line.ending === "" ? line : { ...line, ending: endingOf(at) })));
}

function bodies(lines: ReturnType<typeof linesOf>): string[] {
  return lines.map(({ body }) => body);
}
