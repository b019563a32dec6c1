/** The graph of a track: the critical path is a longest chain, and no box moves because a status changes. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { criticalPath, heaviestChain } from "../../src/projections/critical-path.ts";
import { drawnTickets, layOut, mostNodes, shapeOf, ticketGraph } from "../../src/projections/view-graph.ts";
import { trackDetail } from "../../src/projections/view-tracks.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { planFacts, ticketFact, trackId } from "../support/sample-facts.ts";

/** Random graphs in which a ticket needs only earlier ones, each ticket with a weight. */
const graphs = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 9 })
  .map((all) =>
    all.map(([weight, picks], at) => ({
      ticketId: `T-${at}`,
      weight,
      dependsOn: at === 0 ? [] : picks.map((pick) => `T-${pick % at}`),
    })),
  );

test("on any graph the critical path is a chain, and no chain is heavier", () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const byId = new Map(nodes.map((node) => [node.ticketId, node]));
      const longest = (ticketId: string): number => {
        const node = byId.get(ticketId);
        return node ? node.weight + Math.max(0, ...node.dependsOn.map(longest)) : 0;
      };
      const chain = heaviestChain(nodes);
      chain.forEach((ticketId, at) => {
        const before = chain[at - 1];
        if (before !== undefined) expect(byId.get(ticketId)?.dependsOn).toContain(before);
      });
      const weight = chain.reduce((sum, ticketId) => sum + (byId.get(ticketId)?.weight ?? 0), 0);
      expect(weight).toBe(Math.max(...nodes.map(({ ticketId }) => longest(ticketId))));
    }),
  );
});

function engineWith(count: number): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts());
  for (let at = 3; at <= count; at += 1) engine.add(ticketFact(`T-${String(at).padStart(3, "0")}`, ["T-002"]));
  return engine;
}

function drawn(engine: FakeEngine) {
  const state = engine.state();
  const track = state.tracks.get(trackId);
  if (!track) throw new Error("There is no track.");
  return { state, cards: trackDetail(state, track).cards, tickets: [...state.tickets.values()] };
}

test("a change of status draws on the same layout; what is skipped leaves the critical path", () => {
  const engine = engineWith(4);
  const before = drawn(engine);
  const layout = layOut(before.cards);
  expect(criticalPath(before.state, before.tickets).ticketIds).toEqual(["T-001", "T-002", "T-003"]);
  engine.add({ type: "ticket.skipped", ticketId: "T-001", trackId, reason: "Not needed." });
  const after = drawn(engine);
  expect(shapeOf(after.cards)).toBe(shapeOf(before.cards));
  const critical = criticalPath(after.state, after.tickets);
  expect(critical).toMatchObject({ ticketIds: ["T-002", "T-003"], restMs: null });
  const graph = ticketGraph(layout, after.cards, critical);
  expect(graph.nodes.filter(({ isCritical }) => isCritical).map(({ card }) => card.ticketId)).toEqual([
    "T-002",
    "T-003",
  ]);
  expect(graph.edges.find(({ to }) => to === "T-002")).toMatchObject({ isMet: true, isCritical: false });
});

test("a box says what its ticket waits for, with that ticket's status", () => {
  const { cards } = drawn(engineWith(3));
  expect(cards.find(({ ticketId }) => ticketId === "T-002")?.reason).toBe("Waits for T-001 (todo).");
});

test("of a large track the part that is not done is drawn, the next tickets first", () => {
  const engine = engineWith(mostNodes + 40);
  engine.add({ type: "ticket.skipped", ticketId: "T-003", trackId, reason: "Not needed." });
  const { cards, tickets, state } = drawn(engine);
  const chosen = drawnTickets(cards).map(({ ticketId }) => ticketId);
  expect(chosen).toHaveLength(mostNodes);
  expect(chosen.slice(0, 3)).toEqual(["T-001", "T-002", "T-004"]);
  const graph = ticketGraph(layOut(drawnTickets(cards)), cards, criticalPath(state, tickets));
  expect(graph.hiddenCount).toBe(40);
});

test("a column of the board is bounded, and says how many there are", () => {
  const { state } = drawn(engineWith(60));
  const track = state.tracks.get(trackId);
  const [todo] = track ? trackDetail(state, track).columns : [];
  expect(todo).toMatchObject({ status: "todo" });
  expect([todo?.tickets.length, todo?.count]).toEqual([20, 60]);
});
