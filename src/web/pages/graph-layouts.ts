/** The layouts of tracks' graphs, kept for all open pages of an engine, and for all of its past, until a graph has another shape: placing costs most. */
import type { EngineApi } from "../../engine/engine-api.ts";
import type { CriticalPath } from "../../projections/critical-path.ts";
import {
  drawnTickets,
  type GraphLayout,
  type GraphView,
  isStillDrawn,
  layOut,
  mostNodes,
  shapeOf,
  ticketGraph,
} from "../../projections/view-graph.ts";
import type { TicketCard } from "../../projections/view-tracks.ts";
import { pastOf } from "../past/past-engine.ts";

interface Kept {
  readonly shape: string;
  readonly ticketIds: ReadonlySet<string>;
  readonly layout: GraphLayout;
}

/** How many tracks' layouts are kept. */
const mostKept = 50;
const layouts = new WeakMap<object, Map<string, Kept>>();

/** A track's graph as it stands now. */
export function graphOf(
  engine: EngineApi,
  trackId: string,
  cards: readonly TicketCard[],
  critical: CriticalPath,
): GraphView {
  const owner = pastOf(engine)?.family ?? engine;
  const kept = layouts.get(owner) ?? new Map<string, Kept>();
  layouts.set(owner, kept);
  const { layout } = layoutOf(kept, trackId, cards);
  return ticketGraph(layout, cards, critical);
}

function layoutOf(kept: Map<string, Kept>, trackId: string, cards: readonly TicketCard[]): Kept {
  const known = kept.get(trackId);
  const isKept = known && cards.length > mostNodes && isStillDrawn(known.ticketIds, cards);
  const drawn = isKept ? cards.filter((card) => known.ticketIds.has(card.ticketId)) : drawnTickets(cards);
  const shape = shapeOf(drawn);
  if (known?.shape === shape) return known;
  const fresh = { shape, ticketIds: new Set(drawn.map(({ ticketId }) => ticketId)), layout: layOut(drawn) };
  kept.set(trackId, fresh);
  const oldest = kept.keys().next().value;
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return fresh;
}
