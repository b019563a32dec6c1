/** The context pages: every agent a row, one agent part by part with levers, and the exact text of what it sends next. */
import { describe, expect, test } from "bun:test";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { ContextEngine, readingFacts, workerId, workerStream } from "../support/context-engine.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const detail = `/context?agent=${workerId}`;

function scene(engine: FakeEngine = new ContextEngine()) {
  const app = webApp(registerPages, { engine });
  const show = async (path: string) => await (await app.ask(path)).text();
  const map = async () => JSON.parse(await show(`/api/streams/${encodeURIComponent(workerStream)}/context`));
  const sending = () => show(`/api/agents/${workerId}/request`);
  const pull = async (lever: string, name: string) => {
    const piece = (await map()).pieces.find((each: { name: string }) => each.name === name);
    const body = new URLSearchParams({ lever, piece: piece?.key ?? "none" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return await app.ask(`/actions/agents/${workerId}/context`, { method: "POST", body, headers });
  };
  return { ...app, engine, show, map, sending, pull };
}

describe("the list", () => {
  test("has a row for every agent, the live ones first, each with its bar and figures in words", async () => {
    const engine = new ContextEngine();
    engine.add(...callFacts({ role: "qa", agentId: "A-0002", callId: "C-00009" }), {
      type: "agent.ended",
      agentId: "A-0002",
      text: "",
    });
    const html = await scene(engine).show("/context");
    expect([...html.matchAll(/data-agent="([^"]+)"/g)].map((match) => match[1])).toEqual([workerId, "A-0002"]);
    expect(html).toMatch(/role="img" aria-label="[\d\u202f]+ of 180\u202f000 tokens, [\d.]+ %: system/);
    expect(html).toContain("below half");
    const figures = JSON.parse(await scene(engine).show(`/api/streams/${encodeURIComponent(workerStream)}/context`));
    expect(html).toContain(`~${String(figures.usedTokens).replace(/\B(?=(\d{3})+$)/g, "\u202f")}`);
  });

  test("is filtered by role, and comes in pages of twenty-five", async () => {
    const engine = new FakeEngine();
    engine.add(...planFacts());
    for (let number = 1; number <= 60; number += 1)
      engine.add(...callFacts({ role: number % 2 ? "qa" : "worker", agentId: `A-${number}`, callId: `C-${number}` }));
    const { show } = scene(engine);
    const agents = async (path: string) =>
      [...(await show(path)).matchAll(/data-agent="A-(\d+)"/g)].map((match) => Number(match[1]));
    expect(await agents("/context?page=3")).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await agents("/context?role=qa&page=2")).every((number) => number % 2 === 1)).toBe(true);
    expect(await show("/context?role=qa")).toContain('href="/context?role=qa&amp;page=2">Older');
  });
});

describe("an agent's page", () => {
  test("has a table of parts that sums to its total, what goes first, and a lever on each piece that may go", async () => {
    const html = await scene().show(detail);
    const tokens = [...html.matchAll(/data-part="[^"]+">.*?<td>~([\d\u202f]+)<\/td>/gs)].map((match) =>
      Number((match[1] ?? "").replace(/\D/g, "")),
    );
    const total = Number(/All of it<\/th><td>~([\d\u202f]+)/.exec(html)?.[1]?.replace(/\D/g, ""));
    expect(tokens.length).toBeGreaterThan(4);
    expect(tokens.reduce((sum, each) => sum + each, 0)).toBe(total);
    expect(html).toMatch(/<li>result of read src\/f1\.ts/);
    expect(html).toContain('aria-label="Evict result of read src/f1.ts"');
    expect(html).toContain('aria-label="Pin result of read src/f1.ts"');
    expect(html).toContain('aria-label="Evict file src/a.ts (raw)"');
    expect(html).not.toContain('aria-label="Evict first message, text 2"');
  });

  test("shows a piece in full on its own page, and no body before", async () => {
    const { show, map } = scene();
    expect(await show(detail)).not.toContain("body of f1");
    const piece = (await map()).pieces.find(({ name }: { name: string }) => name === "result of read src/f1.ts");
    expect(await show(`${detail}&piece=${piece.key}`)).toContain("body of f1");
  });

  test("shows the exact text of the next request, which is also there to download", async () => {
    const { ask, show, sending } = scene();
    const text = await sending();
    const shown =
      /<pre[^>]*id="request-text"[^>]*>([\s\S]*?)<\/pre>/.exec(await show(`${detail}&view=request`))?.[1] ?? "";
    expect(Bun.escapeHTML(text)).toBe(shown.replaceAll("&#39;", "&#x27;").trim());
    const response = await ask(`/api/agents/${workerId}/request`);
    expect(response.headers.get("content-disposition")).toContain("A-0001-request.json");
    expect(JSON.parse(text).messages).toHaveLength(7);
  });
});

describe("a lever", () => {
  test("evicts a result from the next request, and restores it", async () => {
    const { engine, pull, sending, map } = scene();
    const before = await sending();
    expect((await pull("evict", "result of read src/f1.ts")).status).toBe(303);
    expect(engine.log.at(-1)).toMatchObject({
      type: "context.evicted",
      agentId: workerId,
      name: "result of read src/f1.ts",
      by: "person",
    });
    expect(await sending()).not.toContain("body of f1");
    expect((await map()).usedTokens).toBeLessThan(JSON.parse(before).max_tokens * 3);
    expect((await pull("restore", "result of read src/f1.ts")).status).toBe(303);
    expect(await sending()).toBe(before);
  });

  test("pins a result through a limit that would have taken it", async () => {
    const { engine, pull, sending } = scene(new ContextEngine(12));
    await pull("pin", "result of read src/f2.ts");
    const settings = { ...engine.state().settings, context: { historyTokens: 2_000 } };
    engine.add({ type: "settings.applied", settings });
    expect(await sending()).toContain("body of f2");
    expect(await sending()).not.toContain("body of f1 ");
  });

  test("is refused in words where it may not be pulled", async () => {
    const { pull, send } = scene();
    const refused = await pull("evict", "first message, text 2");
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("says what the agent must do");
    expect((await pull("evict", "call read src/f1.ts")).status).toBe(422);
    expect((await pull("pin", "nothing of the kind")).status).toBe(409);
    const reply = await send("POST", `/api/agents/${workerId}/context`, { lever: "pin", piece: "none" });
    expect(await reply.json()).toMatchObject({ error: { code: "stale" } });
    expect((await send("POST", "/api/agents/A-9/context", { lever: "pin", piece: "x" })).status).toBe(404);
  });

  test("is there for the API, which answers with the map as it is then", async () => {
    const { map, send } = scene();
    const piece = (await map()).pieces.find(({ name }: { name: string }) => name === "file src/a.ts (raw)");
    const reply = await send("POST", `/api/agents/${workerId}/context`, { lever: "evict", piece: piece.key });
    const after = JSON.parse(await reply.text());
    expect(after.pieces.find(({ key }: { key: string }) => key === piece.key)).toMatchObject({
      choice: "evicted",
      fate: "stub",
    });
  });
});

test("an agent that has ended shows what it sent last, and has no lever", async () => {
  const engine = new FakeEngine();
  engine.add(...planFacts(), ...readingFacts(2), { type: "agent.ended", agentId: workerId, text: "Done." });
  const html = await scene(engine).show(detail);
  expect(html).toContain("Last request, exact text");
  expect(html).not.toContain('name="lever"');
});
