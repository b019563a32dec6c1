/** What an unseen page hears of: the number of gates and the newest, at once and whenever that has changed. */
import { expect, test } from "bun:test";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { waitingMessages } from "../../src/web/pages/waiting.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { commandGate } from "../support/page-scene.ts";
import { planFacts } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

async function nextOf(messages: AsyncGenerator<string>): Promise<unknown> {
  const { value } = await messages.next();
  return JSON.parse(String(value).replace(/^data: /, ""));
}

test("what waits is told at once, then once for everything that came meanwhile", async () => {
  const engine = new FakeEngine();
  const ending = new AbortController();
  const messages = waitingMessages(engine, 60_000, ending.signal);
  expect(await nextOf(messages)).toEqual({ count: 0, gateIds: [] });
  const next = nextOf(messages);
  engine.add(commandGate("G-001", "ls"));
  engine.add(commandGate("G-002", "rm \u202e x"));
  expect(await next).toMatchObject({
    count: 2,
    gateIds: ["G-001", "G-002"],
    newest: { sentence: "Run rm ⟨U+202E⟩ x for this project" },
  });
  ending.abort();
  expect((await messages.next()).done).toBe(true);
  expect(engine.listenerCount).toBe(0);
});

test("the palette answers with entries whose invisible characters can be seen", async () => {
  const { ask, engine } = webApp(registerPages);
  engine.add(...planFacts(), commandGate("G-001", "rm \u202e x"));
  const answer = await ask("/palette?q=g-001");
  expect(await answer.json()).toMatchObject({
    entries: [{ kind: "gate", label: "G-001 Run rm ⟨U+202E⟩ x for this project" }],
  });
});
