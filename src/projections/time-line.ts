/**
 * A log as a line: where tracks began, gates asked, attempts failed, merges and landings came, and how the spend grew. Its
 * scale is the position in the log, so that an hour in which nothing happened takes no room.
 */
import type { Event, FactType } from "../domain/event.ts";
import type { State } from "../domain/state.ts";
import { addUsd } from "../domain/usage.ts";

export type MarkKind = "phase" | "gate" | "decision" | "failure" | "merge" | "landing";

/** Whose an event is; null where it is nobody's. */
export interface Owner {
  readonly epicId: string | null;
  readonly trackId: string | null;
}

export interface Mark extends Owner {
  readonly position: number;
  readonly kind: MarkKind;
}

/** What a call took. */
export interface SpendStep extends Owner {
  readonly position: number;
  readonly usd: number;
}

const kinds: Partial<Record<FactType, MarkKind>> = {
  "epic.created": "phase",
  "epic.planned": "phase",
  "track.started": "phase",
  "track.completed": "phase",
  "checkpoint.recorded": "phase",
  "gate.opened": "gate",
  "gate.approved": "decision",
  "gate.declined": "decision",
  "gate.withdrawn": "decision",
  "gate.superseded": "decision",
  "attempt.failed": "failure",
  "agent.failed": "failure",
  "merge.conflicted": "failure",
  "ticket.blocked": "failure",
  "track.blocked": "failure",
  "epic.blocked": "failure",
  "budget.reached": "failure",
  "merge.completed": "merge",
  "track.landed": "landing",
};

/** The mark that an event makes; null for most. */
export function markOf(event: Event, owner: Owner): Mark | null {
  const kind = kinds[event.type];
  return kind === undefined ? null : { position: event.position, kind, ...owner };
}

/** Whose an event is, told with the state after it. */
export function ownerOf(state: State, event: Event): Owner {
  const agent = "agentId" in event ? state.agents.get(event.agentId ?? "") : undefined;
  const gate = "gateId" in event ? state.gates.get(event.gateId ?? "") : undefined;
  const named = "trackId" in event ? event.trackId : undefined;
  const trackId = named ?? agent?.trackId ?? gate?.trackId ?? null;
  const epicId = "epicId" in event ? event.epicId : undefined;
  return {
    trackId,
    epicId: epicId ?? state.tracks.get(trackId ?? "")?.epicId ?? agent?.epicId ?? gate?.epicId ?? null,
  };
}

/** The part of the log that a line is of: the whole, what belongs to an epic, or what belongs to a track. */
export type Scope =
  | { readonly name: "log" }
  | { readonly name: "epic"; readonly epicId: string }
  | { readonly name: "track"; readonly trackId: string };

export function isInScope(scope: Scope, { epicId, trackId }: Owner): boolean {
  if (scope.name === "log") return true;
  return scope.name === "epic" ? epicId === scope.epicId : trackId === scope.trackId;
}

/** What a scope has spent in a state, in US dollars; calls without a price are not in it. */
export function spentUsd(state: State, scope: Scope): number {
  if (scope.name === "log") return state.spendTotal.costUsd;
  if (scope.name === "track") return state.spendOf.get(scope.trackId)?.costUsd ?? 0;
  return [...state.spend.values()]
    .filter(({ epicId, trackId }) => scope.epicId === (epicId ?? state.tracks.get(trackId ?? "")?.epicId))
    .reduce((sum, { costUsd }) => addUsd(sum, costUsd), 0);
}

/** Whether nothing of a scope can move any more by itself or waits for a person. */
export function isEnded(state: State, scope: Scope): boolean {
  const tracks = [...state.tracks.values()].filter((track) => isInScope(scope, track));
  const epics = [...state.epics.values()].filter(({ epicId }) => isInScope(scope, { epicId, trackId: null }));
  const gates = [...state.work.openGates.values()];
  const isWaiting = gates.some((gate) =>
    isInScope(scope, { epicId: gate.epicId ?? null, trackId: gate.trackId ?? null }),
  );
  return (
    !isWaiting &&
    epics.every(({ status }) => status !== "planning") &&
    tracks.every(({ status }) => status === "completed" || status === "blocked")
  );
}

/** The width that ticks and the line of the spend are placed in, and the height of that line's box. */
export const lineWidth = 1_000;
export const spendHeight = 24;

export interface LineRow {
  readonly kind: "phase" | "gate" | "failure" | "merge" | "landing";
  readonly label: string;
  readonly count: number;
  /** Ticks as an SVG path in a box of 10 units of height; those of decided gates stand in the lower half. */
  readonly path: string;
  readonly lowPath: string;
}

export interface TimeLine {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly LineRow[];
  /** The spend as a step line in its box, and what was spent at its end. */
  readonly spendPath: string;
  readonly spentUsd: number;
  /** Where a key stops on its way, at most one for each step of the scale. */
  readonly markPositions: readonly number[];
  readonly phasePositions: readonly number[];
}

const rows = [
  { kind: "phase", label: "Phases" },
  { kind: "gate", label: "Gates" },
  { kind: "failure", label: "Failures" },
  { kind: "merge", label: "Merges" },
  { kind: "landing", label: "Landings" },
] as const;

interface LineSource {
  readonly from: number;
  readonly to: number;
  /** Those of the scope, in log order. */
  readonly marks: readonly Mark[];
  readonly spends: readonly SpendStep[];
}

/** The drawing of a part of the log. Its size is bounded by the scale, not by the log. */
export function timeLine({ from, to, marks, spends }: LineSource): TimeLine {
  const x = (position: number) => Math.round((lineWidth * (position - from)) / Math.max(1, to - from));
  const shown = marks.filter(({ position }) => position >= from && position <= to);
  const ofKind = (kind: MarkKind) => shown.filter((mark) => mark.kind === kind);
  const ticks = (kind: MarkKind, top: number) =>
    [...new Set(ofKind(kind).map(({ position }) => x(position)))].map((at) => `M${at} ${top}V10`).join("");
  const spread = (list: readonly Mark[]) => {
    const firsts = new Map<number, number>();
    for (const { position } of list) if (!firsts.has(x(position))) firsts.set(x(position), position);
    return [...firsts.values()];
  };
  return {
    from,
    to,
    rows: rows.map(({ kind, label }) => ({
      kind,
      label,
      count: ofKind(kind).length,
      path: ticks(kind, 0),
      lowPath: kind === "gate" ? ticks("decision", 6) : "",
    })),
    ...spendLine(spends, x),
    markPositions: spread(shown),
    phasePositions: spread(ofKind("phase")),
  };
}

function spendLine(spends: readonly SpendStep[], x: (position: number) => number) {
  const atX = new Map<number, number>();
  let total = 0;
  for (const { position, usd } of spends) {
    total = addUsd(total, usd);
    atX.set(x(position), total);
  }
  const y = (usd: number) => Math.round((spendHeight - 1) * (1 - (total === 0 ? 0 : usd / total)) * 10) / 10 + 0.5;
  const steps = [...atX].map(([at, usd]) => `H${at}V${y(usd)}`);
  return { spentUsd: total, spendPath: `M0 ${y(0)}${steps.join("")}H${lineWidth}` };
}

/** Where the place before and after a position are in a list in log order; null where there is none. */
export function neighbours(positions: readonly number[], position: number) {
  return {
    before: positions.findLast((each) => each < position) ?? null,
    after: positions.find((each) => each > position) ?? null,
  };
}
