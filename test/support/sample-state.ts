/** A busy project for the pages: two tracks, tickets in every status, gates of most kinds, live and ended streams. */
import type { Fact } from "../../src/domain/event.ts";
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import { type Role, streamId } from "../../src/domain/stream-id.ts";
import type { LiveStream } from "../../src/engine/engine-api.ts";
import { FakeEngine } from "./fake-engine.ts";

const trackA = "duration_parsing_20261123";
const trackB = "cli_output_20261123";
const at = "2026-11-23T14:05:12.000Z";

export const sampleDiff = `diff --git a/src/parse-duration.ts b/src/parse-duration.ts
index 1c2d3e4..5f6a7b8 100644
--- a/src/parse-duration.ts
+++ b/src/parse-duration.ts
@@ -1,6 +1,11 @@
 const units = { s: 1, m: 60, h: 3600 };
 
-export function parseDuration(text: string): number {
-  return Number.parseInt(text, 10);
+/** Seconds in a text such as "1h30m". */
+export function parseDuration(text: string): number {
+  let seconds = 0;
+  for (const [, amount, unit] of text.matchAll(/(\\d+)([smh])/g)) {
+    seconds += Number(amount) * (units[unit as keyof typeof units] ?? 0);
+  }
+  return seconds;
 }
diff --git a/test/parse-duration.test.ts b/test/parse-duration.test.ts
new file mode 100644
--- /dev/null
+++ b/test/parse-duration.test.ts
@@ -0,0 +1,5 @@
+import { expect, test } from "bun:test";
+import { parseDuration } from "../src/parse-duration.ts";
+
+test("reads hours and minutes", () => expect(parseDuration("1h30m")).toBe(5400));
`;

/** An engine whose state holds everything that a page can show. */
export function sampleEngine(): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts(), ...callFacts(), ...finishedTicket(), ...runningTickets(), ...gateFacts());
  engine.warnings.push("Commands run unconfined (--unsafe-no-sandbox).");
  for (const stream of sampleStreams()) engine.liveStreams.set(stream.streamId, stream);
  return engine;
}

function planFacts(): Fact[] {
  return [
    {
      type: "epic.created",
      epicId: "E-001",
      goal: "Durations like 1h30m can be given everywhere, and are printed the same way.",
      isStarting: true,
    },
    track(trackA, "Parse durations", "Texts such as 1h30m become seconds, with clear errors."),
    track(trackB, "Print durations in the CLI", "The command line prints seconds as people write them."),
    {
      ...track("docs_20261123", "Document durations", "The manual says what is accepted."),
      dependsOn: [trackA],
    } as Fact,
    { type: "epic.planned", epicId: "E-001", trackIds: [trackA, trackB, "docs_20261123"] },
    { type: "epic.created", epicId: "E-002", goal: "Make the start of the program twice as fast.", isStarting: true },
    { type: "track.started", trackId: trackA },
    { type: "track.started", trackId: trackB },
    { type: "track.prepared", trackId: trackA, branch: `signalbox/${trackA}/track`, baseCommit: "a".repeat(40) },
    ticket("T-001", trackA, "Parse one unit", []),
    ticket("T-002", trackA, "Parse several units", ["T-001"]),
    ticket("T-003", trackA, "Name the wrong character in errors", ["T-001"]),
    ticket("T-004", trackA, "Refuse negative durations", ["T-002", "T-003"]),
    ticket("T-005", trackA, "Export the parser", ["T-004"]),
    ticket("T-006", trackB, "Format seconds", []),
    ticket("T-007", trackB, "Use the format in list", ["T-006"]),
    ticket("T-008", trackB, "Column widths for long durations", []),
    { type: "budget.raised", limit: "runUsd", scopeId: "run", to: 5, gateId: "G-000" },
  ];
}

