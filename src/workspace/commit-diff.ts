/** What differs between two commits, by plumbing, so that the user's display settings and diff programs have no say. */
import { splitNul } from "./git.ts";
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
  const [patch, numbers] = await Promise.all([
    gitAt(place, [...plain, "-p", "-M", from, to], { maxBytes: maxDiffBytes, isCutting: true }),
    gitAt(place, [...plain, "--numstat", "--no-renames", "-z", from, to]),
  ]);
  const rows = splitNul(numbers.stdout).map(parseNumbers);
  return {
    diff: patch.isCut ? markCut(patch.stdout) : patch.stdout,
    isCut: patch.isCut,
    files: rows.map((row) => row.file),
    insertions: rows.reduce((sum, row) => sum + row.insertions, 0),
    deletions: rows.reduce((sum, row) => sum + row.deletions, 0),
  };
}

/** As much of a change as is looked through by rules; what people and models are shown is far less. */
const maxPatchBytes = 8_000_000;

/** The whole change from one commit to another as text, to be read by rules, bounded to 8 MB. */
export async function patchCommits(
  place: Place,
  from: string,
  to: string,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const args = [...plain, "-p", "-M", from, to];
  const { stdout, isCut } = await gitAt(place, args, { maxBytes: maxPatchBytes, isCutting: true });
  return { text: stdout, isCut };
}

/** The short table of changed files that people see before a landing. */
export async function diffStat(place: Place, from: string, to: string): Promise<string> {
  const args = [...plain, "--stat=100", "--stat-count=200", "-M", from, to];
  return (await gitAt(place, args)).stdout.trimEnd();
}

/** Files that `to` has and `from` has not. */
export function addedFiles(place: Place, from: string, to: string): Promise<string[]> {
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
