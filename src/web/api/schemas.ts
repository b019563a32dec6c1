/** The shapes of the API's answers, as schemas: they describe it in `openapi.json`, and tests hold the projections to them. */
import { z } from "zod";
import { Fact } from "../../domain/event.ts";
import { GateKind, Json } from "../../domain/gate.ts";
import { Verdict } from "../../domain/proposal.ts";
import { Role } from "../../domain/stream-id.ts";
import { TestFinding } from "../../domain/test-finding.ts";
import { Usage } from "../../domain/usage.ts";
import { activityKinds } from "../../projections/agent-activity.ts";
import { usageClasses } from "../../projections/usage-class.ts";

const text = z.string();
const texts = z.array(text);
const count = z.number().int().nonnegative();
const textOrNull = text.nullable();

export const ApiError = z.object({ error: z.object({ code: text, message: text }) });

const usageFields = {
  ...Usage.shape,
  costUsd: z.number().nullable().describe("US dollars; null when none of the calls has a price."),
  callCount: count,
  unpricedCallCount: count,
  unpricedTokens: count.describe("Tokens of the calls without a price: what costUsd does not count."),
  estimatedCallCount: count.describe("Calls whose figures the endpoint did not report in full."),
};

export const UsageReply = z.object({
  total: z.object(usageFields),
  byTier: z.array(z.object({ tier: z.number().int().min(1).max(4), ...usageFields })),
  byModel: z.array(z.object({ model: text, ...usageFields })),
  byTrack: z.array(z.object({ trackId: textOrNull, ...usageFields })),
  byTicket: z.array(z.object({ ticketId: textOrNull, trackId: textOrNull, ...usageFields })),
  byAttempt: z.array(
    z.object({ ticketId: textOrNull, trackId: textOrNull, attempt: count.nullable(), ...usageFields }),
  ),
  byDay: z.array(z.object({ day: text, ...usageFields })),
  byClass: z.array(z.object({ name: z.enum(usageClasses), isOverhead: z.boolean(), ...usageFields })),
});

const amount = z.number().describe("US dollars, or tokens where the limit's name ends in Tokens.");

const BudgetReply = z.object({
  limits: z.array(
    z.object({ limit: text, scopeId: text, max: amount, used: amount, reserved: amount, isReached: z.boolean() }),
  ),
  run: z.object({ costUsd: z.number(), tokens: count, startedAt: textOrNull }),
});

export const GateReply = z.object({
  gateId: text,
  kind: GateKind,
  epicId: text.optional(),
  trackId: text.optional(),
  ticketId: text.optional(),
  streamId: text.optional(),
  openedAt: text,
  reason: text,
  payload: Json,
  payloadHash: text.describe("SHA-256 (hex) of the payload's canonical JSON: keys sorted, no spaces."),
  status: z.enum(["open", "approved", "declined", "withdrawn", "superseded"]),
  decision: z.enum(["approve", "decline"]).optional(),
  decidedAt: text.optional(),
  isEdited: z.boolean().optional(),
  words: text.optional(),
  supersededBy: text.optional(),
});

export const EpicReply = z.object({
  epicId: text,
  goal: text,
  isStarting: z.boolean(),
  status: z.enum(["planning", "planned", "blocked"]),
  reason: textOrNull,
  createdAt: text,
  trackIds: texts,
});

export const TrackReply = z.object({
  trackId: text,
  epicId: textOrNull,
  key: text,
  title: text,
  goal: text,
  acceptanceCriteria: texts,
  modules: texts,
  dependsOn: texts,
  type: z.enum(["feature", "bug", "chore", "refactor"]),
  createdAt: text,
  updatedAt: text,
  status: z.enum(["new", "planning", "in_progress", "completed", "blocked"]),
  reason: textOrNull,
  branch: textOrNull,
  baseCommit: textOrNull,
  tipCommit: textOrNull,
  ticketIds: texts,
  checkpoints: z.record(text, text),
  landing: z.looseObject({ name: z.enum(["none", "refused", "prepared", "declined", "landed"]) }),
  ticketCount: count,
  doneCount: count,
});

const AttemptReply = z.object({
  attempt: count,
  model: text,
  provider: text,
  isFresh: z.boolean(),
  startedAt: text,
  endedAt: textOrNull,
  agentId: textOrNull,
  worktree: textOrNull,
  branch: textOrNull,
  baseCommit: textOrNull,
  checks: z.array(
    z.object({
      subject: z.enum(["ticket", "merged"]),
      command: text,
      exitCode: z.number().int(),
      isTimedOut: z.boolean(),
      durationMs: count,
      treeHash: text,
      commit: text,
      at: text,
      position: count,
      findings: z.array(TestFinding).optional(),
      flags: texts.optional(),
    }),
  ),
  diagnosis: textOrNull,
  verdict: Verdict.nullable(),
  failure: z.object({ cause: text, reason: text }).nullable(),
});

