/** Requests to change, and what refuses them. People's commands come first; the rest are what threads and effects report. */
import type { EventOf, Fact } from "./event.ts";
import type { RequestRecord } from "./event-context.ts";
import type { SettingChange } from "./event-usage.ts";
import type { Json, Surroundings } from "./gate.ts";
import type { NewTicket, TicketPart } from "./plan-edit.ts";
import type { Settings } from "./settings.ts";
import type { Usage } from "./usage.ts";

type TicketChanges = EventOf<"ticket.edited">["changes"];
type Body<T extends Fact["type"]> = Omit<Extract<Fact, { type: T }>, "type">;

/** What a person, a script or the command line may ask for. */
export type PersonCommand =
  | { readonly type: "create_epic"; readonly goal: string; readonly isStarting: boolean }
  | ({ readonly type: "import_track" } & Body<"track.created">)
  | { readonly type: "start_track"; readonly trackId: string }
  | { readonly type: "pause_engine"; readonly by: string }
  | { readonly type: "unpause_engine"; readonly by: string }
  /** `payload` is the edited payload; absent: what was shown. */
  | {
      readonly type: "approve_gate";
      readonly gateId: string;
      readonly payloadHash: string;
      readonly payload?: Json;
      readonly by: string;
    }
  | {
      readonly type: "decline_gate";
      readonly gateId: string;
      readonly payloadHash: string;
      readonly reason: string;
      readonly by: string;
    }
  /** `gateId`: the card that the rule is written on. */
  | { readonly type: "add_rule"; readonly pattern: string; readonly by: string; readonly gateId?: string }
  /** `settings` is the whole as it is to be; `changes` say what of it is new, in the words of the config file. */
  | {
      readonly type: "change_settings";
      readonly settings: Settings;
      readonly changes: readonly SettingChange[];
      readonly by: string;
    }
  | { readonly type: "revoke_rule"; readonly ruleId: string; readonly by: string }
  | { readonly type: "edit_ticket"; readonly ticketId: string; readonly changes: TicketChanges }
  | { readonly type: "add_ticket"; readonly trackId: string; readonly ticket: NewTicket }
  | {
      readonly type: "split_ticket";
      readonly ticketId: string;
      readonly parts: readonly TicketPart[];
      /** Whether each part needs the one before it. */
      readonly isChained: boolean;
    }
  /** `beforeTicketId` null: to the end. */
  | { readonly type: "move_ticket"; readonly ticketId: string; readonly beforeTicketId: string | null }
  | { readonly type: "cancel_ticket"; readonly ticketId: string; readonly reason: string }
  | { readonly type: "retry_ticket"; readonly ticketId: string; readonly by: string }
  | { readonly type: "skip_ticket"; readonly ticketId: string; readonly reason: string }
  | ({ readonly type: ContextCommandType } & Body<"context.pinned">)
  | ({ readonly type: "edit_document" } & Body<"document.edited">);

/** What may be asked of a piece of an agent's context; whoever asks has looked whether there is such a piece. */
export type ContextCommandType = "pin_context" | "unpin_context" | "evict_context" | "restore_context";

/** What changes the plan of one track. */
export type PlanCommand = Extract<PersonCommand, { ticketId: string } | { type: "add_ticket" }>;

