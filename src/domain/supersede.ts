/**
 * What was approved against what is so at the moment of execution: where they differ, nothing runs, the gate is superseded,
 * and a new one says what changed. Fields that a log of before does not have are not compared.
 */
import { openGate } from "./decision.ts";
import type { Fact } from "./event.ts";
import { canonicalJson, type GateKind, type GatePayload, gatePayloads, type Json } from "./gate.ts";
import { budgetWords, sandboxWords, short } from "./gate-words.ts";
import { idSource } from "./ids.ts";
import type { Gate, State, Ticket } from "./state.ts";

type Shown = Partial<GatePayload<"command">>;

/** What is so now in the place of what was shown: the new card's payload, and in words what changed. */
interface Replacement {
  readonly payload: unknown;
  readonly reason: string;
}

/** The facts that a gate is superseded, by a new one where there is something to show. */
export function supersedeGate(state: State, gate: Gate, reason: string, payload?: unknown): Fact[] {
  const { gateId, kind } = gate;
  if (payload === undefined) return [{ type: "gate.superseded", gateId, kind, reason }];
  const { epicId, trackId, ticketId, streamId, agentId, toolCallId } = gate;
  const owner = { epicId, trackId, ticketId, streamId, agentId, toolCallId };
  // `openGate` makes plain JSON of whatever it is given.
  const opened = openGate(idSource(state), { kind, reason, payload: payload as Json, ...owner });
  return [{ type: "gate.superseded", gateId, kind, reason, byGateId: opened.gateId }, opened];
}

/** The last gate of a kind that a person approved for a ticket or track. */
export function approvedGate(state: State, kind: GateKind, isMeant: (gate: Gate) => boolean): Gate | undefined {
  return [...state.gates.values()].findLast(
    (gate) => gate.kind === kind && gate.status === "approved" && isMeant(gate),
  );
}

/** What differs in what a command would meet; null when it is what was shown. */
export function commandChange(shown: Shown, now: GatePayload<"command">, treeChange: string | null): string | null {
  const words: string[] = [];
  if (shown.treeHash !== undefined && shown.treeHash !== now.treeHash)
    words.push(treeChange ?? "Files in the worktree changed since you looked.");
  if (shown.sandbox !== undefined && now.sandbox !== undefined && differs(shown.sandbox, now.sandbox))
    words.push(`The sandbox is now: ${sandboxWords(now.sandbox)}. It was: ${sandboxWords(shown.sandbox)}.`);
  if (shown.environment !== undefined && now.environment !== undefined && differs(shown.environment, now.environment))
    words.push(environmentChange(shown.environment, now.environment));
  return words.length === 0 ? null : words.join(" ");
}

function environmentChange(before: readonly string[], after: readonly string[]): string {
  const added = after.filter((name) => !before.includes(name));
  const gone = before.filter((name) => !after.includes(name));
  const parts = [
    ...(added.length > 0 ? [`gets ${added.join(", ")} besides`] : []),
    ...(gone.length > 0 ? [`no longer gets ${gone.join(", ")}`] : []),
  ];
  return `The command ${parts.join(" and ") || "gets its variables in another order"}.`;
}

/** A worker's start whose budget is another one than was shown; null when it may start. */
export function spawnChange(gate: Gate, budget: NonNullable<GatePayload<"spawn">["budget"]>): Replacement | null {
  const shown = gatePayloads.spawn.parse(gate.payload);
  if (shown.budget === undefined || !differs(shown.budget, budget)) return null;
  const reason = `The budget is now: ${budgetWords(budget)}. It was: ${budgetWords(shown.budget)}.`;
  return { payload: { ...shown, budget }, reason };
}

/** A merge whose track, or whose result, is another one than was shown; null when it may go ahead. */
export function mergeChange(
  state: State,
  gate: Gate,
  now: { readonly trackCommit: string; readonly resultTree: string },
): Replacement | null {
  const shown = gatePayloads.merge.parse(gate.payload);
  const { trackCommit, resultTree } = now;
  const payload = { ...shown, trackCommit, resultTree };
  if (shown.trackCommit !== trackCommit) return { payload, reason: movedTrack(state, shown.trackCommit, trackCommit) };
  if (shown.resultTree === undefined || shown.resultTree === resultTree) return null;
  return { payload, reason: `The merge now gives the tree ${short(resultTree)}, not ${short(shown.resultTree)}.` };
}

function movedTrack(state: State, from: string, to: string): string {
  const isCause = ({ stage }: Ticket) => stage.name === "completed" && stage.commit === to;
  const cause = [...state.tickets.values()].find(isCause);
  const why = cause ? `because ${cause.ticketId} was merged` : "by a commit that Signalbox did not make";
  return `The track moved from ${short(from)} to ${short(to)}, ${why}.`;
}

function differs(one: unknown, other: unknown): boolean {
  // Both sides are parsed JSON, whatever their type says.
  return canonicalJson(one as Json) !== canonicalJson(other as Json);
}
