/**
 * A track's tickets as a layered graph: dagre places the boxes, left to right, and the view draws them. Placing costs most, and
 * depends on ids and dependencies alone: whoever keeps a layout draws any number of statuses on it, and no box moves.
 */
import dagre from "@dagrejs/dagre";
import type { CriticalPath } from "./critical-path.ts";
import type { TicketCard } from "./view-tracks.ts";

export interface GraphNode {
  readonly card: TicketCard;
  readonly x: number;
  readonly y: number;
  readonly isCritical: boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface LaidEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
}

export interface GraphEdge extends LaidEdge {
  readonly isMet: boolean;
  readonly isCritical: boolean;
}

/** Where boxes and lines are. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<string, Point>;
  readonly edges: readonly LaidEdge[];
}

export interface GraphView {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly critical: CriticalPath;
  /** Tickets that are not drawn, because there are too many. */
  readonly hiddenCount: number;
}

type Shaped = Pick<TicketCard, "ticketId" | "dependsOn">;

/** The size of a node's box, in SVG units. */
export const nodeSize = { width: 232, height: 50 } as const;

/** More boxes than this are neither read nor placed in good time: 120 take about 0.4 s of a slow core, 300 a second. */
export const mostNodes = 120;

const ended: ReadonlySet<string> = new Set(["completed", "skipped", "cancelled"]);

/** The tickets to draw: all of a small track; of a large one those that are not done, the next ones first. */
export function drawnTickets(cards: readonly TicketCard[]): readonly TicketCard[] {
  if (cards.length <= mostNodes) return cards;
  const rest = cards.filter((card) => !ended.has(card.status));
  const depths = depthsOf(rest);
  const byDepth = rest.toSorted((a, b) => (depths.get(a.ticketId) ?? 0) - (depths.get(b.ticketId) ?? 0));
  const chosen = new Set(byDepth.slice(0, mostNodes));
  return cards.filter((card) => chosen.has(card));
}

/** Whether a choice of tickets that was drawn before is worth keeping: most of it is still to be done, and all of it is there. */
export function isStillDrawn(ticketIds: ReadonlySet<string>, cards: readonly TicketCard[]): boolean {
  const kept = cards.filter((card) => ticketIds.has(card.ticketId));
  const openCount = kept.filter((card) => !ended.has(card.status)).length;
  const hasRoom = ticketIds.size < mostNodes;
  const isLeftOut = (card: TicketCard) => !ticketIds.has(card.ticketId) && !ended.has(card.status);
  if (kept.length < ticketIds.size || (hasRoom && cards.some(isLeftOut))) return false;
  return openCount * 2 >= ticketIds.size;
}

/** What a layout depends on: two graphs of the same shape have the same one. */
export function shapeOf(tickets: readonly Shaped[]): string {
  return tickets.map(({ ticketId, dependsOn }) => `${ticketId}<${dependsOn.join()}`).join(";");
}

/** Where each ticket stands when tickets come after what they need. */
export function layOut(tickets: readonly Shaped[]): GraphLayout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 44, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(tickets.map(({ ticketId }) => ticketId));
  for (const ticketId of ids) graph.setNode(ticketId, { ...nodeSize });
  const pairs = tickets.flatMap(({ ticketId, dependsOn }) =>
    [...new Set(dependsOn)].filter((needed) => ids.has(needed)).map((needed) => ({ from: needed, to: ticketId })),
  );
  for (const { from, to } of pairs) graph.setEdge(from, to);
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: finite(width),
    height: finite(height),
    places: new Map([...ids].map((ticketId) => [ticketId, corner(graph.node(ticketId))])),
    edges: pairs.map(({ from, to }) => ({
      from,
      to,
      points: (graph.edge(from, to).points ?? []).map(({ x, y }: Point) => ({ x, y })),
    })),
  };
}

/** The present statuses and the critical path on a layout. */
export function ticketGraph(layout: GraphLayout, cards: readonly TicketCard[], critical: CriticalPath): GraphView {
  const statuses = new Map(cards.map((card) => [card.ticketId, card.status]));
  const steps = new Set(critical.ticketIds.map((ticketId, at) => `${critical.ticketIds[at - 1] ?? ""} ${ticketId}`));
  const onPath = new Set(critical.ticketIds);
  return {
    width: layout.width,
    height: layout.height,
    critical,
    hiddenCount: cards.length - layout.places.size,
    nodes: cards.flatMap((card) => {
      const place = layout.places.get(card.ticketId);
      return place ? [{ card, ...place, isCritical: onPath.has(card.ticketId) }] : [];
    }),
    edges: layout.edges.map((edge) => ({
      ...edge,
      isMet: isMet(statuses.get(edge.from)),
      isCritical: steps.has(`${edge.from} ${edge.to}`),
    })),
  };
}

function isMet(status: string | undefined): boolean {
  return status === "completed" || status === "skipped";
}

/** How many tickets of these come before each, on the longest way to it. They come in an order in which none needs a later one. */
function depthsOf(cards: readonly TicketCard[]): ReadonlyMap<string, number> {
  const byId = new Map(cards.map((card) => [card.ticketId, card]));
  const depths = new Map<string, number>();
  const open = [...cards].reverse();
  for (let card = open.at(-1); card; card = open.at(-1)) {
    const unknown = card.dependsOn.flatMap((ticketId) => (depths.has(ticketId) ? [] : (byId.get(ticketId) ?? [])));
    if (!depths.has(card.ticketId) && unknown.length > 0) open.push(...unknown);
    else {
      depths.set(card.ticketId, 1 + Math.max(-1, ...card.dependsOn.map((ticketId) => depths.get(ticketId) ?? -1)));
      open.pop();
    }
  }
  return depths;
}

function corner({ x, y }: Point): Point {
  return { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 };
}

/** An empty graph has a size of minus infinity. */
function finite(size: number): number {
  return Number.isFinite(size) && size > 0 ? Math.ceil(size) : 0;
}
