/** Every event as one sentence for people; what it is about stands beside it, and the whole of it below. */
import type { Event, EventOf, FactType } from "../domain/event.ts";
import { oneLine } from "./one-line.ts";

/** The longest sentence, in characters; the event stands whole below it. */
const longest = 240;

type Words = { readonly [T in FactType]: (event: EventOf<T>) => string };

/** What happened, in one sentence. */
export function eventWords(event: Event): string {
  // The table's entry for a type takes the event of that type; TypeScript cannot tie the two together.
  const words = table[event.type] as (event: Event) => string;
  return oneLine(words(event), longest);
}

const table: Words = {
  "engine.started": (event) =>
    `The engine ${event.version} started${event.hasRecovered ? " and goes on after a crash" : ""}.`,
  "engine.stopped": (event) => `The engine stopped: ${event.reason}.`,
  "engine.paused": (event) => `Paused by ${event.by}.`,
  "engine.unpaused": (event) => `Goes on (${event.by}).`,
  "settings.applied": settingsWords,
  "run.started": (event) => `A run began over ${event.epicId ?? list(event.trackIds, "no track yet")}.`,
  "budget.raised": (event) => `The limit ${event.limit} is ${event.to} now (${event.gateId}).`,
  "budget.reached": (event) => event.reason,
  "estimate.recorded": (event) => `Expected to take ${rangeWords(event)}, from ${event.basis}.`,
  "epic.created": (event) => `${event.epicId}: ${event.goal}`,
  "epic.planned": (event) => `${event.epicId} is planned: ${list(event.trackIds, "no track")}.`,
  "epic.blocked": (event) => `${event.epicId} is blocked: ${event.reason}`,
  "proposal.refused": (event) => `A proposal broke a rule (try ${event.tries}): ${event.faults.join("; ")}`,
  "tracks.proposed": (event) => `Proposed ${plural(event.tracks.length, "track")}.`,
  "tickets.proposed": (event) => `Proposed ${plural(event.tickets.length, "ticket")}.`,
  "track.created": (event) => `The track "${event.title}" was made.`,
  "track.started": (event) => `The track ${event.trackId} started.`,
  "track.prepared": (event) => `Its branch is ${event.branch}, from ${short(event.baseCommit)}.`,
  "track.blocked": (event) => `The track is blocked: ${event.reason}`,
  "track.completed": (event) => `The track is completed at ${short(event.commit)}.`,
  "landing.prepared": (event) => `${short(event.toCommit)} is ready to land on ${event.branch}.`,
  "landing.requested": (event) => `Landing was asked for by ${event.by}.`,
  "landing.refused": (event) => `Not landed: ${event.reason}`,
  "landing.declined": (event) => `Landing was declined: ${event.reason}`,
  "track.landed": (event) => `Landed on ${event.branch} at ${short(event.commit)}.`,
  "checkpoint.recorded": (event) => `The phase "${event.phase}" is verified (${event.by}).`,
  "ticket.created": (event) => `The ticket "${event.title}" was made.`,
  "ticket.moved": (event) =>
    event.beforeTicketId === null ? "Moved to the end." : `Moved before ${event.beforeTicketId}.`,
  "ticket.edited": (event) => `Edited: ${list(Object.keys(event.changes), "nothing")}.`,
  "ticket.blocked": (event) => `Blocked: ${event.reason}`,
  "ticket.reopened": (event) => `To be done again (${event.by}).`,
  "ticket.skipped": (event) => `Skipped: ${event.reason}`,
  "ticket.cancelled": (event) => `Cancelled: ${event.reason}`,
  "ticket.completed": (event) => `Completed as ${short(event.commit)}.`,
  "attempt.started": (event) => `Attempt ${event.attempt} began with ${event.model}.`,
  "attempt.prepared": (event) => `Attempt ${event.attempt} has its worktree, at ${short(event.baseCommit)}.`,
  "attempt.finished": (event) => `Attempt ${event.attempt} says that it is done.`,
  "attempt.failed": (event) => `Attempt ${event.attempt} failed (${event.cause.replace("_", " ")}): ${event.reason}`,
  "check.started": (event) => `The check of the ${event.subject} tree began: ${event.command}`,
  "check.completed": (event) =>
    `The check of the ${event.subject} tree ${event.isTimedOut ? "ran out of time" : `ended with ${event.exitCode}`} after ${seconds(event.durationMs)}.`,
  "diagnosis.recorded": (event) => `Diagnosis: ${event.text}`,
  "verdict.reported": (event) => `Verdict: ${event.verdict.verdict}. ${event.verdict.diagnosis}`,
  "review.accepted": (event) => `The tech lead accepted attempt ${event.attempt}.`,
  "review.rework_requested": (event) => `The tech lead asks for rework: ${event.reason}`,
  "merge.started": (event) => `Merging ${short(event.ticketCommit)} into the track at ${short(event.trackCommit)}.`,
  "merge.outdated": (event) =>
    `Not merged: the ticket is at ${short(event.ticketCommit)}, and what was checked is ${short(event.checkedCommit)}.`,
  "merge.conflicted": (event) => `Conflict in ${list(event.files, "no file that git names")}.`,
  "merge.abandoned": () => "A merge that was begun was not made.",
  "merge.completed": (event) => `Merged into the track as ${short(event.commit)}.`,
  "agent.started": (event) => `${event.streamId} started with ${event.model}, for ${event.purpose}.`,
  "agent.prompted": (event) => `Asked on, for ${event.purpose}.`,
  "agent.ended": (event) => `Ended: ${event.text}`,
  "agent.failed": (event) => `Failed (${event.code}): ${event.reason}`,
  "call.started": (event) => `${event.streamId} calls ${event.model}, turn ${event.turn}.`,
  "call.settled": (event) =>
    `${event.streamId} was answered in ${seconds(event.durationMs)}: ${event.usage.outputTokens} tokens out, ${money(event.costUsd)}.`,
  "call.failed": (event) => `${event.streamId} got no answer (${event.status ?? event.code}): ${event.reason}`,
  "context.pinned": (event) => `${event.name} is pinned in its context (${event.by}).`,
  "context.unpinned": (event) => `${event.name} is no longer pinned (${event.by}).`,
  "context.evicted": (event) => `${event.name} is out of its next request (${event.by}).`,
  "context.restored": (event) => `${event.name} is in its next request again (${event.by}).`,
  "context.counted": (event) => `The endpoint counted ${event.tokens} tokens in its next request.`,
  "document.edited": (event) =>
    `${event.name}.md was edited by ${event.by}${event.isMerged ? ", together with a hand edit" : ""}.`,
  "document.written": (event) => `${event.name}.md is written.`,
  "document.unwritten": (event) => `${event.name}.md was not written: ${event.reason}`,
  "gate.opened": (event) => `${event.gateId} asks (${event.kind}): ${event.reason}`,
  "gate.approved": (event) =>
    `${event.gateId} (${event.kind}) was approved${event.isEdited ? " with an edit" : ""} by ${event.by}.`,
  "gate.declined": (event) => `${event.gateId} (${event.kind}) was declined by ${event.by}: ${event.reason}`,
  "gate.withdrawn": (event) => `${event.gateId} (${event.kind}) asks no more: ${event.reason}`,
  "gate.superseded": (event) => `${event.gateId} (${event.kind}) is superseded, nothing ran: ${event.reason}`,
  "rule.added": (event) => `${event.ruleId} allows ${event.pattern} (${event.by}).`,
  "rule.revoked": (event) => `${event.ruleId} is revoked (${event.by}).`,
  "command.requested": (event) => `Wants to run: ${event.command}`,
  "command.started": (event) => `Runs (${event.allowedBy}): ${event.command}`,
  "command.completed": (event) =>
    `The command ${event.isTimedOut ? "ran out of time" : `ended with ${event.exitCode}`} after ${seconds(event.durationMs)}.`,
  "write.allowed": (event) => `May write ${event.path} (${event.allowedBy}).`,
};

function settingsWords({ by, changes }: EventOf<"settings.applied">): string {
  if (changes === undefined) return "Settings hold as they were read at the start.";
  const said = (text: string) => (text === "" ? "not set" : text);
  return `${changes.map(({ key, from, to }) => `${key}: ${said(from)} → ${said(to)}`).join(", ")} (${by ?? "somebody"}).`;
}

function rangeWords({ usd, tokens }: EventOf<"estimate.recorded">): string {
  return usd ? `${money(usd.low)} to ${money(usd.high)}` : `${tokens.low} to ${tokens.high} tokens`;
}

function money(usd: number | null): string {
  return usd === null ? "unpriced" : `$${usd.toFixed(4)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function short(commit: string): string {
  return commit.slice(0, 7);
}

function list(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.join(", ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
