/** The provider traffic as pages: rows without bodies, filters, pages that leave no call out, and one call in full. */
import { expect, test } from "bun:test";
import type { Fact } from "../../src/domain/event.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { FakeEngine } from "../support/fake-engine.ts";
import { callFacts, planFacts } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const ref = { agentId: "A-0001", streamId: "Tier 3 (Worker): T-001" };
const [agent, started, settled] = callFacts({ role: "worker", agentId: "A-0001", callId: "C-00001" });

function id(number: number): string {
  return `C-${String(number).padStart(5, "0")}`;
}

/** An engine whose log has so many calls of one worker; every tenth failed. */
function engineWith(count: number): FakeEngine {
  const engine = new FakeEngine();
  if (!agent || started?.type !== "call.started" || settled?.type !== "call.settled") throw new Error("no call");
  engine.add(...planFacts(), agent);
  for (let number = 1; number <= count; number += 1) {
    const call = { ...ref, callId: id(number), turn: number };
    const { usage, costUsd, durationMs } = settled;
    const messages = [{ role: "user", content: `words of ${id(number)}` }];
    const failed: Fact = {
      type: "call.failed",
      ...call,
      code: "overloaded",
      reason: "Busy.",
      status: 529,
      text: "",
      usage,
      costUsd,
      durationMs,
    };
    engine.add({ ...started, ...call, messages }, number % 10 === 0 ? failed : { ...settled, ...call });
  }
  return engine;
}

async function show(engine: FakeEngine, path: string): Promise<string> {
  const response = await webApp(registerPages, { engine }).ask(path);
  expect(response.status).toBe(200);
  return await response.text();
}

function callsIn(html: string): string[] {
  return [...html.matchAll(/data-call="([^"]+)"/g)].map(([, callId = ""]) => callId);
}

test("a page of a hundred calls holds none of their bodies, and is small", async () => {
  const html = await show(engineWith(100), "/comms");
  expect(callsIn(html)).toHaveLength(100);
  expect(html).not.toContain("words of");
  expect(html.length).toBeLessThan(120_000);
});

test("following Older from the newest shows every call once", async () => {
  const engine = engineWith(777);
  const seen: string[] = [];
  for (let path: string | undefined = "/comms"; path !== undefined; ) {
    const html: string = await show(engine, path);
    seen.push(...callsIn(html));
    path = /href="(\/comms\?[^"]*before=\d+)">Older/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  expect(seen).toEqual(Array.from({ length: 777 }, (_, at) => id(777 - at)));
});

test("calls are filtered by stream, model and status, over all their pages", async () => {
  const engine = engineWith(500);
  expect(callsIn(await show(engine, "/comms?status=failed"))).toEqual(
    Array.from({ length: 50 }, (_, at) => id(500 - 10 * at)),
  );
  expect(callsIn(await show(engine, "/comms?stream=T-001&model=model-a"))).toHaveLength(100);
  expect(callsIn(await show(engine, "/comms?stream=T-999"))).toEqual([]);
  expect(callsIn(await show(engine, "/comms?model=other"))).toEqual([]);
});

test("a call's page has its request as it was sent, its response, its figures and its other tries", async () => {
  const engine = engineWith(10);
  if (started?.type !== "call.started" || settled?.type !== "call.settled") throw new Error("no call");
  const again = { ...ref, callId: id(11), turn: 10 };
  engine.add(
    { ...started, ...again, tries: 2, messages: [{ role: "user", content: "words of C-00010" }] },
    { ...settled, ...again },
  );
  const html = await show(engine, "/comms?call=C-00010");
  expect(html).toContain("529: Busy.");
  expect(html).toContain("words of C-00010");
  expect(html).toContain("&quot;max_tokens&quot;: 1000");
  expect(html).not.toContain("words of C-00011");
  expect(html).toContain('href="/comms?call=C-00011"');
  expect(await show(engine, "/comms?call=C-00003")).toContain("Done.");
});

test("an unknown call is not found", async () => {
  const response = await webApp(registerPages, { engine: engineWith(3) }).ask("/comms?call=C-00099");
  expect(response.status).toBe(404);
});
