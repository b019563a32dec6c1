/**
 * What the log folds to: plain, readonly records in maps. Only the maps change, and only in `evolve`. Long texts stay in
 * the log; the state holds what rules and boards need.
 */
import type { EventOf } from "./event.ts";
import { type ContextBook, emptyContextBook } from "./evolve-context.ts";
import type { GateKind, Json } from "./gate.ts";
import type { ModelHealth } from "./model-health.ts";
import type { Verdict } from "./proposal.ts";
import type { Rule } from "./rule.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { emptySpend, type SpendState } from "./spend-state.ts";
import type { Role, Tier } from "./stream-id.ts";
import type { TestFinding } from "./test-finding.ts";
import type { Purpose } from "./usage.ts";
import { emptyWork, type WorkIndex } from "./work-index.ts";

export interface Epic {
  readonly epicId: string;
  readonly goal: string;
  /** Whether its tracks start by themselves once approved. */
  readonly isStarting: boolean;
  readonly status: "planning" | "planned" | "blocked";
  readonly reason: string | null;
  readonly createdAt: string;
  readonly trackIds: readonly string[];
}

export interface Track {
  readonly trackId: string;
  readonly epicId: string | null;
  readonly key: string;
  readonly title: string;
  readonly goal: string;
  readonly acceptanceCriteria: readonly string[];
  readonly modules: readonly string[];
  readonly dependsOn: readonly string[];
  readonly kind: "feature" | "bug" | "chore" | "refactor";
  readonly createdAt: string;
  readonly updatedAt: string;
  /** `new`: not started. `planning`: tier 2 makes tickets. `in_progress`: tickets run. `completed`: every ticket is merged. */
  readonly status: "new" | "planning" | "in_progress" | "completed" | "blocked";
  readonly reason: string | null;
  readonly branch: string | null;
  readonly baseCommit: string | null;
  /** The track branch's present tip, as far as the log knows. */
  readonly tipCommit: string | null;
  readonly ticketIds: readonly string[];
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly landing: Landing;
}

export type Landing =
  | { readonly name: "none" }
  | { readonly name: "refused"; readonly reason: string }
  | {
      readonly name: "prepared";
      readonly branch: string;
      readonly fromCommit: string;
      readonly toCommit: string;
      readonly isAllowed: boolean;
    }
  | { readonly name: "declined"; readonly reason: string }
  | { readonly name: "landed"; readonly branch: string; readonly commit: string };

/** Where a ticket is between `todo` and its end. Each stage but the last four has one effect or one gate that moves it on. */
export type Stage =
  | { readonly name: "todo" }
  | { readonly name: "preparing" }
  | {
      readonly name: "spawning";
      readonly prompt: string;
      readonly context: string;
      readonly model: string;
      readonly isAllowed: boolean;
    }
  | { readonly name: "working"; readonly agentId: string }
  | { readonly name: "checking" }
  | { readonly name: "diagnosing"; readonly subject: "ticket" | "merged" }
  | { readonly name: "judging" }
  | { readonly name: "reviewing" }
  | { readonly name: "queued"; readonly isAllowed: boolean }
  | { readonly name: "merging" }
  | { readonly name: "conflicted" }
  | { readonly name: "completed"; readonly commit: string }
  | { readonly name: "blocked"; readonly reason: string; readonly causeTicketId: string | null }
  | { readonly name: "skipped"; readonly reason: string }
  | { readonly name: "cancelled"; readonly reason: string };

export interface Check {
  readonly subject: "ticket" | "merged";
  readonly command: string;
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  readonly durationMs: number;
  readonly treeHash: string;
  readonly commit: string;
  readonly at: string;
  readonly position: number;
  /** Tests that the checked change weakens, and files of it that act on a person's own machine; absent when there are none. */
  readonly findings?: readonly TestFinding[] | undefined;
  readonly flags?: readonly string[] | undefined;
}

export interface AttemptFailure {
  readonly cause: EventOf<"attempt.failed">["cause"];
  readonly reason: string;
  /** Whether the next attempt starts from the track's present tip. */
  readonly isFresh: boolean;
  /** The agent's own code where its end was the cause. */
  readonly code?: string;
}

export interface Attempt {
  readonly attempt: number;
  readonly model: string;
  readonly provider: string;
  /** Whether it starts from the track's present tip, not from the files of the attempt before. */
  readonly isFresh: boolean;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly agentId: string | null;
  readonly worktree: string | null;
  readonly branch: string | null;
  readonly baseCommit: string | null;
  readonly checks: readonly Check[];
  /** Whether a merge was begun of which nobody has said yet what came of it. */
  readonly isMerging: boolean;
  /** The commit whose check has begun and has no outcome; null when there is none. */
  readonly openCheckCommit: string | null;
  readonly diagnosis: string | null;
  readonly verdict: Verdict | null;
  readonly failure: AttemptFailure | null;
}

export interface Ticket {
  readonly ticketId: string;
  readonly trackId: string;
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly targetFiles: readonly string[];
  readonly contextFiles: readonly string[];
  readonly dependsOn: readonly string[];
  readonly acceptanceCriteria: readonly string[];
  readonly verify: string | null;
  readonly phase: string;
  readonly priority: "high" | "medium" | "low";
  readonly isStepMode: boolean;
  /** A person's choice of model, which wins over the tier's list. */
  readonly model: string | null;
  readonly stage: Stage;
  /** Attempts of all time; `failedCount` counts those since a person last retried the ticket. */
  readonly attempts: readonly Attempt[];
  readonly failedCount: number;
}

