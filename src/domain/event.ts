/**
 * Every fact that the log can hold. An event's shape never changes after release: add a type, or an upcast in `log/upcast.ts`.
 * Bodies that only a page reads (prompts, outputs, model text) are in the event, not in the folded state.
 */
import { z } from "zod";
import { contextFacts, RequestRecord } from "./event-context.ts";
import { documentFacts } from "./event-document.ts";
import { by, count, fact, id, ids, text, usd } from "./event-field.ts";
import { gateFacts, ruleFacts, toolFacts } from "./event-gate.ts";
import { estimateFact, settingsFact } from "./event-usage.ts";
import { Json } from "./gate.ts";
import { TicketProposal, TrackProposal, Verdict } from "./proposal.ts";
import { Role } from "./stream-id.ts";
import { TestFinding } from "./test-finding.ts";
import { Usage } from "./usage.ts";

const attemptRef = { ticketId: id, trackId: id, attempt: count };
/** Lines of an earlier ticket that this one has taken out on purpose. */
const replacedLines = z.object({ ticketId: id, file: text, lineCount: count });
const callRef = { callId: id, agentId: id, streamId: id, turn: count };

const engineFacts = [
  fact("engine.started", { version: text, pid: count, hasRecovered: z.boolean() }),
  fact("engine.stopped", { reason: text }),
  fact("engine.paused", { by }),
  fact("engine.unpaused", { by }),
  settingsFact,
  fact("run.started", { trackIds: ids, epicId: id.optional() }),
  fact("budget.raised", { limit: text, scopeId: text, to: z.number(), gateId: id }),
  fact("budget.reached", { limit: text, scopeId: text, agentId: id, reason: text }),
] as const;

const planFacts = [
  fact("epic.created", { epicId: id, goal: text, isStarting: z.boolean() }),
  fact("epic.planned", { epicId: id, trackIds: ids }),
  fact("epic.blocked", { epicId: id, reason: text }),
  fact("proposal.refused", {
    agentId: id,
    toolCallId: id,
    epicId: id.optional(),
    trackId: id.optional(),
    faults: z.array(text),
    tries: count,
  }),
  fact("tracks.proposed", {
    epicId: id,
    agentId: id,
    toolCallId: id,
    tracks: z.array(TrackProposal),
    rationale: text.optional(),
  }),
  fact("tickets.proposed", { trackId: id, agentId: id, toolCallId: id, tickets: z.array(TicketProposal) }),
  fact("track.created", {
    trackId: id,
    epicId: id.optional(),
    key: text,
    title: text,
    goal: text,
    acceptanceCriteria: z.array(text),
    modules: z.array(text),
    dependsOn: ids,
    kind: z.enum(["feature", "bug", "chore", "refactor"]),
  }),
  fact("track.started", { trackId: id }),
  fact("track.prepared", { trackId: id, branch: text, baseCommit: text }),
  fact("track.blocked", { trackId: id, reason: text }),
  fact("track.completed", { trackId: id, commit: text }),
  fact("landing.prepared", { trackId: id, branch: text, fromCommit: text, toCommit: text, diffstat: text }),
  fact("landing.requested", { trackId: id, by }),
  fact("landing.refused", { trackId: id, reason: text }),
  fact("landing.declined", { trackId: id, reason: text }),
  fact("track.landed", { trackId: id, branch: text, commit: text }),
  fact("checkpoint.recorded", { trackId: id, phase: text, commit: text, by }),
  estimateFact,
] as const;

