/** A project with a long log: the page is there before the log is read whole, and a log that was changed still ends it. */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeLargeLog } from "../bench/page/large-log.ts";
import { makeSite, removeSites, type Site } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew } from "../support/foreign-crew.ts";

afterAll(removeSites);

const resume = ["resume", "--approve", "all", "--trust", "--json"];

/** A project with 52,000 events, and the snapshot of a start over them. */
async function siteWithSnapshot(): Promise<{ site: Site; log: string; shown: unknown }> {
  const site = await makeSite(crew([], {}));
  const log = join(site.repository.root, ".signalbox/signalbox.db");
  await stop(await Served.start(site));
  writeLargeLog(log, { trackCount: 20, ticketsPerTrack: 50, eventsPerTicket: 52 });
  const first = await Served.start(site);
  const shown = await first.get("/api/tickets/T-001");
  await stop(first);
  return { site, log, shown };
}

function numberIn(log: string, sql: string): number {
  using database = new Database(log, { readonly: true });
  return database.query<{ number: number }, []>(sql).get()?.number ?? 0;
}

async function stop(served: Served): Promise<string> {
  served.process.kill("SIGINT");
  const { exitCode, err } = await served.process.finished;
  expect(exitCode).toBe(130);
  return err;
}

test("a second start shows what the first one showed, takes commands once the log is checked, and leaves a log that holds", async () => {
  const { site, log, shown } = await siteWithSnapshot();
  expect(statSync(`${log}-snapshot`).mode & 0o777).toBe(0o600);
  const position = numberIn(log, "SELECT max(position) AS number FROM events");
  const served = await Served.start(site);
  expect(await served.get("/api/tickets/T-001")).toEqual(shown);
  const feed = await served.feed({ "last-event-id": String(position) });
  await feed.event(({ type }) => type === "engine.started");
  expect((await served.send("PATCH", "/api/engine", { isPaused: false })).status).toBe(200);
  await feed.close();
  expect(await stop(served)).not.toContain("snapshot");
  const { lines } = await site.run(["log", "--json", "--type", "engine.*"]);
  const types = lines.map(({ type }) => type).filter((type) => type.startsWith("engine."));
  expect(types.slice(-3)).toEqual(["engine.started", "engine.unpaused", "engine.stopped"]);
  const resumed = await site.run(resume);
  expect(resumed.lines.at(-1)).toMatchObject({ type: "summary", outcome: "done" });
}, 120_000);

test("a row that was changed long ago ends the page with its position and exit 1; a changed snapshot is made anew", async () => {
  const { site, log } = await siteWithSnapshot();
  const bytes = readFileSync(`${log}-snapshot`);
  bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
  writeFileSync(`${log}-snapshot`, bytes);
  expect(await stop(await Served.start(site))).toContain("was ignored: it does not match its hash");
  expect(readFileSync(`${log}-snapshot`)).not.toEqual(bytes);

  const position = numberIn(log, "SELECT min(position) AS number FROM events WHERE type = 'track.created'");
  const database = new Database(log);
  database.run("UPDATE events SET body = replace(body, 'One part', 'Another part') WHERE position = ?", [position]);
  database.close();
  // It may have ended by the time that anybody has seen where it listened.
  const { exitCode, err, lines } = await site.start(["serve", "--trust", "--json", "--port", "0", "--no-open"])
    .finished;
  expect(exitCode).toBe(1);
  expect(err).toContain(`The event log is damaged at position ${position}: the row does not match its hash.`);
  expect(lines.at(-1)).toMatchObject({ error: { code: "log_damaged" } });
  expect(await site.run(resume)).toMatchObject({ exitCode: 1, err });
  expect(await site.run(["log", "--json"])).toMatchObject({ exitCode: 1 });
}, 120_000);