export const TicketReply = z.object({
  ticketId: text,
  trackId: text,
  key: text,
  title: text,
  description: text,
  targetFiles: texts,
  contextFiles: texts,
  dependsOn: texts,
  acceptanceCriteria: texts,
  verify: textOrNull,
  phase: text,
  priority: z.enum(["high", "medium", "low"]),
  isStepMode: z.boolean(),
  status: z.enum([
    "todo",
    "waiting",
    "in_progress",
    "verifying",
    "merging",
    "completed",
    "blocked",
    "skipped",
    "cancelled",
  ]),
  reason: text.optional(),
  attemptCount: count,
  model: textOrNull,
  commit: text.optional(),
  attempts: z.array(AttemptReply),
});

const streamStatus = z.enum(["running", "waiting", "done", "failed"]);

export const StreamReply = z.object({
  status: streamStatus,
  text: text.describe("The bounded tail of the stream; it ends at endOffset."),
  endOffset: count,
  role: Role,
  tier: z.number().int().min(1).max(4),
  agentId: text,
  epicId: text.optional(),
  trackId: text.optional(),
  ticketId: text.optional(),
  reason: text.optional(),
  activity: z
    .object({
      kind: z.enum(activityKinds),
      words: text,
      sentence: text,
      since: text.optional(),
      gateId: text.optional(),
    })
    .describe("What it does now, or why it does not move, as the page says it."),
  startedAt: text,
  endedAt: text.optional(),
});

const AgentReply = z.object({
  agentId: text,
  role: Role,
  tier: z.number().int().min(1).max(4),
  purpose: text,
  streamId: text,
  epicId: textOrNull,
  trackId: textOrNull,
  ticketId: textOrNull,
  attempt: count.nullable(),
  model: text,
  provider: text,
  status: z.enum(["running", "ended", "failed"]),
  reason: textOrNull,
  startedAt: text,
  endedAt: textOrNull,
  turnCount: count,
  streamStatus: streamStatus.optional(),
});

/** What waits for this user's acceptance: tables of the project's own config. */
const TrustAskedReply = z.object({ path: text, text, hash: text, fault: textOrNull });

/** Whether the project's config is accepted; while it is not, nothing runs, and other changes answer 409. */
export const TrustReply = z.object({ isTrusted: z.boolean(), trust: TrustAskedReply.optional() });

export const StateReply = z.object({
  position: count,
  project: z.object({ root: text, name: text }),
  epics: z.array(EpicReply),
  tracks: z.array(TrackReply),
  tickets: z.array(TicketReply),
  agents: z.array(AgentReply),
  gates: z.array(GateReply),
  usage: UsageReply,
  budget: BudgetReply,
  isPaused: z.boolean(),
  isTrusted: z.boolean().optional(),
  trust: TrustAskedReply.optional(),
  holds: z.array(
    z.object({
      provider: text,
      model: text,
      kind: z.enum(["limited", "paced", "broken", "probing"]),
      until: text.nullable(),
      reason: text,
    }),
  ),
});

export const CallReply = z.object({
  callId: text,
  agentId: text,
  streamId: text,
  tier: z.number().int().nullable(),
  model: text,
  provider: text,
  turn: count,
  tries: count,
  startedAt: text,
  endedAt: textOrNull,
  status: z.enum(["running", "settled", "failed"]),
  stopReason: textOrNull,
  reason: textOrNull,
  usage: Usage,
  costUsd: z.number().nullable(),
  durationMs: count.nullable(),
  firstByteMs: count.nullable(),
  requestId: text.optional(),
  request: z.object({ messages: z.array(Json), tools: texts }).optional(),
  response: z.object({ content: z.array(Json) }).optional(),
});

export const EventReply = z.intersection(z.object({ position: count, at: text }), Fact);

/** Schemas that `openapi.json` names once and refers to. */
export const namedSchemas = {
  Json,
  Error: ApiError,
  Usage: UsageReply,
  Budget: BudgetReply,
  Gate: GateReply,
  Epic: EpicReply,
  Track: TrackReply,
  Ticket: TicketReply,
  Stream: StreamReply,
  Agent: AgentReply,
  State: StateReply,
  Call: CallReply,
  Event: EventReply,
} satisfies Record<string, z.ZodType>;

/** The last word of a run, as `--json` prints it. */
export const SummaryReply = z.object({
  type: z.literal("summary"),
  outcome: z.enum(["done", "blocked", "failed", "gate", "budget"]),
  tracks: z.array(z.object({ trackId: z.string(), title: z.string(), status: z.string() })),
  tickets: z.array(
    z.object({
      ticketId: z.string(),
      trackId: z.string(),
      title: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      attemptCount: z.number(),
    }),
  ),
  usage: UsageReply,
});
