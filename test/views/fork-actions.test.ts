/** The form of a ticket's fork: when there is one, what it asks for, and where its forks are. */
import { expect, test } from "bun:test";
import type { Forker, ForkWish } from "../../src/web/forker.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const attempt = { ticketId: "T-001", trackId, attempt: 1 };
const prompt = "Write <it>.\nThen\u200b stop.";

function opened(answer: Awaited<ReturnType<Forker["fork"]>> = { isDone: true, message: "It runs." }) {
  const wishes: ForkWish[] = [];
  const forker: Forker = {
    fork: async (wish) => {
      wishes.push(wish);
      return answer;
    },
    list: () =>
      wishes.map(() => ({ forkId: "F-1", folder: "/tmp/<clone>", startedAt: "2026-01-01T00:00:00Z", words: "Runs." })),
    urlOf: (forkId) => (forkId === "F-1" ? "http://fork.localhost:1/#k=once" : null),
  };
  const web = webApp((app, support) => registerPages(app, { ...support, forker }));
  const worker = {
    agentId: "A-0007",
    role: "worker" as const,
    purpose: "work" as const,
    streamId: "Tier 3 (Worker): T-001",
  };
  web.engine.add(
    ...planFacts(),
    { type: "attempt.started", ...attempt, model: "small", provider: "default", isFresh: true },
    { type: "attempt.prepared", ...attempt, branch: "b", worktree: "/w", baseCommit: "c", prompt, context: "" },
    {
      type: "agent.started",
      ...worker,
      ...attempt,
      model: "small",
      provider: "default",
      maxTokens: 9,
      system: "",
      message: [prompt],
    },
  );
  const post = async (form: Record<string, string>) => {
    const response = await web.ask("/actions/tickets/T-001/fork", {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "hx-request": "true",
        "hx-current-url": "http://127.0.0.1:4747/tickets/T-001",
      },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.status, html: await response.text() };
  };
  const end = () =>
    web.engine.add(
      { type: "epic.planned", epicId: "E-001", trackIds: [trackId] },
      { type: "track.blocked", trackId, reason: "It is over." },
    );
  return { ...web, wishes, post, end, page: async () => (await web.ask("/tickets/T-001")).text() };
}

test("while the run goes on there is no form, and one that is sent is refused", async () => {
  const { page, post, wishes } = opened();
  expect(await page()).toContain("is still under way: a run can be forked when it has ended.");
  expect(await post({ prompt, model: "small" })).toMatchObject({ status: 409 });
  expect(wishes).toEqual([]);
});

test("of an ended run it shows the prompt and the model, and says what it costs", async () => {
  const { page, end } = opened();
  end();
  const html = await page();
  expect(html).toContain("Write &lt;it&gt;.\nThen⟨U+200B⟩ stop.</textarea>");
  expect(html).toContain('name="model" value="small"');
  expect(html).toContain("is asked of the real endpoint, and costs");
});

test("asks for what was changed only, and links to the fork", async () => {
  const { post, wishes, end } = opened();
  end();
  const same = await post({ prompt: "Write <it>.\r\nThen⟨U+200B⟩ stop.", model: "small" });
  const other = await post({ prompt: "Write another.", model: "large" });
  expect([same.status, other.status, wishes]).toEqual([
    200,
    200,
    [{ ticketId: "T-001" }, { ticketId: "T-001", prompt: "Write another.", model: "large" }],
  ]);
  expect(other.html).toContain('href="/forks/F-1"');
  expect(other.html).toContain("/tmp/&lt;clone&gt;");
});

test("says beside the form why a fork could not begin", async () => {
  const { post, end } = opened({ isDone: false, rejection: { code: "conflict", message: "The base is gone." } });
  end();
  const { status, html } = await post({ prompt, model: "small" });
  expect([status, html.includes("The base is gone.")]).toEqual([409, true]);
});

test("leads to a fork's own page by an address that works once", async () => {
  const { ask } = opened();
  const found = await ask("/forks/F-1", { redirect: "manual" });
  expect([found.status, found.headers.get("location")]).toEqual([303, "http://fork.localhost:1/#k=once"]);
  expect((await ask("/forks/F-2")).status).toBe(404);
});
