/** A plan that a person changes over HTTP while the binary runs it: previews, refusals, and what is merged in the end. */
import { afterAll, expect, test } from "bun:test";
import { makeSite, removeSites } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

const servers: Served[] = [];
afterAll(async () => {
  for (const served of servers) served.process.kill("SIGKILL");
  await removeSites();
});

const planned = [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] }), ticketPlan("elk")];
const byHand = [ticketPlan("cat"), ticketPlan("gnu"), ticketPlan("yak")];
const tracks = [trackPlan("alpha", [...planned, ...byHand])];

/** The fields of a ticket by hand, as the API takes them. */
function wanted(key: "cat" | "gnu" | "yak") {
  const { title, description = "", target_files = [] } = ticketPlan(key);
  return { title, description, targetFiles: target_files };
}

test("a ticket is added, one split, one freed of what it needed and one told anew; all is merged, and plan.md says so", async () => {
  let count = 0;
  const answer = crew(tracks, {
    techLead: () => call("propose_tickets", { tickets: planned }),
    worker: ({ turn }, { key }) =>
      key === "ant" && turn === 1 && count++ === 0 ? { text: "I think. ", ending: "stall" } : undefined,
  });
  const site = await makeSite(answer, { config: { gates: 'level = "all"' } });
  const served = await Served.start(site);
  servers.push(served);
  const feed = await served.feed();
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  const created = await feed.event(({ type }) => type === "ticket.created");
  const trackId = String(created.trackId);
  await feed.event(({ type, streamId }) => type === "call.settled" && String(streamId).endsWith("T-001"));
  const preview = (edit: object) => served.send("POST", `/api/tracks/${trackId}/plan-preview`, { edit });

  const cat = { ...wanted("cat"), dependsOn: ["T-001"], afterTicketId: "T-001" };
  const added = await served.send("POST", `/api/tracks/${trackId}/tickets`, cat);
  expect(added).toMatchObject({ status: 201, body: { ticketId: "T-004", status: "todo" } });
  const parts = [wanted("gnu"), wanted("yak")];
  const split = await served.send("POST", "/api/tickets/T-002/split", { parts, isChained: true });
  expect(split).toMatchObject({
    status: 201,
    body: { ticket: { status: "skipped" }, parts: [{ dependsOn: ["T-001"] }, {}] },
  });

  const cycle = await served.send("PATCH", "/api/tickets/T-005", { dependsOn: ["T-006"] });
  expect(cycle).toMatchObject({ status: 422, body: { error: { code: "invalid" } } });
  expect(cycle.body.error.message).toContain("T-005 → T-006 → T-005");
  expect((await served.send("PATCH", "/api/tickets/T-005", { dependsOn: [] })).status).toBe(200);
  await feed.event(({ type, ticketId }) => type === "ticket.completed" && ticketId === "T-005");

  const changes = { description: "Export the word ant, in capitals. Do it otherwise." };
  const seen = await preview({ action: "edit", ticketId: "T-001", changes });
  expect(seen.body.tickets).toContainEqual(expect.objectContaining({ ticketId: "T-001", kind: "rerun" }));
  const stale = await served.send("PATCH", "/api/tickets/T-001", {
    ...changes,
    title: "Other",
    previewHash: seen.body.previewHash,
  });
  expect(stale).toMatchObject({ status: 409, body: { error: { code: "stale" } } });
  const { previewHash } = seen.body;
  expect((await served.send("PATCH", "/api/tickets/T-001", { ...changes, previewHash })).status).toBe(200);
  expect((await served.send("POST", "/api/tickets/T-004/place", { beforeTicketId: null })).status).toBe(200);
  await feed.event(({ type }) => type === "track.completed");

  const { tickets } = await served.get("/api/state");
  expect(
    tickets.map((one: { key: string; status: string; attemptCount: number }) => [one.status, one.attemptCount]),
  ).toEqual([["completed", 2], ["skipped", 0], ...["elk", "cat", "gnu", "yak"].map(() => ["completed", 1])]);
  const again = site.provider.answered.find(
    ({ ask }) => ask.role === "worker" && ask.first.includes("Do it otherwise."),
  );
  expect(again?.ask.first).toContain("A person changed the description of T-001.");
  served.process.kill("SIGTERM");
  await served.process.finished;
  const [kept = ""] = (
    await site.repository.git("for-each-ref", "--format=%(refname)", "refs/signalbox/trash/T-001")
  ).split("\n");
  expect(await site.repository.git("show", `${kept}:src/ant.ts`)).toContain("export const ant");
  const plan = await site.repository.read(`conductor/tracks/${trackId}/plan.md`);
  const lines = [...plan.matchAll(/^- \[(.)\] Task: (T-\d+): (.+?)( [0-9a-f]{7})?$/gm)].map(
    ([, mark, ticketId, title, sha]) => [mark, ticketId, title, sha !== undefined],
  );
  expect(lines).toEqual([
    ["x", "T-001", "Add the part ant.", true],
    ["x", "T-002", "Add the part ape.", false],
    ["x", "T-005", "Add the part gnu.", true],
    ["x", "T-006", "Add the part yak.", true],
    ["x", "T-003", "Add the part elk.", true],
    ["x", "T-004", "Add the part cat.", true],
  ]);
});
