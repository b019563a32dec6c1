/** The event log as a page: every event is found by its filters, once, and costs the same however long the log is. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Event } from "../../src/domain/event.ts";
import { eventWords } from "../../src/projections/event-words.ts";
import { eventWindow, filterFault, filtersOf } from "../../src/web/pages/event-window.ts";
import { openPage } from "../../src/web/pages/open-page.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { randomUsage } from "../support/random-usage.ts";
import { sampleEngine } from "../support/sample-state.ts";

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 1);

/** An engine whose events are a minute apart. */
function engineOf(seed: number): FakeEngine {
  const engine = new FakeEngine();
  randomUsage(seed, 120).forEach((fact, index) => {
    engine.log.push({ ...fact, position: index + 1, at: new Date(startMs + index * minuteMs).toISOString() });
  });
  engine.state().position = engine.log.length;
  return engine;
}

const filters = (asked: Record<string, string>) => filtersOf(new URLSearchParams(asked));

/** All pages from the newest to the oldest, put together. */
function allPages(engine: FakeEngine, asked: Record<string, string>): Event[] {
  const found: Event[] = [];
  let before: number | null = null;
  do {
    const page = eventWindow(engine, filters(asked), before);
    found.unshift(...page.events);
    before = page.olderBefore;
  } while (before !== null);
  return found;
}

describe("the pages of the log together", () => {
  const asked = fc.record(
    {
      type: fc.constantFrom("call.*", "ticket.completed", "agent.started", "nothing"),
      track: fc.constantFrom("alpha_20260101", "beta_20260101"),
      ticket: fc.constantFrom("T-a1", "T-b2"),
      agent: fc.constantFrom("A-1", "A-7"),
      since: fc.nat(700).map(String),
      until: fc.nat(700).map(String),
    },
    { requiredKeys: [] },
  );

  test("hold each event of the filters once, in order", () => {
    const engine = engineOf(3);
    const isWhole = (query: Record<string, string>) => {
      const wanted = engine.log.filter((event) => isMeant(event, query)).map((event) => event.position);
      expect(allPages(engine, query).map((event) => event.position)).toEqual(wanted);
    };
    fc.assert(fc.property(asked, isWhole), { numRuns: 100 });
  });
});

function isMeant(event: Event, { type, track, ticket, agent, since, until }: Record<string, string>): boolean {
  const has = (name: string, value: string | undefined) =>
    value === undefined || Object.entries(event).some(([key, found]) => key === name && found === value);
  return (
    (type === undefined || new Bun.Glob(type).match(event.type)) &&
    has("trackId", track) &&
    has("ticketId", ticket) &&
    has("agentId", agent) &&
    event.position >= Number(since ?? 0) &&
    event.position <= Number(until ?? Number.POSITIVE_INFINITY)
  );
}

describe("a time", () => {
  test("bounds the log as well as a position does", () => {
    const engine = engineOf(3);
    const at = (index: number) => new Date(startMs + index * minuteMs).toISOString();
    const found = allPages(engine, { since: at(10), until: at(20) });
    expect([found[0]?.position, found.at(-1)?.position, found.length]).toEqual([11, 21, 11]);
  });

  test("that cannot be read is said", () => {
    expect(filterFault(filters({ since: "yesterday" }))).toContain('"yesterday" is neither a position nor a time');
    expect(filterFault(filters({ since: "2026-01-01", until: "12" }))).toBeNull();
  });
});

test("a filter that is seldom met looks at a bounded number of events, and says so", () => {
  const engine = new FakeEngine();
  const asked: number[] = [];
  engine.state().position = 1_000_000;
  engine.events = (query) => {
    asked.push(query.limit);
    return [];
  };
  const page = eventWindow(engine, filters({ type: "ticket.cancelled" }), null);
  expect(page.searchedCount).toBeLessThan(150_000);
  expect(page.olderBefore).toBe(1_000_000 - (page.searchedCount ?? 0) + 1);
  expect(asked.length).toBeLessThan(20);
});

test("a page that follows shows sentences with links; one that holds still is drawn once", async () => {
  const engine = sampleEngine();
  const services = {
    engine,
    headerToken: () => "",
    closing: new AbortController().signal,
    heartbeatMs: 1,
  };
  const html = (address: string) => {
    // What a page needs of the server is what is given here.
    const page = openPage(services as unknown as Parameters<typeof openPage>[0], address);
    return String(page?.draw(true).regions.map((region) => String(region.content)));
  };
  expect(html("/events?ticket=T-001")).toContain("Attempt 1 failed (check): The check ended with exit code 1.");
  expect(html("/events")).toContain("Hold here");
  expect(html("/events?before=5")).toContain("Newest, and follow");
  expect(html("/events?position=1")).toContain('<details id="event-1" open');
});

test("every event of a busy project is one line", () => {
  for (const event of sampleEngine().log) {
    expect(eventWords(event)).toMatch(/^\S[^\n]*\S$/);
    expect(eventWords(event)).not.toContain("undefined");
  }
});
