/** What differs between two commits, by plumbing, so that the user's display settings and diff programs have no say. */
import { type FileChange, parseDiff, parseWholeDiff } from "../domain/unified-diff.ts";
import { splitNul } from "./git.ts";
import type { Patch } from "./git-memory.ts";
import type { Place } from "./place.ts";
import { gitAt } from "./private-git.ts";

export interface CommitDiff {
  /** Unified text; its last line says so when it was cut. */
  readonly diff: string;
  readonly isCut: boolean;
  readonly files: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
}

const maxDiffBytes = 200_000;
const plain = ["diff-tree", "-r", "--no-color", "--no-ext-diff", "--no-textconv"];

/** The change from one commit to another; the text is bounded to 200 kB. */
export async function diffCommits(place: Place, from: string, to: string): Promise<CommitDiff> {
  const patch = await patchCommits(place, from, to);
  const rows = (patch.isCut ? null : countLines(parseDiff(patch.text))) ?? (await askNumbers(place, from, to));
  const bytes = Buffer.from(patch.text);
  const isCut = bytes.length > maxDiffBytes;
  return {
    diff: isCut ? markCut(new TextDecoder().decode(bytes.subarray(0, maxDiffBytes))) : patch.text,
    isCut,
    files: rows.map((row) => row.file),
    insertions: rows.reduce((sum, row) => sum + row.insertions, 0),
    deletions: rows.reduce((sum, row) => sum + row.deletions, 0),
  };
}

/** As much of a change as is looked through by rules; what people and models are shown is far less. */
const maxPatchBytes = 8_000_000;
const maxKeptLength = 100_000;

/**
 * The whole change from one commit or tree to another as text, to be read by rules, bounded to 8 MB. It is asked for several
 * times of the same two, by the rules, the reviewers and the merge, and never becomes another.
 */
export async function patchCommits(place: Place, from: string, to: string): Promise<Patch> {
  const key = `${from} ${to}`;
  const known = place.memory.patches.get(key);
  if (known) return known;
  const args = [...plain, "-p", "-M", from, to];
  const { stdout, isCut } = await gitAt(place, args, { maxBytes: maxPatchBytes, isCutting: true });
  const patch = { text: stdout, isCut };
  if (stdout.length <= maxKeptLength) place.memory.patches.set(key, patch);
  return patch;
}

/** The same by file, without renames; null where the text does not say it so: a file under a new name, or of a new type. */
export async function patchWithoutRenames(place: Place, from: string, to: string): Promise<FileChange[] | null> {
  const { text, isCut } = await patchCommits(place, from, to);
  if (isCut) return null;
  const files = parseWholeDiff(text);
  return isByPath(files) ? files : null;
}

function isByPath(files: readonly FileChange[]): boolean {
  return files.every(({ kind }) => kind !== "renamed") && new Set(files.map(({ path }) => path)).size === files.length;
}

function countLines(files: readonly FileChange[]) {
  if (!isByPath(files)) return null;
  return files.map(({ path, hunks }) => {
    const count = (mark: string) =>
      hunks.reduce((sum, hunk) => sum + hunk.filter((line) => line.mark === mark).length, 0);
    return { file: path, insertions: count("+"), deletions: count("-") };
  });
}

async function askNumbers(place: Place, from: string, to: string) {
  const numbers = await gitAt(place, [...plain, "--numstat", "--no-renames", "-z", from, to]);
  return splitNul(numbers.stdout).map(parseNumbers);
}

/** The short table of changed files that people see before a landing. */
export async function diffStat(place: Place, from: string, to: string): Promise<string> {
  const args = [...plain, "--stat=100", "--stat-count=200", "-M", from, to];
  return (await gitAt(place, args)).stdout.trimEnd();
}

/** Files that `to` has and `from` has not. */
export async function addedFiles(place: Place, from: string, to: string): Promise<string[]> {
  const files = await patchWithoutRenames(place, from, to);
  if (files !== null) return files.flatMap(({ path, kind }) => (kind === "added" ? [path] : []));
  return changedFiles(place, from, to, ["--diff-filter=A"]);
}

/** Files that are not the same in both, those that only one has among them. */
export async function changedFiles(
  place: Place,
  from: string,
  to: string,
  filter: readonly string[] = [],
): Promise<string[]> {
  const args = [...plain, "--name-only", "--no-renames", ...filter, "-z", from, to];
  return splitNul((await gitAt(place, args)).stdout);
}

/** A binary file counts as "-" in git's table: no lines. */
function parseNumbers(row: string) {
  const [insertions = "", deletions = "", ...name] = row.split("\t");
  return { insertions: Number(insertions) || 0, deletions: Number(deletions) || 0, file: name.join("\t") };
}

function markCut(text: string): string {
  return `${text.slice(0, text.lastIndexOf("\n") + 1)}[The diff is longer than ${maxDiffBytes / 1000} kB: the rest was cut.]\n`;
}
