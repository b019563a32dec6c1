/** @jsxImportSource hono/jsx */
/**
 * A track's dependency graph as SVG: boxes carry the status as mark, word and colour, and say on hover and focus why they wait;
 * the critical path is heavier and has a mark. The same as a list stands below it.
 */
import type { GraphEdge, GraphNode, GraphView } from "../src/projections/view-graph.ts";
import { duration, spaced, visible } from "./format.ts";
import { statusMark } from "./status-mark.tsx";

interface GraphProps {
  readonly graph: GraphView;
  readonly nodeSize: { readonly width: number; readonly height: number };
}

export function GraphDrawing({ graph, nodeSize }: GraphProps) {
  if (graph.nodes.length === 0) return <p class="quiet">Nothing to draw yet.</p>;
  const { width, height } = graph;
  return (
    <>
      <p class="hint graph-legend">
        <svg width="34" height="10" aria-hidden="true">
          <path d="M0 5 L32 5" class="edge edge-critical" />
        </svg>{" "}
        {criticalWords(graph)}
        {graph.hiddenCount > 0
          ? ` ${graph.hiddenCount} tickets are not drawn: what is done, and what comes last; the board lists them.`
          : ""}
      </p>
      <fieldset class="graph-zoom needs-script" aria-label="Size of the graph">
        <button type="button" class="small" data-graph-size="smaller" aria-label="Smaller" title="Smaller (−)">
          −
        </button>
        <button type="button" class="small" data-graph-size="fit" title="All of it (0)">
          Fit
        </button>
        <button type="button" class="small" data-graph-size="larger" aria-label="Larger" title="Larger (+)">
          +
        </button>
      </fieldset>
      <section class="scroll graph" tabindex={0} aria-label="Graph of the tickets; it scrolls">
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          <title>Dependencies</title>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 L8 4 L0 8 z" class="arrow" />
            </marker>
          </defs>
          {graph.edges.map((edge) => (
            <path d={edgePath(edge)} class={edgeClass(edge)} marker-end="url(#arrow)" />
          ))}
          {graph.nodes.map((node) => (
            <Node node={node} size={nodeSize} />
          ))}
        </svg>
      </section>
      <div id="graph-tip" class="graph-tip" role="tooltip" hidden hx-morph-skip="true"></div>
      <AsList graph={graph} />
    </>
  );
}

function criticalWords({ critical }: GraphView): string {
  const { ticketIds, restMs, measuredCount } = critical;
  if (ticketIds.length === 0) return "Nothing is left to do: there is no critical path.";
  const length = `Critical path (★): ${ticketIds.length} ${ticketIds.length === 1 ? "ticket" : "tickets"}`;
  if (restMs === null) return `${length}; nothing is measured yet, so each ticket counts the same.`;
  const of = measuredCount === 1 ? "the one finished ticket" : `the median of ${measuredCount} finished tickets`;
  return `${length}, about ${duration(restMs)}, estimated by ${of} from start to merge.`;
}

function Node({ node, size }: { readonly node: GraphNode; readonly size: GraphProps["nodeSize"] }) {
  const { card, x, y, isCritical } = node;
  const whole = `${card.ticketId} ${visible(card.title)}: ${whyOf(node)}`;
  return (
    // Its name is the text that is seen, cut as it is; the whole title and the reason describe it.
    <a href={`/tickets/${encodeURIComponent(card.ticketId)}`} aria-description={whole} data-why={whole}>
      <g transform={`translate(${x} ${y})`} class={`node node-${card.status}${isCritical ? " node-critical" : ""}`}>
        <title>{whole}</title>
        <rect width={size.width} height={size.height} rx="4" />
        <text x="10" y="20" class="node-title">
          {cut(`${card.ticketId} ${visible(card.title)}`, 30)}
        </text>
        <text x="10" y="38" class="node-status">
          {`${statusMark(card.status)} ${spaced(card.status)}${card.attemptCount > 1 ? `, attempt ${card.attemptCount}` : ""}${isCritical ? " ★" : ""}`}
        </text>
      </g>
    </a>
  );
}

/** The status, why it does not move, and whether the end of the track waits for it. */
function whyOf({ card, isCritical }: GraphNode): string {
  const reason = card.reason === null ? "" : ` ${visible(card.reason)}`;
  return `${spaced(card.status)}.${reason}${isCritical ? " On the critical path." : ""}`;
}

function AsList({ graph }: { readonly graph: GraphView }) {
  return (
    <details id="graph-list">
      <summary>The same as a list</summary>
      <ul class="plan">
        {graph.nodes.map((node) => (
          <li>
            <a href={`/tickets/${encodeURIComponent(node.card.ticketId)}`}>
              <code>{node.card.ticketId}</code> {visible(node.card.title)}
            </a>
            {node.card.dependsOn.length > 0 ? ` needs ${node.card.dependsOn.join(", ")};` : " needs nothing;"}{" "}
            <span class="quiet">{whyOf(node)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function edgeClass({ isMet, isCritical }: GraphEdge): string {
  return `edge${isMet ? " edge-met" : ""}${isCritical ? " edge-critical" : ""}`;
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
