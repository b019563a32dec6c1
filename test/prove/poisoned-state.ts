/** A project in which one text stands wherever a model, a command or a file can bring a text in, on every page. */
import type { Fact } from "../../src/domain/event.ts";
import type { GateKind, Json } from "../../src/domain/gate.ts";
import { streamId } from "../../src/domain/stream-id.ts";
import { FakeEngine } from "../support/fake-engine.ts";

const trackId = "text_20260102";
const ticketId = "T-001";
const worker = { agentId: "A-1", streamId: streamId("worker", ticketId), turn: 1 };
const attempt = { ticketId, trackId, attempt: 1 };
const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** Every page that shows a text of this project. */
const presentPages = [
  "/",
  `/tracks/${trackId}`,
  `/tickets/${ticketId}`,
  `/streams/text?stream=${encodeURIComponent(worker.streamId)}`,
  "/streams",
  "/gates",
  "/usage",
  "/context",
  `/context?agent=${worker.agentId}`,
  "/comms",
  "/events",
  "/settings",
];

/** Those of the present, and some of them as of the log's end: that the past draws the same texts is shown by a few. */
export const poisonedPages: readonly string[] = [
  ...presentPages,
  ...["/", `/tracks/${trackId}`, `/tickets/${ticketId}`, "/gates", "/timeline"].map(
    (path) => `${path}?at=${logLength()}`,
  ),
];

function logLength(): number {
  return poisonedEngine("").log.length;
}

/** The project with the text in it. */
export function poisonedEngine(text: string): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts(text), ...workFacts(text), ...judgeFacts(text), ...gateFacts(text));
  engine.warnings.push(text);
  engine.liveStreams.set(worker.streamId, {
    streamId: worker.streamId,
    role: "worker",
    agentId: worker.agentId,
    epicId: null,
    trackId,
    ticketId,
    status: "waiting",
    reason: text,
    text,
    endOffset: text.length,
    startedAt: "2026-01-02T03:04:05.000Z",
    endedAt: null,
  });
  return engine;
}

function planFacts(text: string): Fact[] {
  return [
    { type: "epic.created", epicId: "E-001", goal: text, isStarting: true },
    { type: "epic.created", epicId: "E-002", goal: text, isStarting: true },
    { type: "epic.blocked", epicId: "E-002", reason: text },
    {
      type: "track.created",
      trackId,
      epicId: "E-001",
      key: "text",
      title: text,
      goal: text,
      acceptanceCriteria: [text],
      modules: [text],
      dependsOn: [],
      kind: "feature",
    },
    { type: "track.started", trackId },
    {
      type: "ticket.created",
      ...{ ticketId, trackId, key: "one", title: text, description: text, verify: text, phase: `Phase ${text}` },
      ...{ targetFiles: [text], contextFiles: [text], dependsOn: [], acceptanceCriteria: [text] },
      ...{ priority: "medium", isStepMode: false },
    },
  ];
}

function workFacts(text: string): Fact[] {
  const call = { ...worker, callId: "C-1" };
  return [
    { type: "attempt.started", ...attempt, model: text, provider: text, isFresh: true },
    {
      type: "attempt.prepared",
      ...{ ...attempt, worktree: text, branch: text, baseCommit: "a".repeat(40), prompt: text, context: text },
    },
    {
      type: "agent.started",
      ...{ agentId: worker.agentId, role: "worker", purpose: "work", streamId: worker.streamId, ...attempt },
      ...{ model: text, provider: text, maxTokens: 1_000, system: text, message: [text] },
    },
    {
      type: "call.started",
      ...{ ...call, tries: 1, model: text, provider: text, messages: [{ role: "user", content: text }], tools: [text] },
      ...{ reservedInputTokens: 1, reservedOutputTokens: 1, reservedUsd: 0.1 },
    },
    {
      type: "call.settled",
      ...{
        ...call,
        content: [{ type: "text", text }],
        stopReason: text,
        usage,
        costUsd: 0.1,
        durationMs: 1,
        firstByteMs: 1,
      },
    },
    {
      type: "call.started",
      ...{ ...worker, turn: 2, callId: "C-2", tries: 1, model: text, provider: text, messages: [], tools: [] },
      ...{ reservedInputTokens: 1, reservedOutputTokens: 1, reservedUsd: 0.1 },
    },
    {
      type: "call.failed",
      ...{ ...worker, turn: 2, callId: "C-2", code: "cut", reason: text, text, usage, costUsd: 0, durationMs: 1 },
    },
    { type: "agent.failed", agentId: worker.agentId, code: "crash", reason: text, stack: text, isRetryable: true },
  ];
}

function judgeFacts(text: string): Fact[] {
  const findings = [{ severity: "low" as const, file: text, line: 7, note: text }];
  const diff = `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a ${text}\n+b ${text}\n`;
  return [
    {
      type: "check.completed",
      ...{ ...attempt, subject: "ticket", command: text, exitCode: 1, isTimedOut: false, durationMs: 1 },
      ...{ treeHash: "b".repeat(40), commit: "c".repeat(40), output: text, diff },
    },
    { type: "diagnosis.recorded", ...attempt, agentId: "A-2", text },
    { type: "verdict.reported", ...attempt, agentId: "A-2", verdict: { verdict: "fail", diagnosis: text, findings } },
    { type: "review.rework_requested", ...attempt, agentId: "A-3", reason: text },
    { type: "attempt.failed", ...attempt, cause: "check", reason: text, isFresh: true, isFinal: true },
    { type: "ticket.blocked", ticketId, trackId, reason: text },
  ];
}

function gateFacts(text: string): Fact[] {
  const ticket = { key: "k", title: text, description: text, target_files: [text], acceptance_criteria: [text] };
  const payloads: readonly (readonly [GateKind, Json])[] = [
    ["command", { command: text, cwd: text }],
    ["spawn", { prompt: text, context: text, model: text }],
    ["write", { path: text, content: text }],
    ["merge", { ticketId, title: text, commit: "e".repeat(40), trackCommit: "a".repeat(40), diff: `+${text}` }],
    ["land", { trackId, title: text, branch: text, fromCommit: "a", toCommit: "b", diffstat: text }],
    ["tickets", { tickets: [ticket] }],
    ["tracks", { tracks: [{ key: "k", title: text, goal: text, acceptance_criteria: [text] }], rationale: text }],
    ["unknown", { command: text, cwd: text }],
  ];
  const opened = payloads.map(
    ([kind, payload], index): Fact => ({
      type: "gate.opened",
      ...{ gateId: `G-${index + 1}`, kind, trackId, ticketId, reason: text, payload, payloadHash: "0".repeat(64) },
    }),
  );
  const asked: Fact = {
    type: "gate.opened",
    ...{
      gateId: "G-90",
      kind: "checkpoint",
      trackId,
      ticketId,
      reason: text,
      payload: {},
      payloadHash: "0".repeat(64),
    },
  };
  const rule: Fact[] = [
    { type: "rule.added", ruleId: "R-001", pattern: text, by: text, gateId: "G-1" },
    {
      type: "command.requested",
      ...worker,
      toolCallId: "A-1/9",
      trackId,
      ticketId,
      command: text,
      cwd: text,
      timeoutMs: 1,
    },
  ];
  return [
    ...opened,
    ...rule,
    asked,
    { type: "gate.declined", gateId: "G-90", kind: "checkpoint", reason: text, by: text },
  ];
}