function finishedTicket(): Fact[] {
  const ref = { ticketId: "T-001", trackId: trackA, attempt: 1 };
  const second = { ...ref, attempt: 2 };
  return [
    ...attempt(ref, "claude-haiku-5-5"),
    check(ref, 1, "error: expect(received).toBe(expected)\n\nExpected: 90\nReceived: 1\n\n 3 pass\n 1 fail\n"),
    {
      type: "diagnosis.recorded",
      ...ref,
      agentId: "A-qa",
      text: "parseDuration ignores the unit: parseInt stops at 'm'. Multiply by the unit's seconds.",
    },
    {
      type: "attempt.failed",
      ...ref,
      cause: "check",
      reason: "The check ended with exit code 1.",
      isFresh: false,
      isFinal: false,
    },
    ...attempt(second, "claude-sonnet-5-5"),
    check(second, 0, " 4 pass\n 0 fail\nRan 4 tests across 1 file.\n"),
    {
      type: "verdict.reported",
      ...second,
      agentId: "A-qa",
      verdict: {
        verdict: "pass",
        diagnosis: "All criteria are met by tests.",
        findings: [{ severity: "low", file: "src/parse-duration.ts", line: 7, note: "An unknown unit counts as 0." }],
      },
    },
    { type: "review.accepted", ...second, agentId: "A-lead" },
    { type: "merge.started", ...second, trackCommit: "a".repeat(40), ticketCommit: "b".repeat(40) },
    { type: "merge.completed", ...second, commit: "c0ffee1".padEnd(40, "0"), treeHash: "d".repeat(40) },
    { type: "ticket.completed", ticketId: "T-001", trackId: trackA, commit: "c0ffee1".padEnd(40, "0") },
  ];
}

function runningTickets(): Fact[] {
  const two = { ticketId: "T-002", trackId: trackA, attempt: 1 };
  const three = { ticketId: "T-003", trackId: trackA, attempt: 1 };
  const six = { ticketId: "T-006", trackId: trackB, attempt: 1 };
  return [
    ...attempt(two, "claude-haiku-5-5"),
    { type: "attempt.started", ...three, model: "claude-haiku-5-5", provider: "default", isFresh: true },
    {
      type: "attempt.prepared",
      ...three,
      worktree: "w",
      branch: "b",
      baseCommit: "a".repeat(40),
      prompt: "T-003",
      context: "",
    },
    ...attempt(six, "claude-haiku-5-5"),
    check(six, 0, " 2 pass\n 0 fail\n"),
    {
      type: "ticket.blocked",
      ticketId: "T-008",
      trackId: trackB,
      reason: "The model refused to go on: the target file does not exist and the ticket does not say to make it.",
    },
  ];
}

function gateFacts(): Fact[] {
  return [
    gate("G-001", "tickets", { trackId: trackB }, "The level is manual.", {
      tickets: [
        {
          key: "format",
          title: "Format seconds",
          description: "Write formatSeconds.",
          target_files: ["src/format.ts"],
          acceptance_criteria: ["5400 prints 1h30m"],
        },
        {
          key: "list",
          title: "Use it in list",
          description: "Use formatSeconds.",
          target_files: ["src/list.ts"],
          depends_on: ["format"],
          acceptance_criteria: ["list prints 1h30m", "Columns line up"],
        },
      ],
    }),
    gate(
      "G-002",
      "command",
      { trackId: trackA, ticketId: "T-002", streamId: streamId("worker", "T-002") },
      "No rule allows this command.",
      {
        command: "bun test test/parse-duration.test.ts --bail",
        cwd: ".signalbox/worktrees/T-002",
      },
    ),
    gate("G-003", "merge", { trackId: trackB, ticketId: "T-006" }, "The level is manual.", {
      ticketId: "T-006",
      title: "Format seconds",
      commit: "e".repeat(40),
      trackCommit: "a".repeat(40),
      diff: sampleDiff,
    }),
    gate(
      "G-004",
      "spawn",
      { trackId: trackA, ticketId: "T-003", streamId: streamId("worker", "T-003") },
      "The level is manual.",
      {
        prompt:
          "You are a worker. Do exactly this ticket.\n\nT-003: Name the wrong character in errors\n\nAcceptance criteria:\n- The error names the character and its place.",
        context: "src/parse-duration.ts\n".repeat(40),
        model: "claude-haiku-5-5",
      },
    ),
    gate("G-005", "write", { trackId: trackA }, "The file is outside the ticket's target files.", {
      path: "src/units.ts",
      content: "export const units = { s: 1, m: 60, h: 3600 } as const;\n",
    }),
    gate("G-006", "land", { trackId: trackB }, "Your branch is only touched by an approved landing.", {
      trackId: trackB,
      title: "Print durations in the CLI",
      branch: "main",
      fromCommit: "a".repeat(40),
      toCommit: "f".repeat(40),
      diffstat:
        " src/format.ts | 22 ++++++++++++++++++++++\n src/list.ts   |  4 ++--\n 2 files changed, 24 insertions(+), 2 deletions(-)",
    }),
  ];
}

