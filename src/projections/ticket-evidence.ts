/** What the log holds of each attempt at a ticket: checks and after which edit they ran, commands, prompts, the diff. */
import type { Event, EventOf } from "../domain/event.ts";
import { gatePayloads, type Json } from "../domain/gate.ts";
import type { State } from "../domain/state.ts";
import type { TestFinding } from "../domain/test-finding.ts";
import { type PlaceDifference, payloadDifference } from "./payload-difference.ts";

/** The last change of a file that an agent made with its tools. */
export interface EditView {
  readonly path: string;
  readonly turn: number;
  readonly at: string;
}

export interface CheckView {
  /** Where its event stands in the log. */
  readonly position: number;
  readonly subject: "ticket" | "merged";
  readonly command: string;
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  readonly durationMs: number;
  readonly at: string;
  readonly commit: string;
  readonly treeHash: string;
  readonly sandbox: string | null;
  readonly output: string;
  readonly afterEdit: EditView | null;
  /** Tests that the change weakens; absent when it weakens none. */
  readonly findings?: readonly TestFinding[] | undefined;
}

export interface CommandView {
  /** Where its end stands in the log; null while it runs. */
  readonly position: number | null;
  readonly toolCallId: string;
  readonly command: string;
  readonly allowedBy: string;
  readonly isEdited: boolean;
  readonly startedAt: string;
  readonly exitCode: number | null;
  readonly isTimedOut: boolean;
  readonly durationMs: number | null;
  readonly sandbox: string | null;
  readonly output: string;
}

export interface PromptView {
  readonly proposed: string | null;
  /** What a person made of it before it was sent, and where it differs; null when nobody changed it. */
  readonly edited: {
    readonly text: string;
    readonly by: string;
    readonly differences: readonly PlaceDifference[];
  } | null;
  /** What the model got: the system text apart, then the first message. */
  readonly system: string | null;
  readonly sent: string | null;
}

export interface Evidence {
  readonly checks: readonly CheckView[];
  readonly commands: readonly CommandView[];
  readonly prompt: PromptView;
  readonly review: string | null;
  readonly diff: string;
  /** Where the event of the diff stands in the log. */
  readonly diffPosition: number;
  readonly stack: string | null;
}

interface Draft {
  checks: CheckView[];
  commands: Map<string, CommandView>;
  proposed: string | null;
  approved: { readonly text: string; readonly by: string } | null;
  system: string | null;
  sent: string | null;
  lastEdit: EditView | null;
  review: string | null;
  diff: string;
  diffPosition: number;
  stack: string | null;
}

/** By attempt. Events that do not name one belong to their agent's, else to the one that ran when they happened. */
export function ticketEvidence(state: State, events: readonly Event[]): ReadonlyMap<number, Evidence> {
  const drafts = new Map<number, Draft>();
  let current = 0;
  for (const event of events) {
    const agent = "agentId" in event && event.agentId !== undefined ? state.agents.get(event.agentId) : undefined;
    if ("attempt" in event && typeof event.attempt === "number") current = event.attempt;
    const attempt = agent?.attempt ?? current;
    const draft = drafts.get(attempt) ?? emptyDraft();
    drafts.set(attempt, draft);
    if (event.type !== "call.settled") note(state, draft, event);
    else if (agent?.role === "worker") noteEdits(draft, event);
  }
  return new Map([...drafts].map(([attempt, draft]) => [attempt, finished(draft)]));
}

/** The evidence of an attempt of which the log holds none. */
export function noEvidence(): Evidence {
  return finished(emptyDraft());
}

function finished(draft: Draft): Evidence {
  const { checks, proposed, approved, system, sent, review, diff, diffPosition, stack } = draft;
  const edited = approved && { ...approved, differences: payloadDifference(proposed ?? "", approved.text) };
  const prompt = { proposed, edited, system, sent };
  return { checks, commands: [...draft.commands.values()], prompt, review, diff, diffPosition, stack };
}

function note(state: State, draft: Draft, event: Event): void {
  switch (event.type) {
    case "attempt.prepared":
      draft.proposed ??= event.prompt;
      return;
    case "gate.opened":
      return noteSpawn(state, draft, event);
    case "agent.started":
      if (event.role !== "worker") return;
      draft.system = event.system;
      draft.sent = event.message.join("\n\n");
      return;
    case "check.completed":
      draft.checks.push({ ...event, sandbox: event.sandbox ?? null, afterEdit: draft.lastEdit });
      if (event.diff === "") return;
      draft.diff = event.diff;
      draft.diffPosition = event.position;
      return;
    case "command.started":
      return noteStart(draft, event);
    case "command.completed":
      return noteEnd(draft, event);
    case "review.accepted":
      draft.review = "accepted";
      return;
    case "review.rework_requested":
      draft.review = `rework: ${event.reason}`;
      return;
    case "agent.failed":
      // Without a stack there is no more to tell than the attempt's own outcome does.
      if (event.stack !== undefined) draft.stack = event.stack;
      return;
    default:
      return;
  }
}

function noteStart(draft: Draft, event: EventOf<"command.started">): void {
  const { toolCallId, command, allowedBy, isEdited, at } = event;
  const running = { position: null, exitCode: null, isTimedOut: false, durationMs: null, sandbox: null, output: "" };
  draft.commands.set(toolCallId, { toolCallId, command, allowedBy, isEdited, startedAt: at, ...running });
}

function noteEnd(draft: Draft, event: EventOf<"command.completed">): void {
  const started = draft.commands.get(event.toolCallId);
  if (!started) return;
  const { position, exitCode, isTimedOut, durationMs, sandbox = null, output } = event;
  draft.commands.set(event.toolCallId, { ...started, position, exitCode, isTimedOut, durationMs, sandbox, output });
}

/** The gate's own event holds what was proposed; the gate in the state what was approved. Its approval does not name the ticket. */
function noteSpawn(state: State, draft: Draft, event: EventOf<"gate.opened">): void {
  if (event.kind !== "spawn") return;
  draft.proposed = promptOf(event.payload) ?? draft.proposed;
  const gate = state.gates.get(event.gateId);
  if (gate?.status !== "approved" || gate.isEdited !== true) return;
  const text = promptOf(gate.payload);
  if (text !== null) draft.approved = { text, by: gate.decidedBy ?? "person" };
}

function promptOf(payload: Json): string | null {
  const parsed = gatePayloads.spawn.safeParse(payload);
  return parsed.success ? parsed.data.prompt : null;
}

function noteEdits(draft: Draft, { content, turn, at }: EventOf<"call.settled">): void {
  for (const block of content) {
    if (typeof block !== "object" || block === null || Array.isArray(block) || block.type !== "tool_use") continue;
    const { name, input } = block;
    if (name !== "write" && name !== "edit") continue;
    if (typeof input !== "object" || input === null || Array.isArray(input)) continue;
    if (typeof input.file_path === "string") draft.lastEdit = { path: input.file_path, turn, at };
  }
}

function emptyDraft(): Draft {
  return {
    checks: [],
    commands: new Map(),
    proposed: null,
    approved: null,
    system: null,
    sent: null,
    lastEdit: null,
    review: null,
    diff: "",
    diffPosition: 0,
    stack: null,
  };
}