/** What the engine itself reports: its start, and the outcomes of effects. */
export type EngineCommand =
  | { readonly type: "start_engine"; readonly version: string; readonly pid: number; readonly settings: Settings }
  | { readonly type: "stop_engine"; readonly reason: string }
  /** What came of an edit: written, or not, for a reason. */
  | ({ readonly type: "record_document"; readonly reason?: string } & Body<"document.written">)
  | { readonly type: "start_run"; readonly trackIds: readonly string[]; readonly epicId?: string }
  | ({ readonly type: "begin_agent" } & Omit<Body<"agent.started">, "agentId">)
  | ({ readonly type: "prompt_agent" } & Body<"agent.prompted">)
  | ({ readonly type: "record_prepared_attempt" } & Omit<Body<"attempt.prepared">, "trackId">)
  | {
      readonly type: "record_prepared_track";
      readonly trackId: string;
      readonly branch: string;
      readonly baseCommit: string;
    }
  | ({ readonly type: "begin_check" } & Omit<Body<"check.started">, "trackId" | "attempt">)
  | ({ readonly type: "record_check" } & Omit<Body<"check.completed">, "trackId" | "attempt">)
  | ({ readonly type: "begin_merge"; readonly resultTree: string } & Omit<Body<"merge.started">, "trackId" | "attempt">)
  | { readonly type: "record_conflict"; readonly ticketId: string; readonly files: string[]; readonly reason?: string }
  | { readonly type: "abandon_merge"; readonly ticketId: string }
  | {
      readonly type: "record_merge";
      readonly ticketId: string;
      readonly commit: string;
      readonly treeHash: string;
      readonly replaced?: EventOf<"merge.completed">["replaced"];
    }
  | ({ readonly type: "record_prepared_landing"; readonly flags?: readonly string[] } & Body<"landing.prepared">)
  | { readonly type: "refuse_landing"; readonly trackId: string; readonly reason: string }
  | { readonly type: "record_landing"; readonly trackId: string; readonly branch: string; readonly commit: string }
  /** Shows a verified ticket's diff before it enters the merge queue. */
  | {
      readonly type: "offer_merge";
      readonly ticketId: string;
      readonly commit: string;
      readonly trackCommit: string;
      readonly resultTree: string;
      readonly diff: string;
      readonly replaced?: EventOf<"merge.completed">["replaced"];
    }
  /** Shows a command that must be approved, with what it would meet. */
  | { readonly type: "offer_command"; readonly toolCallId: string; readonly surroundings: Surroundings }
  /** `surroundings` is what the command meets now; `treeChange` says which files changed since it was shown, where any did. */
  | {
      readonly type: "begin_command";
      readonly toolCallId: string;
      readonly surroundings: Surroundings;
      readonly treeChange: string | null;
    }
  | {
      readonly type: "record_command";
      readonly toolCallId: string;
      readonly exitCode: number;
      readonly isTimedOut: boolean;
      readonly durationMs: number;
      readonly output: string;
    }
  | ({ readonly type: "record_count" } & Body<"context.counted">)
  /** An effect that could not be carried out: its ticket, track or epic is blocked with the reason. */
  | {
      readonly type: "record_effect_failure";
      readonly subject: "ticket" | "track" | "epic";
      readonly subjectId: string;
      readonly reason: string;
    };

/** What a thread reports, after parsing. */
export type AgentCommand =
  | {
      readonly type: "reserve_call";
      readonly agentId: string;
      readonly turn: number;
      readonly tries: number;
      readonly messages: Json[];
      readonly tools: string[];
      readonly inputTokens: number;
      readonly maxTokens: number;
      readonly request?: RequestRecord;
    }
  | {
      readonly type: "settle_call";
      readonly callId: string;
      readonly content: Json[];
      readonly stopReason: string;
      readonly usage: Usage;
      readonly durationMs: number;
      readonly firstByteMs: number;
      readonly requestId?: string;
      readonly isUsageKnown?: boolean;
    }
  | {
      readonly type: "fail_call";
      readonly callId: string;
      readonly code: string;
      readonly reason: string;
      readonly status?: number;
      readonly text: string;
      readonly usage: Usage;
      readonly durationMs: number;
      readonly retryInMs?: number;
      readonly isUsageKnown?: boolean;
    }
  | {
      readonly type: "request_tool";
      readonly agentId: string;
      readonly toolCallId: string;
      readonly name: string;
      readonly input: Json;
    }
  | { readonly type: "end_agent"; readonly agentId: string; readonly text: string }
  | {
      readonly type: "fail_agent";
      readonly agentId: string;
      readonly code: string;
      readonly reason: string;
      readonly stack?: string;
      readonly isRetryable: boolean;
    };

export type Command = PersonCommand | EngineCommand | AgentCommand;

/** Why a command was refused; `message` is a sentence for the person who asked. */
export interface Rejection {
  readonly code: "not_found" | "conflict" | "stale" | "invalid";
  readonly message: string;
}

export type Decision =
  | { readonly isAccepted: true; readonly facts: readonly Fact[] }
  | { readonly isAccepted: false; readonly rejection: Rejection };
