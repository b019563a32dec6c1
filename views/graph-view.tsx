/** @jsxImportSource hono/jsx */
/** A track's dependency graph as SVG: boxes carry the status as mark, word and colour, and say on hover why they wait. */
import type { GraphEdge, GraphNode, GraphView } from "../src/projections/view-graph.ts";
import { spaced, visible } from "./format.ts";
import { statusMark } from "./status-mark.tsx";

interface GraphProps {
  readonly graph: GraphView;
  readonly nodeSize: { readonly width: number; readonly height: number };
}

export function GraphDrawing({ graph, nodeSize }: GraphProps) {
  if (graph.nodes.length === 0) return <p class="quiet">Nothing to draw yet.</p>;
  const { width, height } = graph;
  return (
    <div class="scroll graph">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <title>Dependencies</title>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 L8 4 L0 8 z" class="arrow" />
          </marker>
        </defs>
        {graph.edges.map((edge) => (
          <path d={edgePath(edge)} class={edge.isMet ? "edge edge-met" : "edge"} marker-end="url(#arrow)" />
        ))}
        {graph.nodes.map((node) => (
          <Node node={node} size={nodeSize} />
        ))}
      </svg>
    </div>
  );
}

function Node({ node, size }: { readonly node: GraphNode; readonly size: GraphProps["nodeSize"] }) {
  const { card, x, y } = node;
  const status = spaced(card.status);
  return (
    // Its name is the text that is seen, cut as it is; the whole title and the reason describe it.
    <a href={`/tickets/${encodeURIComponent(card.ticketId)}`}>
      <g transform={`translate(${x} ${y})`} class={`node node-${card.status}`}>
        <title>{visible(`${card.ticketId} ${card.title}: ${card.reason ?? status}`)}</title>
        <rect width={size.width} height={size.height} rx="4" />
        <text x="10" y="20" class="node-title">
          {cut(`${card.ticketId} ${visible(card.title)}`, 30)}
        </text>
        <text x="10" y="38" class="node-status">
          {`${statusMark(card.status)} ${status}${card.attemptCount > 1 ? `, attempt ${card.attemptCount}` : ""}`}
        </text>
      </g>
    </a>
  );
}

function edgePath(edge: GraphEdge): string {
  return edge.points
    .map((point, index) => `${index === 0 ? "M" : "L"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`)
    .join(" ");
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
