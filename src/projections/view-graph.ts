/** A track's tickets as a layered graph: dagre places the boxes, left to right, and the view draws them. */
import dagre from "@dagrejs/dagre";
import type { TicketCard } from "./view-tracks.ts";

export interface GraphNode {
  readonly card: TicketCard;
  readonly x: number;
  readonly y: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly isMet: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface GraphView {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The size of a node's box, in SVG units. */
export const nodeSize = { width: 232, height: 50 } as const;

/** Where each ticket stands when tickets come after what they need; it depends only on ids and dependencies. */
export function ticketGraph(cards: readonly TicketCard[]): GraphView {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 44, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  const byId = new Map(cards.map((card) => [card.ticketId, card]));
  for (const card of cards) graph.setNode(card.ticketId, { ...nodeSize });
  const pairs = cards.flatMap((card) =>
    card.dependsOn.filter((needed) => byId.has(needed)).map((needed) => ({ from: needed, to: card.ticketId })),
  );
  for (const { from, to } of pairs) graph.setEdge(from, to);
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: finite(width),
    height: finite(height),
    nodes: cards.map((card) => {
      const { x, y } = graph.node(card.ticketId);
      return { card, x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 };
    }),
    edges: pairs.map(({ from, to }) => {
      const status = byId.get(from)?.status;
      return {
        from,
        to,
        isMet: status === "completed" || status === "skipped",
        points: (graph.edge(from, to).points ?? []).map(({ x, y }: { x: number; y: number }) => ({ x, y })),
      };
    }),
  };
}

/** An empty graph has a size of minus infinity. */
function finite(size: number): number {
  return Number.isFinite(size) && size > 0 ? Math.ceil(size) : 0;
}
