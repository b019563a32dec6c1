/** Open gates as cards, oldest first: what each will do, why it asks, and a plain view of its payload for people. */
import { isConfined } from "../domain/alike.ts";
import { type GateKind, type GatePayload, gatePayloads } from "../domain/gate.ts";
import { proposedPattern } from "../domain/rule.ts";
import type { Gate, State } from "../domain/state.ts";
import { type AlikeGates, alikeGates } from "./gate-alike.ts";
import { type GateFact, gateFacts } from "./gate-facts.ts";
import { type GateEditor, gateEditor } from "./gate-fields.ts";
import { boxText, editorJson } from "./unseen-text.ts";
import { elementId } from "./view-element-id.ts";
import { planEstimate } from "./view-estimates.ts";

/** The payload as people read it; `json` when it does not have the shape of its kind. */
export type GatePlain =
  | { readonly [K in GateKind]: { readonly kind: K; readonly payload: GatePayload<K> } }[GateKind]
  | { readonly kind: "json" };

export interface GateCard {
  readonly gateId: string;
  readonly elementId: string;
  readonly kind: GateKind;
  readonly title: string;
  readonly trackId: string | null;
  readonly ticketId: string | null;
  readonly subject: string;
  readonly openedAt: string;
  readonly reason: string;
  readonly approveDoes: string;
  readonly declineDoes: string;
  readonly isIrreversible: boolean;
  /** What else asks the same; null where nothing does. */
  readonly alike: AlikeGates | null;
  /** The rule that a person might write for a command like this; null where no rule can be. */
  readonly rulePattern: string | null;
  readonly plain: GatePlain;
  /** What else the payload says. */
  readonly facts: readonly GateFact[];
  /** The payload as fields; null where it is approved as it is. */
  readonly editor: GateEditor | null;
  readonly payloadText: string;
  readonly payloadHash: string;
}

/** A gate that waits no more. */
export interface DecidedGate {
  readonly gateId: string;
  readonly title: string;
  readonly outcome: string;
  readonly decidedAt: string;
  /** Who decided; empty where nobody did. */
  readonly decidedBy: string;
  readonly isEdited: boolean;
  /** The reason for declining, or why it waits no more. */
  readonly words: string;
}

const decidedLimit = 30;

interface GateScope {
  readonly trackId?: string;
  readonly ticketId?: string;
}

/** The open gates of a scope, oldest first as the state has them, so that new ones never push a card away from under a pointer. */
export function gateCards(state: State, scope: GateScope = {}): readonly GateCard[] {
  const open = [...state.work.openGates.values()].filter((gate) => isIn(gate, scope));
  const alike = alikeGates(open);
  return open.map((gate) => gateCard(state, gate, alike.get(gate.gateId) ?? null));
}

/** The latest answers of a scope, newest first: what became of a card that has left the page. */
export function decidedGates(state: State, scope: GateScope = {}): readonly DecidedGate[] {
  return [...state.gates.values()]
    .filter((gate) => gate.status !== "open" && isIn(gate, scope))
    .map((gate) => ({
      gateId: gate.gateId,
      title: words[gate.kind].title,
      outcome: gate.status,
      decidedAt: gate.decidedAt ?? gate.openedAt,
      decidedBy: gate.decidedBy ?? "",
      isEdited: gate.isEdited === true,
      words: gate.words ?? "",
    }))
    .sort((a, b) => b.decidedAt.localeCompare(a.decidedAt))
    .slice(0, decidedLimit);
}

/** How many gates wait for a person, over the whole project. */
export function openGateCount(state: State): number {
  return state.work.openGates.size;
}

function isIn(gate: Gate, scope: GateScope): boolean {
  if (scope.ticketId !== undefined) return gate.ticketId === scope.ticketId;
  return scope.trackId === undefined || gate.trackId === scope.trackId;
}

function gateCard(state: State, gate: Gate, alike: AlikeGates | null): GateCard {
  const drawing = drawnOf(gate);
  return {
    ...drawing,
    // History grows while a plan waits: its estimate is not of the payload alone.
    facts: [...drawing.facts, ...planEstimate(state, gate)],
    gateId: gate.gateId,
    elementId: elementId("gate", gate.gateId),
    kind: gate.kind,
    title: words[gate.kind].title,
    trackId: gate.trackId ?? null,
    ticketId: gate.ticketId ?? null,
    subject: subjectOf(state, gate),
    openedAt: gate.openedAt,
    reason: gate.reason,
    approveDoes: words[gate.kind].approve,
    declineDoes: words[gate.kind].decline,
    isIrreversible: isIrreversible(gate),
    alike,
    rulePattern: rulePatternOf(gate),
    payloadHash: gate.payloadHash,
  };
}

