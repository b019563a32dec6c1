/** Steps of a run as the engine reports them, so that a test can say "work on T-001, red check" in a line. */
import type { Command } from "../../src/domain/command.ts";
import { plainJson } from "../../src/domain/decision.ts";
import type { GateKind, Surroundings } from "../../src/domain/gate.ts";
import type { Gate } from "../../src/domain/state.ts";
import { type Role, streamId } from "../../src/domain/stream-id.ts";
import { known, type Story } from "../support/given.ts";

type Begin = Extract<Command, { type: "begin_agent" }>;

/** Starts an agent; gives its id. */
export function begin(story: Story, role: Role, subjectId: string, fields: Partial<Begin> & Pick<Begin, "purpose">) {
  story.do({
    type: "begin_agent",
    role,
    streamId: streamId(role, subjectId),
    model: "test-model",
    provider: "default",
    maxTokens: 1000,
    system: "You are an agent.",
    message: ["Begin."],
    ...fields,
  });
  return story.last("agent.started").agentId;
}

export function beginOrchestrator(story: Story, epicId = "E-001"): string {
  return begin(story, "orchestrator", epicId, { purpose: "tracks", epicId });
}

export function beginTechLead(story: Story, trackId: string): string {
  return begin(story, "tech_lead", trackId, { purpose: "tickets", trackId });
}

/** What a command meets unless a test says otherwise. */
export const surroundings: Surroundings = {
  environment: ["HOME", "PATH"],
  sandbox: { tier: "bubblewrap", network: false, writes: "worktree", processes: 512, memoryBytes: 2_147_483_648 },
  treeHash: "tree",
};

/** The engine shows a command that was asked for. */
export function offer(story: Story, toolCallId: string, changes: Partial<Surroundings> = {}): Story {
  return story.do({ type: "offer_command", toolCallId, surroundings: { ...surroundings, ...changes } });
}

/** The intent to run a command that meets what was shown. */
export function beginOf(toolCallId: string, changes: Partial<Surroundings> = {}, treeChange: string | null = null) {
  return {
    type: "begin_command",
    toolCallId,
    surroundings: { ...surroundings, ...changes },
    treeChange,
  } as const;
}

let toolCallCount = 0;

/** An agent calls a tool that the main loop decides, and is asked about if it must be; gives the tool call's id. */
export function callTool(story: Story, agentId: string, name: string, input: unknown): string {
  toolCallCount += 1;
  const toolCallId = `${agentId}/1/${toolCallCount}`;
  story.do({ type: "request_tool", agentId, toolCallId, name, input: plainJson(input) });
  if (story.state.toolCalls.get(toolCallId)?.status === "requested") offer(story, toolCallId);
  return toolCallId;
}

/** The one open gate of a kind. */
export function openGate(story: Story, kind: GateKind): Gate {
  const open = [...story.state.gates.values()].filter((gate) => gate.kind === kind && gate.status === "open");
  if (open.length > 1) throw new Error(`${open.length} gates of the kind ${kind} are open.`);
  return known(open[0], `open gate of the kind ${kind}`);
}

/** Approves the one open gate of a kind, as it is or edited. */
export function approve(story: Story, kind: GateKind, payload?: unknown): Story {
  const { gateId, payloadHash } = openGate(story, kind);
  const edited = payload === undefined ? {} : { payload: plainJson(payload) };
  return story.do({ type: "approve_gate", gateId, payloadHash, by: "person", ...edited });
}

export function decline(story: Story, kind: GateKind, reason = "I do not like it."): Story {
  const { gateId, payloadHash } = openGate(story, kind);
  return story.do({ type: "decline_gate", gateId, payloadHash, reason, by: "person" });
}

/** Prepares a ticket's attempt that the rules have started. */
export function prepare(story: Story, ticketId: string): Story {
  const attempt = known(story.ticket(ticketId).attempts.at(-1), `attempt at ${ticketId}`).attempt;
  return story.do({
    type: "record_prepared_attempt",
    ticketId,
    attempt,
    worktree: `worktrees/${ticketId}`,
    branch: `signalbox/${ticketId}`,
    baseCommit: "base",
    prompt: `Do ${ticketId}.`,
    context: "The files.",
  });
}

/** Begins the worker of a prepared attempt; gives its agent's id. */
export function beginWorker(story: Story, ticketId: string): string {
  const { trackId, stage, attempts } = story.ticket(ticketId);
  const model = stage.name === "spawning" ? stage.model : "test-model";
  return begin(story, "worker", ticketId, { purpose: "work", trackId, ticketId, attempt: attempts.length, model });
}

/** Prepares an attempt, approves its start if that is asked, and begins its worker. */
export function work(story: Story, ticketId: string): string {
  prepare(story, ticketId);
  const stage = story.ticket(ticketId).stage;
  if (story.effects().every((effect) => effect !== `begin_worker ${ticketId}`) && stage.name === "spawning")
    approve(story, "spawn");
  return beginWorker(story, ticketId);
}

/** A worker works on a ticket and ends its turn: the check is next. */
export function finish(story: Story, ticketId: string): Story {
  return story.do({ type: "end_agent", agentId: work(story, ticketId), text: "Done." });
}

/** The engine's own check has run. */
export function check(
  story: Story,
  ticketId: string,
  exitCode: number,
  subject: "ticket" | "merged" = "ticket",
  isTimedOut = false,
): Story {
  return story.do(
    { type: "begin_check", ticketId, subject, command: "bun test" },
    {
      type: "record_check",
      ticketId,
      subject,
      command: "bun test",
      exitCode,
      isTimedOut,
      durationMs: 5,
      treeHash: "tree",
      commit: "ticket-commit",
      output: exitCode === 0 ? "1 pass" : "1 fail",
      diff: "",
    },
  );
}

export function beginQa(story: Story, ticketId: string, purpose: "diagnosis" | "verdict"): string {
  const { trackId, attempts } = story.ticket(ticketId);
  return begin(story, "qa", ticketId, { purpose, trackId, ticketId, attempt: attempts.length });
}

/** Tier 4 says why the check is red. */
export function diagnose(story: Story, ticketId: string, text = "The greeting lacks a comma."): Story {
  return story.do({ type: "end_agent", agentId: beginQa(story, ticketId, "diagnosis"), text });
}

/** A whole attempt that ends in a red check. */
export function failOnce(story: Story, ticketId: string): Story {
  finish(story, ticketId);
  check(story, ticketId, 1);
  return diagnose(story, ticketId);
}

/** The merge of a queued ticket: begun, checked as merged, published. */
export function merge(story: Story, ticketId: string): Story {
  story.do({ type: "begin_merge", ticketId, trackCommit: "base", ticketCommit: "ticket-commit", resultTree: "tree" });
  check(story, ticketId, 0, "merged");
  return story.do({ type: "record_merge", ticketId, commit: `merge-of-${ticketId}`, treeHash: "tree" });
}

/** A whole ticket without judges: worked on, green, merged. */
export function complete(story: Story, ticketId: string): Story {
  finish(story, ticketId);
  check(story, ticketId, 0);
  return merge(story, ticketId);
}
