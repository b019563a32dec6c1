/** Builders for the busy sample project: each makes the facts of one thing, with fields that no page test depends on. */
import type { Fact } from "../../src/domain/event.ts";
import { type GateKind, type Json, payloadHash } from "../../src/domain/gate.ts";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { type Role, streamId } from "../../src/domain/stream-id.ts";

const at = "2026-11-23T14:05:12.000Z";

/** A diff of a change and a new file. */
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

export function track(trackId: string, title: string, goal: string, dependsOn: string[] = []): Fact {
  return {
    type: "track.created",
    trackId,
    epicId: "E-001",
    key: trackId,
    title,
    goal,
    acceptanceCriteria: ["1h30m is 5400 seconds", "An unknown unit is an error that names it"],
    modules: ["src"],
    dependsOn,
    kind: "feature",
  };
}

export function ticket(ticketId: string, trackId: string, title: string, dependsOn: string[]): Fact {
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

/** Which attempt at which ticket. */
export type Ref = { readonly ticketId: string; readonly trackId: string; readonly attempt: number };

export function attempt(ref: Ref, model: string): Fact[] {
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

export function check(ref: Ref, exitCode: number, output: string): Fact {
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

export function gate(gateId: string, kind: GateKind, owner: Owner, reason: string, payload: Json): Fact {
  return { type: "gate.opened", gateId, kind, ...owner, reason, payload, payloadHash: payloadHash(payload) };
}

export function call(
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

export function stream(
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