type Drawn = Pick<GateCard, "plain" | "facts" | "editor" | "payloadText">;

const drawn = new WeakMap<Gate, Drawn>();

/** What is made of the payload alone, once: a page is drawn after every event, and a payload can be long. */
function drawnOf(gate: Gate): Drawn {
  const known = drawn.get(gate);
  if (known) return known;
  const { kind, payload } = gate;
  const made = {
    plain: plainView(gate),
    facts: gateFacts(kind, payload),
    editor: gateEditor(kind, payload),
    payloadText: editorJson(payload),
  };
  drawn.set(gate, made);
  return made;
}

/** A confined command changes its worktree, of which every attempt can be made anew. */
function isIrreversible({ kind, payload }: Gate): boolean {
  if (kind === "command") return !isConfined(gatePayloads.command.safeParse(payload).data?.sandbox);
  return kind === "land" || kind === "unknown";
}

function rulePatternOf({ kind, payload }: Gate): string | null {
  const parsed = kind === "command" ? gatePayloads.command.safeParse(payload) : null;
  return parsed?.success ? boxText(proposedPattern(parsed.data.command)) : null;
}

function subjectOf(state: State, gate: Gate): string {
  const ticket = gate.ticketId === undefined ? undefined : state.tickets.get(gate.ticketId);
  if (ticket) return `${ticket.ticketId} ${ticket.title}`;
  if (gate.trackId !== undefined) return state.tracks.get(gate.trackId)?.title ?? gate.trackId;
  return (gate.epicId === undefined ? undefined : state.epics.get(gate.epicId)?.goal) ?? "";
}

function plainView(gate: Gate): GatePlain {
  const parsed = gatePayloads[gate.kind].safeParse(gate.payload);
  if (!parsed.success) return { kind: "json" };
  // The schema was looked up by the kind, so its output is the payload of that kind.
  return { kind: gate.kind, payload: parsed.data } as GatePlain;
}

const words: Record<GateKind, { readonly title: string; readonly approve: string; readonly decline: string }> = {
  tracks: {
    title: "Plan: tracks",
    approve: "Makes these tracks and writes them under conductor/tracks/.",
    decline: "Makes nothing; your reason goes to the orchestrator.",
  },
  tickets: {
    title: "Plan: tickets",
    approve: "Makes these tickets; those that depend on nothing start.",
    decline: "Makes nothing; your reason goes to the tech lead.",
  },
  spawn: {
    title: "Start a worker",
    approve: "Starts a worker with exactly this prompt, context and model. Nothing is spent before.",
    decline: "No worker starts; the ticket is blocked with your reason.",
  },
  command: {
    title: "Run a command",
    approve: "Runs exactly this command, once, in the ticket's worktree.",
    decline: "Runs nothing; your reason goes to the worker.",
  },
  write: {
    title: "Write outside the target files",
    approve: "Writes exactly this to the file, in the ticket's worktree.",
    decline: "Writes nothing; your reason goes to the worker.",
  },
  merge: {
    title: "Merge a ticket",
    approve: "Merges this diff into the track's branch, then runs the check again.",
    decline: "Merges nothing; your reason goes to the next attempt.",
  },
  checkpoint: {
    title: "Check a phase by hand",
    approve: "Records that you have tried the phase and that it works.",
    decline: "Records nothing; the track is blocked with your reason.",
  },
  land: {
    title: "Land a track",
    approve: "Merges the track into your own branch.",
    decline: "Leaves your branch alone; the track's branch stays.",
  },
  budget: {
    title: "Budget reached",
    approve: "Raises the limit as written below and goes on.",
    decline: "Keeps the limit; what would pass it stops.",
  },
  unknown: {
    title: "Outcome unknown",
    approve: "Goes on, and runs the command again. A crash hid what came of it the first time.",
    decline: "Does not run it again; your reason goes to the worker.",
  },
  conflict: {
    title: "Merge conflict",
    approve: "Sends the ticket back to a worker, from the track's present tip.",
    decline: "Blocks the ticket with your reason.",
  },
};
