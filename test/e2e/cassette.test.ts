/** The compiled binary records a run that is killed, goes on recording after it, and plays the whole of it without its provider. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

test("a recording that was killed is readable, goes on with resume, and is played again without network", async () => {
  const tracks = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })])];
  const site = await makeSite(crew(tracks));
  const path = join(site.home, "run.jsonl");
  const recording = site.start(["record", path, ...runAll.slice(1), "--land"]);
  await recording.line(({ type }) => type === "attempt.finished");
  recording.kill("SIGKILL");
  await recording.finished;
  const half = await Bun.file(path).text();
  expect([half.startsWith('{"type":"cassette"'), half.includes('"type":"end"')]).toEqual([true, false]);

  const resumed = await site.run(["resume", "--approve", "all", "--land", "--trust"]);
  expect([resumed.exitCode, resumed.err]).toEqual([0, expect.stringContaining("exchanges are in")]);
  const text = await Bun.file(path).text();
  expect([text.length > half.length, text.includes('"type":"end","outcome":"done"'), text.includes(secretKey)]).toEqual(
    [true, true, false],
  );

  const asked = site.provider.answered.length;
  const replay = await site.run(["replay", path, "--json"], { env: {} });
  expect([replay.exitCode, replay.err]).toEqual([0, expect.stringContaining("this replay cost nothing")]);
  expect(summaryOf(replay)).toMatchObject({
    outcome: "done",
    tickets: [
      { ticketId: "T-001", status: "completed" },
      { ticketId: "T-002", status: "completed" },
    ],
  });
  expect(site.provider.answered.length).toBe(asked);
}, 60_000);

test("the page forks an ended run from a ticket: a run of its own, which costs only what differs", async () => {
  const tracks = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })])];
  const site = await makeSite(crew(tracks));
  expect((await site.run(runAll)).exitCode).toBe(0);
  const asked = site.provider.answered.length;
  const served = await Served.start(site);
  const form = new URLSearchParams({ prompt: "Add the part ape. Say little.", model: "three-b" });
  const headers = { authorization: `Bearer ${served.token}` };
  const post = { method: "POST", body: form, headers: { ...headers, "hx-request": "true" } };
  const told = await fetch(new URL("/actions/tickets/T-002/fork", served.listening.apiUrl), post);
  const folder = /runs in (\S+);/.exec(await told.text())?.[1] ?? "";
  expect([told.status, existsSync(folder)]).toEqual([200, true]);
  const way = await fetch(new URL("/forks/F-1", served.listening.apiUrl), { headers, redirect: "manual" });
  expect([way.status, way.headers.get("location")]).toEqual([303, expect.stringContaining("#k=")]);

  const status = async () => JSON.parse((await site.run(["status", "--json", "--project", folder])).out);
  for (;;) {
    const [track] = (await status()).tracks;
    if (track?.status === "completed") break;
  }
  const models = site.provider.answered.slice(asked).map(({ ask }) => ask.model);
  expect(models).toContain("three-b");
  expect(models).not.toContain("one");
  expect(models).not.toContain("three-a");
  served.process.kill("SIGINT");
  await served.process.finished;
  expect(existsSync(folder)).toBe(true);
  rmSync(folder, { recursive: true });
}, 60_000);
