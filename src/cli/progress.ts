/** A run as people follow it on a terminal: one calm line for each change of a track, a ticket or a gate. Pure. */
import type { Event } from "../domain/event.ts";
import type { State } from "../domain/state.ts";
import type { Paint } from "./paint.ts";

/** The line of an event, or null when people need not see it. */
export function progressLine(event: Event, state: State, paint: Paint): string | null {
  const words = wordsOf(event, state);
  if (!words) return null;
  const [tone, subject, text] = words;
  return `${paint.dim(event.at.slice(11, 19))} ${mark(tone, paint)} ${paint.bold(subject)} ${oneLine(text)}`;
}

type Tone = "good" | "bad" | "wait" | "plain";
type Words = readonly [tone: Tone, subject: string, text: string];

function wordsOf(event: Event, state: State): Words | null {
  if (event.type.startsWith("epic.") || event.type.startsWith("track.") || event.type.startsWith("landing."))
    return planWords(event, state);
  if (event.type.startsWith("gate.") || event.type.startsWith("budget.") || event.type.startsWith("engine."))
    return gateWords(event);
  return ticketWords(event, state);
}

function planWords(event: Event, state: State): Words | null {
  switch (event.type) {
    case "epic.created":
      return ["plain", event.epicId, `goal: ${event.goal}`];
    case "epic.planned":
      return ["good", event.epicId, `planned: ${event.trackIds.join(", ")}`];
    case "epic.blocked":
      return ["bad", event.epicId, `blocked: ${event.reason}`];
    case "track.created":
      return ["plain", event.trackId, event.title];
    case "track.started":
      return ["plain", event.trackId, `started: ${state.tracks.get(event.trackId)?.title ?? ""}`];
    case "track.blocked":
      return ["bad", event.trackId, `blocked: ${event.reason}`];
    case "track.completed":
      return ["good", event.trackId, `completed at ${event.commit.slice(0, 7)}`];
    case "track.landed":
      return ["good", event.trackId, `landed on ${event.branch} at ${event.commit.slice(0, 7)}`];
    case "landing.refused":
      return ["bad", event.trackId, `not landed: ${event.reason}`];
    default:
      return null;
  }
}

function gateWords(event: Event): Words | null {
  switch (event.type) {
    case "gate.opened":
      return ["wait", event.gateId, `${event.kind} gate: ${event.reason}`];
    case "gate.approved":
      return ["good", event.gateId, `${event.kind} approved${event.isEdited ? ", edited" : ""} (${event.by})`];
    case "gate.declined":
      return ["bad", event.gateId, `${event.kind} declined: ${event.reason} (${event.by})`];
    case "gate.superseded":
      return ["wait", event.gateId, `${event.kind} superseded, nothing ran: ${event.reason}`];
    case "budget.reached":
      return ["wait", "budget", event.reason];
    case "engine.paused":
      return ["wait", "engine", `paused by ${event.by}`];
    case "engine.unpaused":
      return ["plain", "engine", `goes on (${event.by})`];
    default:
      return null;
  }
}

function ticketWords(event: Event, state: State): Words | null {
  switch (event.type) {
    case "ticket.created":
      return ["plain", event.ticketId, event.title];
    case "attempt.started":
      return [
        "plain",
        event.ticketId,
        `attempt ${event.attempt} with ${event.model}: ${titleOf(state, event.ticketId)}`,
      ];
    case "check.completed":
      return checkWords(event);
    case "diagnosis.recorded":
      return ["plain", event.ticketId, `diagnosis: ${event.text}`];
    case "attempt.failed":
      return ["bad", event.ticketId, `attempt ${event.attempt} failed: ${event.reason}`];
    case "ticket.completed":
      return ["good", event.ticketId, `completed: ${titleOf(state, event.ticketId)}`];
    case "ticket.blocked":
      return ["bad", event.ticketId, `blocked: ${event.reason}`];
    case "ticket.skipped":
    case "ticket.cancelled":
      return ["plain", event.ticketId, `${event.type.slice("ticket.".length)}: ${event.reason}`];
    case "agent.failed":
      return ["bad", event.agentId, `failed: ${event.reason}`];
    default:
      return null;
  }
}

function checkWords(event: Event & { type: "check.completed" }): Words {
  const subject = event.subject === "merged" ? "check of the merged tree" : "check";
  if (event.exitCode === 0) return ["good", event.ticketId, `${subject} green`];
  const how = event.isTimedOut ? "timed out" : `red (exit ${event.exitCode})`;
  return ["bad", event.ticketId, `${subject} ${how}`];
}

function titleOf(state: State, ticketId: string): string {
  return state.tickets.get(ticketId)?.title ?? "";
}

function mark(tone: Tone, paint: Paint): string {
  switch (tone) {
    case "good":
      return paint.green("✓");
    case "bad":
      return paint.red("✗");
    case "wait":
      return paint.yellow("?");
    case "plain":
      return paint.dim("·");
    default:
      return tone satisfies never;
  }
}

/** An event as one line of JSON, its place first. */
export function eventJson(event: { readonly position: number; readonly at: string; readonly type: string }): string {
  const { position, at, type, ...rest } = event;
  return JSON.stringify({ position, at, type, ...rest });
}

/** Model text reaches a terminal here: no line breaks, no control characters, bounded. */
export function oneLine(text: string, max = 200): string {
  const clean = Bun.stripANSI(text)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean;
}