function callFacts(): Fact[] {
  return [
    ...call("orchestrator", "E-001", {}, "claude-opus-5-5", 0.412, 18_220, 940),
    ...call("tech_lead", trackA, { trackId: trackA }, "claude-sonnet-5-5", 0.186, 22_410, 2_120),
    ...call(
      "worker",
      "T-001",
      { trackId: trackA, ticketId: "T-001", attempt: 2 },
      "claude-sonnet-5-5",
      0.094,
      41_000,
      3_020,
    ),
    ...call("worker", "T-006", { trackId: trackB, ticketId: "T-006", attempt: 1 }, "local-model", null, 12_000, 800),
    ...call("qa", "T-001", { trackId: trackA, ticketId: "T-001", attempt: 1 }, "claude-haiku-5-5", 0.0018, 1_210, 44),
  ];
}

function sampleStreams(): LiveStream[] {
  const code =
    "I read the test first.\n⏺ read src/parse-duration.ts\n  12 lines\n\nThe pattern must match every unit, so I use matchAll and add up.\n⏺ edit src/parse-duration.ts\n  1 place\n";
  return [
    stream(
      "orchestrator",
      "E-001",
      null,
      null,
      "done",
      null,
      "Three tracks: the parser has no dependency, the printer neither, the manual waits for the parser.\n⏺ propose_tracks (3)\n",
    ),
    stream(
      "orchestrator",
      "E-002",
      null,
      null,
      "running",
      null,
      "Looking at how the program starts.\n⏺ glob src/**/*.ts\n  41 files\n",
    ),
    stream(
      "tech_lead",
      trackA,
      trackA,
      null,
      "running",
      null,
      "The parser splits into units, errors and limits.\n⏺ skeleton src/parse-duration.ts\n",
    ),
    stream("tech_lead", trackB, trackB, null, "waiting", "its proposal waits for you", "⏺ propose_tickets (2)\n"),
    stream("worker", "T-001", trackA, "T-001", "done", null, code),
    stream(
      "worker",
      "T-002",
      trackA,
      "T-002",
      "waiting",
      "wants to run a command",
      `${code.repeat(4)}⏺ bash bun test test/parse-duration.test.ts --bail\n`,
    ),
    stream("worker", "T-006", trackB, "T-006", "done", null, code),
    stream("worker", "T-008", trackB, "T-008", "failed", "the model refused to go on", "I cannot find the file.\n"),
    stream("qa", "T-001", trackA, "T-001", "done", null, "parseDuration ignores the unit: parseInt stops at 'm'.\n"),
  ];
}

function track(trackId: string, title: string, goal: string): Fact {
  return {
    type: "track.created",
    trackId,
    epicId: "E-001",
    key: trackId,
    title,
    goal,
    acceptanceCriteria: ["1h30m is 5400 seconds", "An unknown unit is an error that names it"],
    modules: ["src"],
    dependsOn: [],
    kind: "feature",
  };
}

function ticket(ticketId: string, trackId: string, title: string, dependsOn: string[]): Fact {
  return {
    type: "ticket.created",
    ticketId,
    trackId,
    key: ticketId,
    title,
    description: `${title}.\nKeep the function pure, and test each rule.`,
    targetFiles: [`src/${ticketId.toLowerCase()}.ts`],
    contextFiles: [],
    dependsOn,
    acceptanceCriteria: ["The tests pass", "Errors are sentences"],
    phase: dependsOn.length > 1 ? "Phase 2: Limits" : "Phase 1: Reading",
    priority: ticketId === "T-002" ? "high" : "medium",
    isStepMode: false,
  };
}

type Ref = { readonly ticketId: string; readonly trackId: string; readonly attempt: number };

