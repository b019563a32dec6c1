/** The levers: pause, edit, cancel, retry, skip, over HTTP and from the command line, with a server and without. */
import { afterAll, expect, test } from "bun:test";
import { makeSite, removeSites, runAll, type SiteOptions } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { type CrewParts, call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

const servers: Served[] = [];
afterAll(async () => {
  for (const served of servers) served.process.kill("SIGKILL");
  await removeSites();
});

const chain = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] }), ticketPlan("elk")])];
const allowAll: SiteOptions = { config: { gates: 'level = "all"' } };

async function serving(parts: CrewParts = {}, options = allowAll) {
  const site = await makeSite(crew(chain, parts), options);
  const served = await Served.start(site);
  servers.push(served);
  const feed = await served.feed();
  const statuses = async () => {
    const { tickets } = await served.get("/api/state");
    return Object.fromEntries(tickets.map((ticket: { key: string; status: string }) => [ticket.key, ticket.status]));
  };
  return { site, served, feed, statuses };
}

test.concurrent("a paused engine calls no model until it goes on", async () => {
  const { site, served, feed } = await serving();
  expect((await site.run(["pause"])).exitCode).toBe(0);
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  expect((await served.get("/api/state")).isPaused).toBe(true);
  expect((await served.send("PATCH", "/api/engine", { isPaused: false })).body).toEqual({ isPaused: false });
  const first = await feed.event(({ type }) => type === "call.started");
  const unpaused = await feed.event(({ type }) => type === "engine.unpaused");
  expect(first.position).toBeGreaterThan(unpaused.position);
  await feed.event(({ type }) => type === "track.completed");
});

test.concurrent("a cancelled ticket's worker ends, what needs it is blocked, and a retry brings both back", async () => {
  let count = 0;
  const { served, feed, statuses } = await serving({
    worker: (_ask, { key }) => (key === "ant" && count++ === 0 ? { text: "I think. ", ending: "stall" } : undefined),
  });
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  await feed.event(({ type, ticketId }) => type === "ticket.completed" && ticketId === "T-003");
  const cancelled = await served.send("POST", "/api/tickets/T-001/cancellation", { reason: "Not now." });
  expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
  expect(await statuses()).toEqual({ ant: "cancelled", ape: "blocked", elk: "completed" });
  expect((await served.send("POST", "/api/tickets/T-001/retry", {})).status).toBe(200);
  await feed.event(({ type, ticketId }) => type === "ticket.completed" && ticketId === "T-002");
  expect(await statuses()).toEqual({ ant: "completed", ape: "completed", elk: "completed" });
  expect((await served.send("POST", "/api/tickets/T-001/cancellation", {})).status).toBe(409);
  expect((await served.send("POST", "/api/tickets/T-999/cancellation", {})).status).toBe(404);
});

test.concurrent("a ticket that is skipped lets go on what needs it; an edited one is told as edited", async () => {
  const { site, served, feed, statuses } = await serving({}, { config: { gates: 'level = "guarded"' } });
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  await served.decide(await served.gate(feed, "tracks"));
  const gate = await served.gate(feed, "tickets");
  await served.send("PATCH", "/api/engine", { isPaused: true });
  await served.decide(gate);
  expect((await site.run(["skip", "T-001", "--reason", "It is there already."])).exitCode).toBe(0);
  const changes = { description: "Do it in the new way.", targetFiles: ["src/new.ts"] };
  const edited = await served.send("PATCH", "/api/tickets/T-002", changes);
  expect(edited).toMatchObject({ status: 200, body: changes });
  expect((await served.send("PATCH", "/api/tickets/T-002", { dependsOn: ["T-002"] })).status).toBe(422);
  await served.send("PATCH", "/api/engine", { isPaused: false });
  const land = served.gate(feed, "land");
  const write = served.gate(feed, "write");
  expect((await served.decide(await write)).status).toBe(200);
  await land;
  expect(await statuses()).toEqual({ ant: "skipped", ape: "completed", elk: "completed" });
  const first = site.provider.answered.find(({ ask }) => ask.role === "worker" && ask.first.includes("part ape."))?.ask;
  expect(first?.first).toContain("Do it in the new way.");
});

test.concurrent("without a server the levers work on the log, and the next resume goes by them", async () => {
  let count = 0;
  const site = await makeSite(
    crew(chain, {
      worker: (_ask, { key }) =>
        key === "ant" && count++ === 0 ? call("report_blocked", { reason: "No." }) : undefined,
    }),
    { config: { workers: "retries = 0" } },
  );
  expect((await site.run(runAll)).exitCode).toBe(1);
  expect((await site.run(["retry", "T-003"])).exitCode).toBe(1);
  expect((await site.run(["retry", "T-001"])).exitCode).toBe(0);
  const run = await site.run(["resume", "--approve", "all", "--land", "--json"]);
  expect(run.exitCode).toBe(0);
  expect(await site.repository.read("src/ape.ts")).toContain("ape");
});
