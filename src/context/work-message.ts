/**
 * A worker's first message: the ticket word for word, then the files that it needs. Two parts, because a person approves both
 * before any token is spent. Nothing of the track, of other tickets or of other agents is in it.
 */
import type { Attempt, Ticket } from "../domain/state.ts";
import { localImports } from "./imports.ts";
import { skeletonOf } from "./skeleton.ts";
import type { SourceReader } from "./source-reader.ts";
import { clipped, fileBlock, matchingPaths, viewBlocks } from "./source-view.ts";

/** What came of an earlier attempt. */
export interface AttemptFailure {
  readonly attempt: number;
  readonly cause: NonNullable<Attempt["failure"]>["cause"];
  readonly reason: string;
  readonly diagnosis: string | null;
}

/** What a worker is told in words. */
export interface WorkerPromptInput {
  readonly ticket: Pick<Ticket, "ticketId" | "title" | "description" | "targetFiles" | "acceptanceCriteria">;
  readonly attempt: number;
  /** Oldest first; the last three are told. */
  readonly failures: readonly AttemptFailure[];
  readonly verifyCommand: string;
}

const toldFailures = 3;
const reasonChars = 1_500;
const rawChars = 100_000;
const skeletonChars = 30_000;

const causeWords: Record<AttemptFailure["cause"], string> = {
  check: "the check failed",
  verdict: "QA found that it does not meet the criteria",
  rework: "the review asked for rework",
  blocked: "the worker reported that it was blocked",
  agent: "the worker stopped before it was done",
  conflict: "its merge conflicted with work that was merged meanwhile",
  declined: "a person declined it",
  interrupted: "it was interrupted",
  merged_check: "the check failed after the merge with work that was merged meanwhile",
};

/** What the worker must do: the ticket word for word, how it is checked, and what earlier attempts ran into. */
export function workerPrompt(input: WorkerPromptInput): string {
  const { ticket } = input;
  return [
    `# Ticket ${ticket.ticketId}: ${ticket.title}`,
    ticket.description,
    `## Acceptance criteria\n\n${list(ticket.acceptanceCriteria) || "None beyond the description."}`,
    `## Target files (the files that you may change or create)\n\n${list(ticket.targetFiles) || "None named: every write is put to a person."}`,
    `## Check\n\n${checkWords(input.verifyCommand)}`,
    failuresSection(input.attempt, input.failures),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** What the worker may read from the start: raw target files, then skeletons of context files and of what the targets import. */
export async function workerContext({
  ticket,
  reader,
}: {
  readonly ticket: Pick<Ticket, "targetFiles" | "contextFiles">;
  readonly reader: SourceReader;
}): Promise<string> {
  const paths = await reader.list();
  const targets = unique(ticket.targetFiles.flatMap((pattern) => matchingPaths(pattern, paths)));
  const sources = await readAll(targets, reader);
  const goModule = /^module\s+(\S+)/m.exec((await reader.read("go.mod")) ?? "")?.[1];
  const project = { paths: new Set(paths), ...(goModule === undefined ? {} : { goModule }) };
  const named = ticket.contextFiles.flatMap((pattern) => matchingPaths(pattern, paths));
  const imported = [...sources].flatMap(([path, source]) => localImports(path, source, project));
  const used = unique([...named, ...imported]).filter((path) => !targets.includes(path));
  const skeletons = await viewBlocks({
    paths: used,
    reader,
    view: "skeleton",
    render: skeletonOf,
    maxChars: skeletonChars,
  });
  const news = ticket.targetFiles.filter((target) => matchingPaths(target, paths).length === 0);
  return [
    targets.length > 0 && `# Target files\n\n${rawBlocks(targets, sources)}`,
    news.length > 0 && `Target files that do not exist yet:\n${list(news)}`,
    skeletons && `# Files that they use (skeletons: bodies are left out)\n\n${skeletons}`,
  ]
    .filter((part) => part)
    .join("\n\n");
}

async function readAll(paths: readonly string[], reader: SourceReader): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  let left = rawChars;
  for (const path of paths) {
    if (left <= 0) break;
    const source = await reader.read(path);
    if (source === null) continue;
    sources.set(path, source);
    left -= source.length;
  }
  return sources;
}

function rawBlocks(targets: readonly string[], sources: ReadonlyMap<string, string>): string {
  const blocks: string[] = [];
  let left = rawChars;
  for (const path of targets) {
    const source = sources.get(path);
    if (source === undefined) blocks.push(`(${path} is not shown; use read)`);
    else if (left <= 0) blocks.push(`(${path} is not shown: the limit of ${rawChars} characters is reached; use read)`);
    else blocks.push(fileBlock(path, "raw", clipped(source, left)));
    left -= source?.length ?? 0;
  }
  return blocks.join("\n");
}

function checkWords(command: string): string {
  if (command.trim() === "") return "No command is set: the acceptance criteria are judged from your diff.";
  return `When you end your turn, the engine runs this in your worktree, and it must exit with 0:\n\n    ${command.replaceAll("\n", "\n    ")}`;
}

function failuresSection(attempt: number, failures: readonly AttemptFailure[]): string {
  if (failures.length === 0) return "";
  const told = failures.slice(-toldFailures).map((failure) => {
    // A failed check's reason ends in its diagnosis; told twice, it would cost every later turn twice.
    const { diagnosis, reason } = failure;
    const words = diagnosis === null || reason.includes(diagnosis) ? [reason] : [diagnosis, reason];
    const text = clipped(words.filter((part) => part.trim()).join(" "), reasonChars);
    return `- Attempt ${failure.attempt}: ${causeWords[failure.cause]}.${text ? ` ${text}` : ""}`;
  });
  return `## Earlier attempts\n\nThis is attempt ${attempt}. What the ones before ran into:\n\n${told.join("\n")}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
