/** The forms of a plan: what each shows before it does it, what it does, and what it is refused. */
import { expect, test } from "bun:test";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const path = `/actions/plan/${trackId}`;

function opened(from = `/tracks/${trackId}?change=order`) {
  const web = webApp(registerPages);
  web.engine.add(...planFacts());
  const post = async (form: Record<string, string>, action = path) => {
    const response = await web.ask(action, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "hx-request": "true",
        "hx-current-url": `http://127.0.0.1:4747${from}`,
      },
      body: new URLSearchParams(form).toString(),
    });
    return { status: response.status, html: await response.text() };
  };
  const page = async (query: string) => (await web.ask(`/tracks/${trackId}${query}`)).text();
  return { ...web, post, page };
}

const fields = {
  title: "Title of T-001",
  description: "Write it.",
  acceptanceCriteria: "It works",
  targetFiles: "src/T-001.ts",
  contextFiles: "",
  dependsOn: "",
  verify: "",
  model: "",
  priority: "medium",
};

function hashIn(html: string): string {
  return /data-preview="([0-9a-f]+)"/.exec(html)?.[1] ?? "";
}

/** The sample's first ticket, with its attempt under way. */
function underWay(engine: ReturnType<typeof opened>["engine"]): void {
  const attempt = { ticketId: "T-001", trackId, attempt: 1, model: "m", provider: "default", isFresh: true };
  engine.add({ type: "attempt.started", ...attempt });
}

test("a preview shows what would happen, and does nothing", async () => {
  const { post, engine } = opened();
  const { status, html } = await post({ action: "skip", ticketId: "T-001", step: "preview" });
  expect(status).toBe(200);
  expect(html).toContain('hx-target="#edit-preview"');
  expect(html).toContain('data-consequence="T-001" data-kind="ended"');
  expect(engine.dispatched).toEqual([]);
});

test("what was shown is applied as it was shown", async () => {
  const { post, engine } = opened();
  const shown = await post({ action: "skip", ticketId: "T-001", reason: "No.", step: "preview" });
  const form = { action: "skip", ticketId: "T-001", step: "apply", previewHash: hashIn(shown.html) };
  const other = await post({ ...form, reason: "Another." });
  expect(other.status).toBe(409);
  expect(other.html).toContain("is not what the preview was made of");
  expect((await post({ ...form, reason: "No." })).status).toBe(200);
  expect(engine.dispatched).toEqual([{ type: "skip_ticket", ticketId: "T-001", reason: "No." }]);
});

test("an edit that would end an attempt is shown first, and applied when it is sent again", async () => {
  const { post, engine } = opened(`/tracks/${trackId}?change=edit&ticket=T-001`);
  underWay(engine);
  const form = { ...fields, action: "edit", ticketId: "T-001", description: "Otherwise.", step: "apply" };
  const shown = await post(form);
  expect(shown.status).toBe(409);
  expect(shown.html).toContain("Nothing is changed yet: it would end an attempt.");
  expect(engine.dispatched).toEqual([]);
  const done = await post({ ...form, previewHash: hashIn(shown.html) });
  expect(done.status).toBe(200);
  expect(done.html).toContain('hx-target="#plan-form"');
  expect(engine.state().tickets.get("T-001")).toMatchObject({ description: "Otherwise." });
});

test("an edit that only changes priority and step mode needs no preview", async () => {
  const { post, engine } = opened();
  underWay(engine);
  await post({ ...fields, priority: "high", isStepMode: "true" }, "/actions/tickets/T-001/edit");
  const changes = { priority: "high", isStepMode: true } as const;
  expect(engine.dispatched).toEqual([{ type: "edit_ticket", ticketId: "T-001", changes }]);
});

test("a form of a ticket that was changed since is not taken", async () => {
  const { post, engine, page } = opened();
  const base = /name="base" value="([0-9a-f]+)"/.exec(await page("?change=edit&ticket=T-001"))?.[1] ?? "";
  engine.dispatch({ type: "edit_ticket", ticketId: "T-001", changes: { model: "big" } });
  const form = { ...fields, action: "edit", ticketId: "T-001", base, title: "Mine", step: "apply" };
  const { status, html } = await post(form);
  expect(status).toBe(409);
  expect(html).toContain("T-001 was changed since this form was opened");
});

test("a cycle is named beside the form", async () => {
  const { post } = opened(`/tracks/${trackId}?change=edit&ticket=T-001`);
  const form = { ...fields, action: "edit", ticketId: "T-001", dependsOn: "T-002", step: "preview" };
  const { status, html } = await post(form);
  expect(status).toBe(422);
  expect(html).toMatch(/hx-target="#edit-error"[^>]*>The dependencies would form a cycle: T-001 → T-002 → T-001\./);
});

test("a ticket is added, another split: parts without a title are left out, files of the whole not said twice", async () => {
  const { post, engine } = opened();
  await post({ ...fields, action: "add", title: "More", phase: "Phase 1: All", afterTicketId: "T-001", step: "apply" });
  expect(engine.state().tracks.get(trackId)?.ticketIds).toEqual(["T-001", "T-003", "T-002"]);
  const parts = { title1: "One", targetFiles1: "src/T-002.ts", title2: "Two", description2: "Do\r\nit.", title3: " " };
  await post({ ...parts, action: "split", ticketId: "T-002", isChained: "true", step: "apply" });
  expect(engine.dispatched.at(-1)).toEqual({
    type: "split_ticket",
    ticketId: "T-002",
    parts: [{ title: "One" }, { title: "Two", description: "Do\nit." }],
    isChained: true,
  });
  const one = await post({ title1: "One", action: "split", ticketId: "T-001", step: "apply" });
  expect(one).toMatchObject({ status: 422 });
  expect(one.html).toContain("two parts or more");
});

test("the levers move a ticket one place among those that are to do", async () => {
  const { post, engine } = opened();
  const order = () => engine.state().tracks.get(trackId)?.ticketIds;
  await post({ action: "move", ticketId: "T-002", direction: "up" });
  expect(order()).toEqual(["T-002", "T-001"]);
  await post({ action: "move", ticketId: "T-002", direction: "up" });
  expect(order()).toEqual(["T-002", "T-001"]);
  await post({ action: "move", ticketId: "T-002", direction: "down" });
  expect(order()).toEqual(["T-001", "T-002"]);
  await post({ action: "move", ticketId: "T-001", beforeTicketId: "", step: "apply" });
  expect(order()).toEqual(["T-002", "T-001"]);
});

test("what is not there is said in words", async () => {
  const { post, page } = opened();
  expect((await post({ action: "skip", ticketId: "T-404" })).status).toBe(404);
  expect((await post({ action: "explode", ticketId: "T-001" })).status).toBe(422);
  expect((await post({ action: "add" }, "/actions/plan/none")).status).toBe(404);
  expect(await page("?change=edit&ticket=T-404")).toContain("There is no ticket T-404 in this track.");
  expect(await page("?change=explode&ticket=T-001")).toContain("There is no such change of a plan.");
});

test("without a wish the page of a track shows only the way to its forms", async () => {
  const { page } = opened();
  expect(await page("")).toContain("?change=add#change");
  expect(await page("")).not.toContain("plan-table");
  expect(await page("?change=order")).toContain('aria-label="Move T-001 up"');
});
