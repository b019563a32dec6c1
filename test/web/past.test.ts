/** The past of a project: its states are those of the log's beginnings, and its pages those of the present without levers. */
import { describe, expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { evolve, fold } from "../../src/domain/evolve.ts";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { emptyState } from "../../src/domain/state.ts";
import { StreamHub } from "../../src/engine/stream-hub.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { LogHistory } from "../../src/web/past/log-history.ts";
import { PastEngine } from "../../src/web/past/past-engine.ts";
import { Dice } from "../support/dice.ts";
import { fullEngine } from "../support/every-page.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { randomUsage } from "../support/random-usage.ts";
import { webApp } from "../support/web-app.ts";

const track = "/tracks/duration_parsing_20261123";
const leadStream = "Tier 2 (Tech Lead): duration_parsing_20261123";

describe("states of the past", () => {
  test("are what the first events of the log fold to, in whatever order they are asked for", async () => {
    const engine = new FakeEngine();
    engine.add(...randomUsage(7, 400));
    const { length } = engine.log;
    const history = LogHistory.of(engine);
    const dice = new Dice(3);
    const jumps = Array.from({ length: 5 }, () => 1 + dice.below(length));
    for (const position of [300, 1, length, ...jumps, 299, 301, length - 1])
      expect((await history.at(position)).state()).toEqual(fold(engine.log.slice(0, position)));
  });

  test("are kept for few positions, however long the log is, and are there for all", async () => {
    const engine = new FakeEngine();
    const unpaused = { type: "engine.unpaused", by: "person" } as const;
    const paused = { type: "engine.paused", by: "person" } as const;
    engine.add(...Array.from({ length: 20_000 }, (_unset, index) => (index % 2 ? unpaused : paused)));
    const history = LogHistory.of(engine);
    for (const position of [20_000, 1, 12_345, 12_344, 12_343, 19_999]) {
      const { position: reached, isPaused } = (await history.at(position)).state();
      expect({ reached, isPaused }).toEqual({ reached: position, isPaused: position % 2 === 1 });
    }
    expect(history.keptCount).toBeLessThanOrEqual(64 + 24);
  });

  test("stay as they are while the log goes on", async () => {
    const engine = fullEngine();
    const position = engine.log.length;
    const past = await LogHistory.of(engine).at(position);
    engine.add({ type: "engine.paused", by: "person" }, { type: "track.started", trackId: "docs_20261123" });
    expect(past.state()).toEqual(fold(engine.log.slice(0, position)));
    expect(past.events({ after: 0, limit: 1_000 }).length).toBe(position);
    expect(past.dispatch().isAccepted).toBe(false);
  });

  test("have the streams that a start at their position would have", () => {
    const engine = new FakeEngine();
    const facts = [...fullEngine().log, ...streamFacts()];
    const timeOf = (position: number) => new Date(1_800_000_000_000 + position * 1_000).toISOString();
    for (const [index, fact] of facts.entries())
      engine.log.push({ ...fact, position: index + 1, at: timeOf(index + 1) });
    const [hub, state] = [new StreamHub(), emptyState()];
    for (const event of engine.log) {
      evolve(state, event);
      hub.replay(state, event);
      const past = new PastEngine(engine, fold(engine.log.slice(0, event.position)));
      expect(told(past.streams())).toEqual(told(hub.streams));
    }
  });
});

/** What else can happen to a stream: another request of its agent, a gate, a call that fails, an agent that does. */
function streamFacts(): Fact[] {
  const agentId = "A-tech_lead-duration_parsing_20261123";
  const call = { callId: "C-9", agentId, streamId: leadStream, turn: 2 };
  const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const begun = { tries: 1, model: "m", provider: "default", messages: [], tools: [], reservedUsd: null };
  const tool = { type: "tool_use", id: "1", name: "accept_ticket", input: {} };
  const took = { usage, costUsd: 0.01, durationMs: 9 };
  return [
    { type: "agent.prompted", agentId, purpose: "review", ticketId: "T-002", message: ["Review it."] },
    { type: "call.started", ...call, ...begun, reservedInputTokens: 1, reservedOutputTokens: 1 },
    {
      type: "call.failed",
      ...call,
      ...took,
      code: "overloaded",
      reason: "Overloaded.",
      text: "Half a",
      retryInMs: 900,
    },
    { type: "call.started", ...call, ...begun, callId: "C-10", reservedInputTokens: 1, reservedOutputTokens: 1 },
    { type: "call.settled", ...call, ...took, callId: "C-10", content: [tool], stopReason: "tool_use", firstByteMs: 1 },
    {
      type: "gate.opened",
      gateId: "G-900",
      kind: "checkpoint",
      agentId,
      reason: "Look.",
      payload: {},
      payloadHash: "0",
    },
    {
      type: "gate.approved",
      gateId: "G-900",
      kind: "checkpoint",
      payload: {},
      payloadHash: "0",
      isEdited: false,
      by: "person",
    },
    { type: "call.started", ...call, ...begun, callId: "C-11", reservedInputTokens: 1, reservedOutputTokens: 1 },
    { type: "agent.failed", agentId, code: "crash", reason: "Its thread died.", isRetryable: false },
  ];
}

/** All that a pane and the clock of streams show; when something was heard of a stream that has ended, neither does. */
function told(streams: ReadonlyMap<string, LiveStream>) {
  return [...streams.values()]
    .map((stream) => {
      const { streamId, role, agentId, epicId, trackId, ticketId } = stream;
      const { status, reason, text, endOffset, startedAt, endedAt, spans } = stream;
      const owner = { streamId, role, agentId, epicId, trackId, ticketId };
      return { ...owner, status, reason, text, endOffset, startedAt, endedAt, spans };
    })
    .sort((a, b) => (a.streamId < b.streamId ? -1 : 1));
}

describe("pages of the past", () => {
  const engine = fullEngine();
  const last = engine.log.length;
  const { ask } = webApp(registerPages, { engine });
  const show = async (path: string) => {
    const answer = await ask(path);
    return { status: answer.status, html: await answer.text() };
  };
  const pages = ["/", "/streams", "/gates", "/usage", "/context", track, "/tickets/T-001", "/tickets/T-002"];

  test("show at the last position what the present page shows, without a lever", async () => {
    for (const path of pages) {
      const [now, then] = [(await show(path)).html, (await show(`${path}?at=${last}`)).html];
      expect(shown(now).length).toBeGreaterThan(0);
      expect({ path, shown: shown(then) }).toEqual({ path, shown: shown(now) });
      expect(levers(now).length).toBeGreaterThan(3);
      expect({ path, levers: levers(then) }).toEqual({ path, levers: [] });
    }
  });

  test("say of which position they are and lead back to now; every link that can stays in the past", async () => {
    const { html } = await show(`/?at=${last - 1}`);
    expect(html).toContain(`As of position ${last - 1}`);
    expect(html).toMatch(/<a href="\/" data-now="">\s*Back to now/);
    expect(html).toContain(`<a href="/?at=${last}">Next event</a>`);
    for (const path of [`${track}?at=${last - 1}`, `/gates?at=${last - 1}`, `/usage?at=${last - 1}`])
      expect(html).toContain(`href="${path}"`);
    const filter = (await show(`/streams?track=x&at=${last}`)).html;
    expect(filter).toContain(`<input type="hidden" name="at" value="${last}">`);
  });

  test("show what was so then: a ticket on its way, a gate not asked yet", async () => {
    const merged = engine.log.findIndex(({ type }) => type === "merge.started") + 1;
    const opened = engine.log.findIndex(({ type }) => type === "gate.opened") + 1;
    expect((await show(`${track}?at=${merged}`)).html).toContain('data-ticket="T-001" data-status="merging"');
    expect((await show(`/gates?at=${opened}`)).html).toContain('data-gate="G-001"');
    expect((await show(`/gates?at=${opened - 1}`)).html).not.toContain("data-gate=");
  });

  test("are told apart from a present that goes on", async () => {
    const grown = fullEngine();
    const { ask: askGrown } = webApp(registerPages, { engine: grown });
    grown.add({ type: "engine.paused", by: "person" });
    expect(await (await askGrown(`/?at=${last}`)).text()).not.toContain("paused");
    expect(await (await askGrown(`/?at=${last + 1}`)).text()).toContain("paused");
  });

  test("have a palette that finds places of then, and does nothing", async () => {
    const find = async (query: string) => {
      const { entries } = JSON.parse((await show(`/palette?at=${last}&q=${query}`)).html);
      return entries.map(({ target }: { readonly target: { readonly href: string } }) => target.href);
    };
    expect(await find("T-001")).toContain(`/tickets/T-001?at=${last}`);
    expect(await find("settings")).toContain("/settings");
    expect(await find("pause")).not.toContain(undefined);
    expect((await show("/palette?at=x")).status).toBe(422);
  });

  test("where there is no such position say so in a sentence", async () => {
    for (const at of ["x", "0", "-1", "1.5", "1e3", "", "9".repeat(40)])
      expect((await show(`/?at=${at}`)).status).toBe(422);
    const future = await show(`/gates?at=${last + 1}`);
    expect(future.status).toBe(404);
    expect(future.html).toContain(`The log ends at position ${last}`);
    const early = await show(`${track}?at=1`);
    expect(early.status).toBe(404);
    expect(early.html).toContain("At position 1 there was no such page");
    const empty = await webApp(registerPages).ask("/?at=1");
    expect(empty.status).toBe(404);
  });
});

/** What a page says of tracks, tickets, gates, streams, tiers and money. */
function shown(html: string): string[] {
  const main = html.slice(html.indexOf("<main"), html.indexOf("</main>"));
  const facts = /data-(?:track|ticket|status|gate|gate-kind|tier|agent|decided)="[^"]*"|\$\d[\d.]*|<h2[^>]*>[^<]*/g;
  const levers = /Start something new|Levers|Change the plan|Specification|Plan/;
  // In the past some regions stand in another order, so that nothing jumps on the way through it.
  return [...main.matchAll(facts)]
    .map(([fact]) => fact)
    .filter((fact) => !levers.test(fact))
    .sort();
}

/** What acts, or tells of the present. */
function levers(html: string): string[] {
  const acts =
    /method="post"|hx-post|<textarea|hx-sse:connect|id="live"|data-since|data-open-gates|type="submit" name/g;
  return [...html.matchAll(acts)].map(([lever]) => lever);
}