const ticketFacts = [
  fact("ticket.created", {
    ticketId: id,
    trackId: id,
    key: text,
    title: text,
    description: text,
    targetFiles: z.array(text),
    contextFiles: z.array(text),
    dependsOn: ids,
    acceptanceCriteria: z.array(text),
    verify: text.optional(),
    phase: text,
    priority: z.enum(["high", "medium", "low"]),
    isStepMode: z.boolean(),
    /** A person's choice; absent: the tier's. */
    model: text.optional(),
    /** The ticket that it comes after in the plan; absent: it comes last. */
    afterTicketId: id.optional(),
  }),
  /** `beforeTicketId`: the ticket that it now comes before in the plan; null: it comes last. */
  fact("ticket.moved", { ticketId: id, trackId: id, beforeTicketId: id.nullable() }),
  fact("ticket.edited", {
    ticketId: id,
    trackId: id,
    changes: z.object({
      title: text.optional(),
      description: text.optional(),
      targetFiles: z.array(text).optional(),
      contextFiles: z.array(text).optional(),
      dependsOn: ids.optional(),
      acceptanceCriteria: z.array(text).optional(),
      verify: text.nullable().optional(),
      priority: z.enum(["high", "medium", "low"]).optional(),
      isStepMode: z.boolean().optional(),
      model: text.nullable().optional(),
    }),
  }),
  fact("ticket.blocked", { ticketId: id, trackId: id, reason: text, causeTicketId: id.optional() }),
  fact("ticket.reopened", { ticketId: id, trackId: id, by }),
  fact("ticket.skipped", { ticketId: id, trackId: id, reason: text }),
  fact("ticket.cancelled", { ticketId: id, trackId: id, reason: text }),
  fact("ticket.completed", { ticketId: id, trackId: id, commit: text }),
  fact("attempt.started", { ...attemptRef, model: text, provider: text, isFresh: z.boolean() }),
  fact("attempt.prepared", {
    ...attemptRef,
    worktree: text,
    branch: text,
    baseCommit: text,
    prompt: text,
    context: text,
  }),
  fact("attempt.finished", { ...attemptRef, text }),
  fact("attempt.failed", {
    ...attemptRef,
    cause: z.enum([
      "check",
      "verdict",
      "rework",
      "blocked",
      "agent",
      "conflict",
      "declined",
      "interrupted",
      "merged_check",
    ]),
    reason: text,
    /** Whether the next attempt starts from the track's present tip instead of this attempt's files. */
    isFresh: z.boolean(),
    isFinal: z.boolean(),
    /** The agent's own code where its end was the cause, such as `refused`. */
    code: text.optional(),
  }),
  /** `commit`: what is checked, so that a check which a crash cut off leaves nothing of its own in the ticket. */
  fact("check.started", {
    ...attemptRef,
    subject: z.enum(["ticket", "merged"]),
    command: text,
    commit: text.optional(),
  }),
  fact("check.completed", {
    ...attemptRef,
    subject: z.enum(["ticket", "merged"]),
    command: text,
    exitCode: z.number().int(),
    isTimedOut: z.boolean(),
    durationMs: count,
    treeHash: text,
    commit: text,
    output: text,
    /** The sandbox tier that it ran in; absent in logs of before. */
    sandbox: text.optional(),
    /** The diff of the ticket against its base, bounded; empty for a merged tree. */
    diff: text,
    /** Tests that the change weakens; absent when it weakens none. */
    findings: z.array(TestFinding).optional(),
    /** Files of the change that act on a person's own machine, in words. */
    flags: z.array(text).optional(),
  }),
  fact("diagnosis.recorded", { ...attemptRef, agentId: id, text }),
  fact("verdict.reported", { ...attemptRef, agentId: id, verdict: Verdict }),
  fact("review.accepted", { ...attemptRef, agentId: id }),
  fact("review.rework_requested", { ...attemptRef, agentId: id, reason: text }),
  fact("merge.started", { ...attemptRef, trackCommit: text, ticketCommit: text }),
  /** The ticket's branch is not where its last green check was: it is checked and judged again. */
  fact("merge.outdated", { ...attemptRef, checkedCommit: text, ticketCommit: text }),
  fact("merge.conflicted", { ...attemptRef, files: z.array(text), reason: text.optional() }),
  /** Its ticket had ended before a crash hid whether it was published, and it was not. */
  fact("merge.abandoned", attemptRef),
  fact("merge.completed", { ...attemptRef, commit: text, treeHash: text, replaced: z.array(replacedLines).optional() }),
] as const;

const agentFacts = [
  fact("agent.started", {
    agentId: id,
    role: Role,
    purpose: z.enum(["tracks", "tickets", "work", "diagnosis", "verdict"]),
    streamId: id,
    epicId: id.optional(),
    trackId: id.optional(),
    ticketId: id.optional(),
    attempt: count.optional(),
    model: text,
    provider: text,
    maxTokens: count,
    system: text,
    /** The first user message, as text blocks, stable parts first. */
    message: z.array(text),
  }),
  /** A later user message to an agent that had ended its turn: the tech lead keeps one conversation for its whole track. */
  fact("agent.prompted", {
    agentId: id,
    purpose: z.enum(["review", "tickets"]),
    ticketId: id.optional(),
    message: z.array(text),
  }),
  fact("agent.ended", { agentId: id, text }),
  fact("agent.failed", { agentId: id, code: text, reason: text, stack: text.optional(), isRetryable: z.boolean() }),
  fact("call.started", {
    ...callRef,
    tries: count,
    model: text,
    provider: text,
    /** The messages that this request has beyond those of the agent's last settled call, as the API takes them. */
    messages: z.array(Json),
    tools: z.array(text),
    reservedInputTokens: count,
    reservedOutputTokens: count,
    reservedUsd: usd,
    /** How the request was made, and what it holds by our estimate; absent in logs of before. */
    request: RequestRecord.optional(),
  }),
  fact("call.settled", {
    ...callRef,
    content: z.array(Json),
    stopReason: text,
    usage: Usage,
    costUsd: usd,
    durationMs: count,
    firstByteMs: count,
    requestId: text.optional(),
    /** False: more may have been charged than \`usage\` says, so limits count all that was held. Absent: true. */
    isUsageKnown: z.boolean().optional(),
  }),
  fact("call.failed", {
    ...callRef,
    code: text,
    reason: text,
    status: count.optional(),
    text,
    usage: Usage,
    costUsd: usd,
    durationMs: count,
    retryInMs: count.optional(),
    isUsageKnown: z.boolean().optional(),
  }),
] as const;

/** What happened, without its place in the log. */
export const Fact = z.discriminatedUnion("type", [
  ...engineFacts,
  ...planFacts,
  ...ticketFacts,
  ...gateFacts,
  ...ruleFacts,
  ...agentFacts,
  ...toolFacts,
  ...contextFacts,
  ...documentFacts,
]);
export type Fact = z.infer<typeof Fact>;
export type FactType = Fact["type"];

/** A fact in the log: `position` counts from 1 without gaps, `at` is ISO 8601 UTC. */
export type Event = Fact & { readonly position: number; readonly at: string };
export type EventOf<T extends FactType> = Extract<Event, { type: T }>;
