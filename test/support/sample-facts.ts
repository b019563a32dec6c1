/** A small story as facts: one epic, one track, two tickets, a gate, and one settled call of each tier. */
import type { Fact } from "../../src/domain/event.ts";
import { type Json, payloadHash } from "../../src/domain/gate.ts";
import type { Role } from "../../src/domain/stream-id.ts";
import { streamId } from "../../src/domain/stream-id.ts";

export const trackId = "greeting_20260102";

export const commandPayload: Json = { command: "bun test", cwd: "/tmp/sample/worktree" };
export const commandHash = payloadHash(commandPayload);

/** An epic with a started track of two tickets; the second needs the first. */
export function planFacts(): Fact[] {
  return [
    { type: "epic.created", epicId: "E-001", goal: "Greet people", isStarting: true },
    {
      type: "track.created",
      trackId,
      epicId: "E-001",
      key: "greeting",
      title: "Greeting",
      goal: "Say hello",
      acceptanceCriteria: ["It says hello"],
      modules: ["src"],
      dependsOn: [],
      kind: "feature",
    },
    { type: "track.started", trackId },
    ticketFact("T-001", []),
    ticketFact("T-002", ["T-001"]),
  ];
}

export function ticketFact(ticketId: string, dependsOn: string[]): Fact {
  return {
    type: "ticket.created",
    ticketId,
    trackId,
    key: ticketId.toLowerCase(),
    title: `Title of ${ticketId}`,
    description: "Write it.",
    targetFiles: [`src/${ticketId}.ts`],
    contextFiles: [],
    dependsOn,
    acceptanceCriteria: ["It works"],
    phase: "Phase 1: All",
    priority: "medium",
    isStepMode: false,
  };
}

export function gateFact(gateId = "G-001"): Fact {
  return {
    type: "gate.opened",
    gateId,
    kind: "command",
    trackId,
    ticketId: "T-001",
    streamId: streamId("worker", "T-001"),
    reason: "No rule allows this command.",
    payload: commandPayload,
    payloadHash: commandHash,
  };
}

interface CallSample {
  readonly role: Role;
  readonly agentId: string;
  readonly callId: string;
  readonly costUsd?: number | null;
  readonly inputTokens?: number;
  readonly model?: string;
}

/** An agent of a role with one call that was answered. */
export function callFacts(sample: CallSample): Fact[] {
  const { role, agentId, callId, costUsd = 0.01, inputTokens = 100, model = "model-a" } = sample;
  const stream = streamId(role, role === "orchestrator" ? "E-001" : role === "tech_lead" ? trackId : "T-001");
  const call = { callId, agentId, streamId: stream, turn: 1 };
  const isOfTicket = role === "worker" || role === "qa";
  return [
    {
      type: "agent.started",
      agentId,
      role,
      purpose:
        role === "orchestrator"
          ? "tracks"
          : role === "tech_lead"
            ? "tickets"
            : isOfTicket && role === "qa"
              ? "diagnosis"
              : "work",
      streamId: stream,
      ...(role === "orchestrator" && { epicId: "E-001" }),
      ...(role !== "orchestrator" && { trackId }),
      ...(isOfTicket && { ticketId: "T-001", attempt: 1 }),
      model,
      provider: "default",
      maxTokens: 1000,
      system: "You work.",
      message: ["Do it."],
    },
    {
      type: "call.started",
      ...call,
      tries: 1,
      model,
      provider: "default",
      messages: [{ role: "user", content: "Do it." }],
      tools: ["read"],
      reservedInputTokens: 100,
      reservedOutputTokens: 1000,
      reservedUsd: costUsd,
    },
    {
      type: "call.settled",
      ...call,
      content: [{ type: "text", text: "Done." }],
      stopReason: "end_turn",
      usage: { inputTokens, outputTokens: 20, cacheReadTokens: 5, cacheWriteTokens: 7 },
      costUsd,
      durationMs: 1200,
      firstByteMs: 300,
    },
  ];
}
