/** The API's changes of a plan: a preview that changes nothing, and the change itself, refused when it would do something else. */
import { describe, expect, test } from "bun:test";
import { PreviewReply } from "../../src/web/api/preview-schema.ts";
import { TicketReply } from "../../src/web/api/schemas.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";
import { webApp } from "../support/web-app.ts";

const previewPath = `/api/tracks/${trackId}/plan-preview`;

function opened() {
  const web = webApp();
  web.engine.add(...planFacts());
  const post = async (path: string, wanted: object) => {
    const response = await web.send("POST", path, wanted);
    const body: ReturnType<typeof JSON.parse> = await response.json();
    return { status: response.status, body };
  };
  return { ...web, post };
}

describe("a preview", () => {
  test("says what a change would do, and changes nothing", async () => {
    const { engine, post } = opened();
    const edit = { action: "edit", ticketId: "T-001", changes: { description: "Otherwise." } };
    const { status, body } = await post(previewPath, { edit });
    expect(status).toBe(200);
    expect(PreviewReply.parse(body).tickets.map(({ ticketId }) => ticketId)).toContain("T-001");
    expect(engine.dispatched).toEqual([]);
  });

  test("names the cycle that a change would make, and what is not there", async () => {
    const { post } = opened();
    const edit = { action: "edit", ticketId: "T-001", changes: { dependsOn: ["T-002"] } };
    const cycle = await post(previewPath, { edit });
    expect(cycle.status).toBe(422);
    expect(cycle.body.error.message).toContain("T-001 → T-002 → T-001");
    expect((await post("/api/tracks/none/plan-preview", { edit })).status).toBe(404);
    expect((await post(previewPath, { edit: { action: "skip", ticketId: "T-404" } })).status).toBe(404);
    expect((await post(previewPath, { edit: { action: "explode" } })).status).toBe(422);
  });

  test("that is sent with its change lets that change through, and no other", async () => {
    const { post, engine } = opened();
    const { body } = await post(previewPath, { edit: { action: "skip", ticketId: "T-001" } });
    const { previewHash } = PreviewReply.parse(body);
    const other = await post("/api/tickets/T-001/skip", { reason: "Another word.", previewHash });
    expect(other).toMatchObject({ status: 409, body: { error: { code: "stale" } } });
    expect(engine.dispatched).toEqual([]);
    expect(await post("/api/tickets/T-001/skip", { previewHash })).toMatchObject({
      status: 200,
      body: { status: "skipped" },
    });
  });

  test("is stale once the plan has moved on", async () => {
    const { post } = opened();
    const ticket = { title: "More" };
    const { body } = await post(previewPath, { edit: { action: "add", ticket } });
    await post(`/api/tracks/${trackId}/tickets`, { title: "Another" });
    expect((await post(`/api/tracks/${trackId}/tickets`, { ...ticket, previewHash: body.previewHash })).status).toBe(
      409,
    );
  });
});

test("a ticket is added; the answer is the ticket", async () => {
  const { post } = opened();
  const wanted = { title: "More", dependsOn: ["T-001"], priority: "high", model: "big", isStepMode: true };
  const { status, body } = await post(`/api/tracks/${trackId}/tickets`, wanted);
  expect(status).toBe(201);
  expect(TicketReply.parse(body)).toMatchObject({ ...wanted, ticketId: "T-003", trackId, attemptCount: 0 });
  expect((await post(`/api/tracks/${trackId}/tickets`, { title: "" })).status).toBe(422);
  expect((await post("/api/tracks/none/tickets", { title: "More" })).status).toBe(404);
});

test("a ticket is split; the answer is the whole and its parts", async () => {
  const { post, engine } = opened();
  const parts = [{ title: "One" }, { title: "Two" }];
  const { status, body } = await post("/api/tickets/T-001/split", { parts, isChained: true });
  expect(status).toBe(201);
  expect(body.ticket).toMatchObject({ ticketId: "T-001", status: "skipped" });
  expect(body.parts).toMatchObject([{ ticketId: "T-003" }, { ticketId: "T-004", dependsOn: ["T-003"] }]);
  expect(engine.state().tickets.get("T-002")?.dependsOn).toEqual(["T-004"]);
  expect((await post("/api/tickets/T-002/split", { parts: [{ title: "One" }] })).status).toBe(422);
});

test("a ticket is put before another one", async () => {
  const { post, engine } = opened();
  expect(await post("/api/tickets/T-002/place", { beforeTicketId: "T-001" })).toMatchObject({
    status: 200,
    body: { ticketId: "T-002" },
  });
  expect(engine.state().tracks.get(trackId)?.ticketIds).toEqual(["T-002", "T-001"]);
  expect((await post("/api/tickets/T-002/place", { beforeTicketId: "T-404" })).status).toBe(422);
});