function attempt(ref: Ref, model: string): Fact[] {
  const agentId = `A-${ref.ticketId}-${ref.attempt}`;
  return [
    { type: "attempt.started", ...ref, model, provider: "default", isFresh: true },
    {
      type: "attempt.prepared",
      ...ref,
      worktree: `.signalbox/worktrees/${ref.ticketId}`,
      branch: `signalbox/${ref.trackId}/${ref.ticketId}`,
      baseCommit: "a".repeat(40),
      prompt: `${ref.ticketId}: do exactly this ticket.`,
      context: "",
    },
    {
      type: "agent.started",
      agentId,
      role: "worker",
      purpose: "work",
      streamId: streamId("worker", ref.ticketId),
      ...ref,
      model,
      provider: "default",
      maxTokens: 16_000,
      system: "You are a worker.",
      message: [`${ref.ticketId}: do exactly this ticket.`],
    },
    {
      type: "command.started",
      toolCallId: `${agentId}/1/0`,
      agentId,
      trackId: ref.trackId,
      ticketId: ref.ticketId,
      command: "bun test",
      cwd: ".",
      timeoutMs: 60_000,
      allowedBy: "rule: bun test *",
      isEdited: false,
    },
    {
      type: "command.completed",
      toolCallId: `${agentId}/1/0`,
      agentId,
      trackId: ref.trackId,
      ticketId: ref.ticketId,
      exitCode: 0,
      isTimedOut: false,
      durationMs: 412,
      output: "\u001b[32m 4 pass\u001b[0m\n",
    },
  ];
}

function check(ref: Ref, exitCode: number, output: string): Fact {
  return {
    type: "check.completed",
    ...ref,
    subject: "ticket",
    command: "bun test",
    exitCode,
    isTimedOut: false,
    durationMs: 1_840,
    treeHash: "d".repeat(40),
    commit: "b".repeat(40),
    output,
    diff: sampleDiff,
  };
}

type Owner = {
  readonly trackId?: string;
  readonly ticketId?: string;
  readonly streamId?: string;
  readonly attempt?: number;
};

function gate(gateId: string, kind: GateKind, owner: Owner, reason: string, payload: Json): Fact {
  return { type: "gate.opened", gateId, kind, ...owner, reason, payload, payloadHash: payloadHash(payload) };
}

function call(
  role: Role,
  subject: string,
  owner: Owner,
  model: string,
  costUsd: number | null,
  input: number,
  output: number,
): Fact[] {
  const agentId = `A-${role}-${subject}`;
  const ref = { callId: `C-${role}-${subject}`, agentId, streamId: streamId(role, subject), turn: 1 };
  return [
    {
      type: "agent.started",
      agentId,
      role,
      purpose: role === "worker" ? "work" : "tracks",
      streamId: ref.streamId,
      ...owner,
      model,
      provider: "default",
      maxTokens: 16_000,
      system: "You are the agent of a tier. ".repeat(80),
      message: ["The map of the files.\n".repeat(60), "The goal."],
    },
    {
      type: "call.started",
      ...ref,
      tries: 1,
      model,
      provider: "default",
      messages: [{ role: "user", content: [{ type: "text", text: "The goal." }] }],
      tools: ["read", "glob", "grep"],
      reservedInputTokens: input,
      reservedOutputTokens: 16_000,
      reservedUsd: null,
    },
    {
      type: "call.settled",
      ...ref,
      content: [{ type: "text", text: "Done." }],
      stopReason: "end_turn",
      usage: { inputTokens: input, outputTokens: output, cacheReadTokens: input * 2, cacheWriteTokens: 2_048 },
      costUsd,
      durationMs: 8_400,
      firstByteMs: 610,
    },
    { type: "agent.ended", agentId, text: "Done." },
  ];
}

function stream(
  role: Role,
  subject: string,
  trackId: string | null,
  ticketId: string | null,
  status: LiveStream["status"],
  reason: string | null,
  text: string,
): LiveStream {
  const endedAt = status === "done" || status === "failed" ? at : null;
  return {
    streamId: streamId(role, subject),
    role,
    agentId: `A-${role}-${subject}`,
    epicId: null,
    trackId,
    ticketId,
    status,
    reason,
    text,
    endOffset: text.length,
    startedAt: at,
    endedAt,
  };
}
