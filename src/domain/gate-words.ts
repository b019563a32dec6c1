/** What gates show, in plain words: the same on the page, the command line, and in the reasons of new cards. */
import type { SandboxProfile, SpawnBudget } from "./gate.ts";

const writes: Readonly<Record<SandboxProfile["writes"], string>> = {
  worktree: "it can write in the ticket's worktree only",
  anything: "it can write wherever you can",
  nothing: "no command can run on this machine",
};

/** A sandbox in words: its name, where a command may write, the network, how many processes, how much memory. */
export function sandboxWords(sandbox: SandboxProfile): string {
  const name = sandbox.tier === "unsafe" ? "none (--unsafe-no-sandbox)" : sandbox.tier;
  const network = sandbox.network ? "the network is open" : "no network";
  const processes = sandbox.processes === null ? [] : [`at most ${sandbox.processes} processes`];
  const { memoryBytes } = sandbox;
  const memory = memoryBytes === null ? [] : [`${Math.round((memoryBytes / 1024 ** 3) * 10) / 10} GiB of memory`];
  return [name, writes[sandbox.writes], network, ...processes, ...memory].join(", ");
}

const limitNames: Readonly<Record<string, string>> = {
  runUsd: "the run",
  trackUsd: "its track",
  ticketUsd: "the ticket",
  dayUsd: "the day",
  runTokens: "the run",
};

/** What a worker may take, in words. */
export function budgetWords({ maxTurns, maxTokens, limits }: SpawnBudget): string {
  const words = Object.entries(limits).map(([name, limit]) => {
    const amount = name === "runTokens" ? `${limit} tokens` : `$${limit}`;
    return `${amount} for ${limitNames[name] ?? name}`;
  });
  const money = words.length === 0 ? "no limit on money" : `at most ${words.join(", ")}`;
  return `${maxTurns} turns, ${maxTokens} tokens an answer, ${money}`;
}

/** How a file differs between two trees. */
export interface FileChange {
  readonly file: string;
  readonly kind: "added" | "deleted" | "changed" | "mode";
  readonly insertions: number;
  readonly deletions: number;
}

const namedFiles = 5;

/** Files that changed while a card was open, in words; null when none is known to. */
export function fileChangeWords(changes: readonly FileChange[]): string | null {
  if (changes.length === 0) return null;
  const named = changes.slice(0, namedFiles).map(fileWords);
  const rest = changes.length - named.length;
  const more = rest === 0 ? [] : [`and so did ${rest} more ${rest === 1 ? "file" : "files"}`];
  return `${[...named, ...more].join("; ")}.`;
}

function fileWords({ file, kind, insertions, deletions }: FileChange): string {
  const lines = `+${insertions} -${deletions} lines`;
  switch (kind) {
    case "added":
      return `${file} was added since you looked: ${lines}`;
    case "deleted":
      return `${file} was deleted since you looked: ${lines}`;
    case "mode":
      return `${file} changed its mode since you looked`;
    case "changed":
      return `${file} changed since you looked: ${lines}`;
    default:
      return kind satisfies never;
  }
}

/** What is known of a gate that takes no answer any more. */
export interface ClosedGate {
  readonly gateId: string;
  readonly status: string;
  readonly words?: string | undefined;
  readonly supersededBy?: string | undefined;
}

/** Why a gate takes no answer any more; where it was superseded, which one to look at instead, at the end of the line. */
export function closedWords(gate: ClosedGate, gateOf: (gateId: string) => ClosedGate | undefined): string {
  if (gate.status !== "superseded") return `The gate ${gate.gateId} is already ${gate.status}.`;
  let next: ClosedGate | undefined = gate;
  while (next?.supersededBy !== undefined) next = gateOf(next.supersededBy);
  const words = gate.words ? ` ${gate.words}` : "";
  if (next === undefined || next.gateId === gate.gateId)
    return `The gate ${gate.gateId} is superseded.${words} Nothing ran by it.`;
  const state = next.status === "open" ? "" : `, which is ${next.status}`;
  return `The gate ${gate.gateId} is superseded.${words} Look at ${next.gateId} instead${state}; nothing ran.`;
}

/** The first seven characters of a hash. */
export function short(hash: string): string {
  return hash.slice(0, 7);
}