export interface Gate {
  readonly gateId: string;
  readonly kind: GateKind;
  readonly epicId?: string;
  readonly trackId?: string;
  readonly ticketId?: string;
  readonly streamId?: string;
  readonly agentId?: string;
  readonly toolCallId?: string;
  readonly openedAt: string;
  readonly reason: string;
  readonly payload: Json;
  readonly payloadHash: string;
  readonly status: "open" | "approved" | "declined" | "withdrawn" | "superseded";
  readonly decision?: "approve" | "decline";
  readonly decidedAt?: string;
  readonly decidedBy?: string;
  readonly isEdited?: boolean;
  readonly words?: string;
  /** The gate that shows what is so now, where this one is superseded. */
  readonly supersededBy?: string;
}

export interface Agent {
  readonly agentId: string;
  readonly role: Role;
  readonly tier: Tier;
  /** What it is doing, or did last. */
  readonly purpose: Purpose;
  readonly streamId: string;
  readonly epicId: string | null;
  readonly trackId: string | null;
  /** The ticket it works on; for a tech lead the one it reviews. */
  readonly ticketId: string | null;
  readonly attempt: number | null;
  readonly model: string;
  readonly provider: string;
  readonly maxTokens: number;
  /** `running`: a thread has it, or must be started for it. */
  readonly status: "running" | "ended" | "failed";
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly turnCount: number;
  readonly refusedCount: number;
}

/** A tool call that the main loop must answer: a command, a write outside the target files, a proposal. */
export interface ToolCall {
  readonly toolCallId: string;
  readonly agentId: string;
  readonly kind: "command" | "write" | "proposal";
  /** `requested`: its gate opens once it is known what the command would meet. */
  readonly status: "requested" | "gated" | "allowed" | "running" | "done" | "declined" | "unknown";
  readonly gateId: string | null;
  /** What is to run or be written: the approved payload once there is one. */
  readonly payload: Json;
  readonly isEdited: boolean;
  readonly timeoutMs: number;
  /** When the command was last begun; null before that. */
  readonly startedAt: string | null;
  /** The answer for the model, once there is one. */
  readonly answer: { readonly text: string; readonly isError: boolean } | null;
}

export interface State extends SpendState {
  position: number;
  lastAt: string;
  /** The present run: its limits count from `startedAt`, its outcome is that of its epic and tracks. */
  run: { readonly startedAt: string; readonly epicId: string | null; readonly trackIds: readonly string[] };
  settings: Settings;
  /** The latest changes of settings while the engine ran, oldest first. */
  settingChanges: readonly EventOf<"settings.applied">[];
  /** Limits as they stand: the settings', or what a budget gate raised them to, by `<limit>:<scope id>`. */
  readonly raisedLimits: Map<string, number>;
  readonly reachedLimits: Map<string, EventOf<"budget.reached">>;
  isPaused: boolean;
  readonly counts: { epic: number; ticket: number; gate: number; agent: number; call: number; rule: number };
  readonly epics: Map<string, Epic>;
  readonly tracks: Map<string, Track>;
  readonly tickets: Map<string, Ticket>;
  readonly gates: Map<string, Gate>;
  readonly agents: Map<string, Agent>;
  readonly toolCalls: Map<string, ToolCall>;
  /** How each provider's model answers, by `<provider> <model>`; absent where nothing speaks against a call. */
  readonly modelHealth: Map<string, ModelHealth>;
  /** The turns that an agent had when it was last prompted, by agent id. */
  readonly promptedTurns: Map<string, number>;
  /** How often a thread died under what was asked of an agent, by that (`crashKey`). */
  readonly crashCounts: Map<string, number>;
  /** Rules that people wrote while the engine ran, the revoked ones too, by rule id. */
  readonly rules: Map<string, Rule>;
  /** How many commands each rule has let run without a person, by the words that name it in the log (`ruleWords`). */
  readonly ruleUses: Map<string, number>;
  readonly contexts: ContextBook;
  /** Edits of documents that have no outcome yet: the position of each in the log, by `<track id> <name>`. */
  readonly openEdits: Map<string, number>;
  /** What of all this is still at work, for rules that would otherwise walk all of it. */
  readonly work: WorkIndex;
}

/** The state before the first event. */
export function emptyState(): State {
  return {
    position: 0,
    lastAt: "",
    run: { startedAt: "", epicId: null, trackIds: [] },
    settings: defaultSettings,
    settingChanges: [],
    raisedLimits: new Map(),
    reachedLimits: new Map(),
    isPaused: false,
    counts: { epic: 0, ticket: 0, gate: 0, agent: 0, call: 0, rule: 0 },
    epics: new Map(),
    tracks: new Map(),
    tickets: new Map(),
    gates: new Map(),
    agents: new Map(),
    toolCalls: new Map(),
    modelHealth: new Map(),
    promptedTurns: new Map(),
    crashCounts: new Map(),
    rules: new Map(),
    ruleUses: new Map(),
    contexts: emptyContextBook(),
    openEdits: new Map(),
    work: emptyWork(),
    ...emptySpend(),
  };
}
