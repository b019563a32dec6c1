/** What the palette finds: pages, actions, gates, tracks, tickets and agents, best first and few, however many there are. */
import type { State, Ticket } from "../domain/state.ts";
import { ticketStatus } from "../domain/ticket-status.ts";
import { fuzzyScore } from "./fuzzy-match.ts";
import { elementId } from "./view-element-id.ts";
import { openWaits } from "./view-waits.ts";

/** Where an entry leads, or what it sends. */
type Target =
  | { readonly href: string }
  | { readonly action: string; readonly fields: Readonly<Record<string, string>> };

export interface PaletteEntry {
  readonly kind: "page" | "action" | "gate" | "track" | "ticket" | "agent";
  readonly label: string;
  /** What else tells it from others: a status, a subject. */
  readonly hint: string;
  readonly target: Target;
}

interface Candidate {
  /** What the query is held against. */
  readonly text: string;
  /** Added to the score: of two that fit alike, the nearer at hand is meant. */
  readonly weight: number;
  readonly entry: () => PaletteEntry;
}

export interface PalettePage {
  readonly name: string;
  readonly href: string;
}

/** The most that the palette shows at a time. */
export const paletteLimit = 12;
/** Of each kind, where nothing is typed. */
const idleLimit = 5;

/** The entries that answer a query, best first; without one what is nearest at hand. */
export function paletteEntries(state: State, pages: readonly PalettePage[], query: string): readonly PaletteEntry[] {
  const isIdle = query.trim() === "";
  const candidates = isIdle ? idleCandidates(state, pages) : allCandidates(state, pages);
  const best: { readonly score: number; readonly candidate: Candidate }[] = [];
  for (const candidate of candidates) {
    const fit = fuzzyScore(candidate.text, query);
    if (fit === 0) continue;
    const score = fit + candidate.weight;
    if (best.length === paletteLimit && score <= (best.at(-1)?.score ?? 0)) continue;
    const at = best.findIndex((other) => other.score < score);
    best.splice(at < 0 ? best.length : at, 0, { score, candidate });
    if (best.length > paletteLimit) best.pop();
  }
  return best.map(({ candidate }) => candidate.entry());
}

function* idleCandidates(state: State, pages: readonly PalettePage[]): Generator<Candidate> {
  yield* take(gates(state), idleLimit);
  yield* engineLevers(state);
  yield* pages.map(pageCandidate);
}

function* allCandidates(state: State, pages: readonly PalettePage[]): Generator<Candidate> {
  yield* pages.map(pageCandidate);
  yield* engineLevers(state);
  yield* gates(state);
  yield* tracks(state);
  yield* tickets(state);
  yield* agents(state);
}

function* take<T>(items: Iterable<T>, limit: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count === limit) return;
    count += 1;
    yield item;
  }
}

function pageCandidate({ name, href }: PalettePage): Candidate {
  return { text: name, weight: 5, entry: () => ({ kind: "page", label: name, hint: "", target: { href } }) };
}

function* engineLevers(state: State): Generator<Candidate> {
  const label = state.isPaused ? "Unpause the engine" : "Pause the engine";
  const fields = { isPaused: String(!state.isPaused) };
  yield {
    text: label,
    weight: 6,
    entry: () => ({ kind: "action", label, hint: "", target: { action: "/actions/engine", fields } }),
  };
  yield {
    text: "New goal",
    weight: 4,
    entry: () => ({ kind: "action", label: "New goal", hint: "", target: { href: "/#goal" } }),
  };
}

function* gates(state: State): Generator<Candidate> {
  for (const wait of openWaits(state)) {
    const { gateId, sentence } = wait;
    yield {
      text: `${gateId} ${sentence} gate`,
      weight: 8,
      entry: () => ({
        kind: "gate",
        label: `${gateId} ${sentence}`,
        hint: "waits for you",
        target: { href: `/gates#${elementId("gate", gateId)}` },
      }),
    };
  }
}

function* tracks(state: State): Generator<Candidate> {
  for (const { trackId, title, status } of state.tracks.values()) {
    const path = encodeURIComponent(trackId);
    yield {
      text: `${title} ${trackId} track`,
      weight: 3,
      entry: () => ({ kind: "track", label: title, hint: spaced(status), target: { href: `/tracks/${path}` } }),
    };
    if (status !== "new") continue;
    const target = { action: `/actions/tracks/${path}/start`, fields: {} };
    yield {
      text: `Start track ${title} ${trackId}`,
      weight: 2,
      entry: () => ({ kind: "action", label: `Start track ${title}`, hint: "", target }),
    };
  }
}

function* tickets(state: State): Generator<Candidate> {
  for (const ticket of state.tickets.values()) {
    const { ticketId, title } = ticket;
    const href = `/tickets/${encodeURIComponent(ticketId)}`;
    yield {
      text: `${ticketId} ${title} ticket`,
      weight: 2,
      entry: () => ({
        kind: "ticket",
        label: `${ticketId} ${title}`,
        hint: spaced(ticketStatus(state, ticket).status),
        target: { href },
      }),
    };
    yield leverOf(ticket, href);
  }
}

/** A ticket that has ended can be done again at once; to skip or cancel one takes a reason, which its page asks for. */
function leverOf({ ticketId, title, stage }: Ticket, href: string): Candidate {
  if (stage.name === "blocked" || stage.name === "cancelled" || stage.name === "skipped") {
    const target = { action: `/actions${href}/retry`, fields: {} };
    const entry = (): PaletteEntry => ({ kind: "action", label: `Retry ${ticketId}`, hint: title, target });
    return { text: `Retry ${ticketId}`, weight: 1, entry };
  }
  const label = `Skip or cancel ${ticketId}`;
  const entry = (): PaletteEntry => ({ kind: "action", label, hint: title, target: { href: `${href}#levers` } });
  return { text: label, weight: 0, entry };
}

function* agents(state: State): Generator<Candidate> {
  for (const { agentId, streamId, status } of state.agents.values()) {
    const href = `/context?agent=${encodeURIComponent(agentId)}`;
    yield {
      text: `${streamId} ${agentId} context agent`,
      weight: status === "running" ? 1 : 0,
      entry: () => ({ kind: "agent", label: `Context of ${streamId}`, hint: status, target: { href } }),
    };
  }
}

function spaced(word: string): string {
  return word.replaceAll("_", " ");
}
