/** The events of a run without times and ids, one line each: two runs of the same work have the same lines. */
import { createHash } from "node:crypto";
import type { Event } from "../../src/domain/event.ts";
import { canonicalJson, type Json } from "../../src/domain/gate.ts";
import { normalText, projectFolder } from "../../src/simulator/volatile.ts";

/** Says of a machine and of a start, not of the run. */
const notOfTheRun: ReadonlySet<string> = new Set(["engine.started", "engine.stopped", "settings.applied"]);
/** Times, ids that are counted over all agents, what a machine is like, and hashes over such. */
const volatileFields: ReadonlySet<string> = new Set(
  "position at agentId callId gateId byGateId toolCallId requestId hash payloadHash durationMs firstByteMs retryInMs environment sandbox stack parts reservedInputTokens reservedUsd".split(
    " ",
  ),
);

/** Lines of `subject type digest`; of one subject in their order, which those of others do not share. */
export function runLines(events: readonly Event[], folder: string): string[] {
  const agents = new Map<string, string>();
  for (const event of events) if (event.type === "agent.started") agents.set(event.agentId, event.streamId);
  const streamOf = (event: Event) => ("agentId" in event ? agents.get(event.agentId ?? "") : undefined);
  const lines = events
    .filter(({ type }) => !notOfTheRun.has(type))
    .map((event) => ({
      subject: withoutDay(subjectOf(event) ?? streamOf(event) ?? "run"),
      text: lineOf(event, folder),
    }));
  // Stable: the order within a subject stays.
  return lines
    .toSorted((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0))
    .map(({ subject, text }) => `${subject} ${text}`);
}

/** An event's line: its type, and a digest of the rest. */
function lineOf(event: Event, folder: string): string {
  return `${event.type} ${createHash("sha256").update(normalEvent(event, folder)).digest("hex").slice(0, 10)}`;
}

/** What a digest is made of, for the one who asks why two lines differ. */
export function normalEvent(event: Event, folder: string): string {
  return canonicalJson(stripped(JSON.parse(JSON.stringify(event)), folder));
}

function stripped(value: Json, folder: string): Json {
  if (typeof value === "string")
    return normalText(value.replaceAll(folder, projectFolder)).text.replace(/\b[ACG]-\d{4,}\b/g, "‹id›");
  if (Array.isArray(value)) return value.map((item) => stripped(item, folder));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !volatileFields.has(key))
      .map(([key, item]) => [key, key === "by" ? String(item).replace(/^recorded: /, "") : stripped(item, folder)]),
  );
}

function subjectOf(event: Event): string | undefined {
  if ("streamId" in event && event.streamId) return event.streamId;
  if ("ticketId" in event && event.ticketId) return event.ticketId;
  return "trackId" in event ? event.trackId : undefined;
}

function withoutDay(subject: string): string {
  return subject.replace(/_\d{8}$/, "");
}
