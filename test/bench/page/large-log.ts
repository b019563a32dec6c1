/**
 * Writes a long log of finished work: what a project has after months. The facts are those of a real run of a worker that
 * reads and runs commands; only their texts are short.
 */
import type { Fact } from "../../../src/domain/event.ts";
import { streamId } from "../../../src/domain/stream-id.ts";
import { EventLog } from "../../../src/log/event-log.ts";

export interface LargeLog {
  readonly trackCount: number;
  readonly ticketsPerTrack: number;
  /** How many events each ticket has from its creation to its end; at least 20. */
  readonly eventsPerTicket: number;
}

const epicId = "E-001";
const sha = "a".repeat(40);
const batchSize = 2_000;

/** Appends the log's events to the log at `path`, after those that it has. Gives how many it holds then. */
export function writeLargeLog(path: string, large: LargeLog): number {
  const log = EventLog.open(path);
  try {
    for (const event of log.replay()) void event;
    let batch: Fact[] = [];
    let second = Date.parse("2026-01-05T08:00:00.000Z") / 1000;
    const flush = (): void => {
      if (batch.length > 0) log.append(batch, new Date(second * 1000).toISOString());
      batch = [];
      second += 60;
    };
    for (const fact of factsOf(large)) {
      batch.push(fact);
      if (batch.length >= batchSize) flush();
    }
    flush();
    return log.position;
  } finally {
    log.close();
  }
}

function* factsOf({ trackCount, ticketsPerTrack, eventsPerTicket }: LargeLog): Generator<Fact> {
  // Whoever opens the log must find nothing to do in it.
  yield { type: "engine.paused", by: "bench" };
  const trackIds = Array.from({ length: trackCount }, (_, index) => `part_${index + 1}_20260105`);
  yield { type: "epic.created", epicId, goal: "Months of work.", isStarting: false };
  yield { type: "epic.planned", epicId, trackIds };
  let ticket = 0;
  for (const [index, trackId] of trackIds.entries()) {
    yield trackCreated(trackId, index);
    yield { type: "track.started", trackId };
    yield { type: "track.prepared", trackId, branch: `signalbox/${trackId}/track`, baseCommit: sha };
    const ids = Array.from({ length: ticketsPerTrack }, (_, at) => ticketName(ticket + at + 1));
    ticket += ticketsPerTrack;
    for (const [at, ticketId] of ids.entries())
      yield ticketCreated(ticketId, trackId, ids.slice(Math.max(0, at - 1), at));
    for (const ticketId of ids) yield* workOn(ticketId, trackId, eventsPerTicket);
    yield { type: "track.completed", trackId, commit: sha };
    yield { type: "track.landed", trackId, branch: "main", commit: sha };
  }
}

function ticketName(number: number): string {
  return `T-${String(number).padStart(3, "0")}`;
}

function trackCreated(trackId: string, index: number): Fact {
  return {
    type: "track.created",
    trackId,
    epicId,
    key: trackId,
    title: `Part ${index + 1}`,
    goal: "One part of the work.",
    acceptanceCriteria: ["It works."],
    modules: ["src"],
    dependsOn: [],
    kind: "feature",
  };
}

function ticketCreated(ticketId: string, trackId: string, dependsOn: string[]): Fact {
  return {
    type: "ticket.created",
    ticketId,
    trackId,
    key: ticketId,
    title: `Do piece ${ticketId}`,
    description: "A piece of the part.",
    targetFiles: [`src/${ticketId}.ts`],
    contextFiles: [],
    dependsOn,
    acceptanceCriteria: ["The tests pass."],
    phase: "Phase 1: Work",
    priority: "medium",
    isStepMode: false,
  };
}

/** The events of one ticket after its creation: one attempt whose turns read or run a command, a green check, a merge. */
function* workOn(ticketId: string, trackId: string, eventCount: number): Generator<Fact> {
  const ref = { ticketId, trackId, attempt: 1 };
  const agentId = `A-${ticketId}`;
  const owner = { agentId, trackId, ticketId };
  const stream = streamId("worker", ticketId);
  yield { type: "attempt.started", ...ref, model: "bench", provider: "default", isFresh: true };
  const prompt = `${ticketId}: do this piece.`;
  const branch = `signalbox/${trackId}/${ticketId}`;
  yield { type: "attempt.prepared", ...ref, worktree: ticketId, branch, baseCommit: sha, prompt, context: "" };
  yield {
    type: "agent.started",
    agentId,
    role: "worker",
    purpose: "work",
    streamId: stream,
    ...ref,
    model: "bench",
    provider: "default",
    maxTokens: 16_000,
    system: "You are a worker.",
    message: [prompt],
  };
  const closing = 8;
  const turns = Math.max(1, Math.floor((eventCount - 4 - closing) / 4));
  for (let turn = 1; turn <= turns; turn++) yield* commandTurn(owner, stream, turn);
  yield { type: "agent.ended", agentId, text: "Done." };
  yield { type: "attempt.finished", ...ref, text: "Done." };
  yield { type: "check.started", ...ref, subject: "ticket", command: "bun test" };
  yield checkPassed(ref, "ticket");
  yield { type: "merge.started", ...ref, trackCommit: sha, ticketCommit: sha };
  yield checkPassed(ref, "merged");
  yield { type: "merge.completed", ...ref, commit: sha, treeHash: sha };
  yield { type: "ticket.completed", ticketId, trackId, commit: sha };
}

interface Owner {
  readonly agentId: string;
  readonly trackId: string;
  readonly ticketId: string;
}

function* commandTurn(owner: Owner, stream: string, turn: number): Generator<Fact> {
  const { agentId } = owner;
  const call = { callId: `${agentId}/${turn}`, agentId, streamId: stream, turn };
  const toolCallId = `${agentId}/${turn}/0`;
  yield {
    type: "call.started",
    ...call,
    tries: 1,
    model: "bench",
    provider: "default",
    messages: [{ role: "user", content: [{ type: "text", text: `Turn ${turn}. ${"Some context. ".repeat(8)}` }] }],
    tools: ["read", "write", "bash"],
    reservedInputTokens: 1_000,
    reservedOutputTokens: 16_000,
    reservedUsd: 0.01,
  };
  yield {
    type: "call.settled",
    ...call,
    content: [{ type: "text", text: `Now the command of turn ${turn}. ${"A thought. ".repeat(8)}` }],
    stopReason: "tool_use",
    usage: { inputTokens: 200, outputTokens: 60, cacheReadTokens: 800, cacheWriteTokens: 100 },
    costUsd: 0.0012,
    durationMs: 900,
    firstByteMs: 200,
  };
  const command = { toolCallId, ...owner, command: "bun test", cwd: ".", timeoutMs: 60_000 };
  yield { type: "command.started", ...command, allowedBy: "rule: bun test", isEdited: false };
  const output = "4 pass\n0 fail\n".repeat(8);
  yield { type: "command.completed", toolCallId, ...owner, exitCode: 0, isTimedOut: false, durationMs: 400, output };
}

function checkPassed(ref: { ticketId: string; trackId: string; attempt: number }, subject: "ticket" | "merged"): Fact {
  return {
    type: "check.completed",
    ...ref,
    subject,
    command: "bun test",
    exitCode: 0,
    isTimedOut: false,
    durationMs: 1_000,
    treeHash: sha,
    commit: sha,
    output: "4 pass\n0 fail\n",
    diff:
      subject === "merged"
        ? ""
        : `--- a/src/${ref.ticketId}.ts\n+++ b/src/${ref.ticketId}.ts\n@@ -1 +1 @@\n-old\n+new\n`,
  };
}
