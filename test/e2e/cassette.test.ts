/** The compiled binary records a run that is killed, goes on recording after it, and plays the whole of it without its provider. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const Listening = z.object({ url: z.string() });
const Prefix = z.object({ system: z.string(), tools: z.array(z.unknown()) });
const Answer = z.object({ content: z.array(z.unknown()) });
const Exchange = z.object({ model: z.string(), messages: z.array(z.unknown()), response: Answer });

test("a recording that was killed is readable, goes on with resume, is played again without network, forked, and served", async () => {
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

  const fork = await site.run(["fork", path, "--from", "T-002", "--model", "three-b", "--trust"]);
  expect([fork.exitCode, fork.err]).toEqual([0, expect.stringContaining("went to the real endpoint")]);
  const models = site.provider.answered.slice(asked).map(({ ask }) => ask.model);
  expect([models.includes("three-b"), models.includes("one"), models.includes("three-a")]).toEqual([
    true,
    false,
    false,
  ]);
  rmSync(/The clone stays in (\S+)\. /.exec(fork.err)?.[1] ?? "", { recursive: true });

  const simulator = site.start(["simulate", "--cassette", path, "--port", "0", "--json"]);
  const { url } = Listening.parse(await simulator.line(({ type }) => type === "listening"));
  const headers = { "anthropic-version": "2023-06-01", "content-type": "application/json", "x-api-key": "any" };
  const ask = (body: object) =>
    fetch(new URL("/v1/messages", url), {
      method: "POST",
      headers,
      body: JSON.stringify({ max_tokens: 1_000, ...body }),
    });
  const lines = text.trimEnd().split("\n");
  const [prefix, exchange] = ["prefix", "exchange"].map((type) =>
    lines.find((line) => line.includes(`"type":"${type}"`)),
  );
  const { system, tools } = Prefix.parse(JSON.parse(prefix ?? ""));
  const { model, messages, response } = Exchange.parse(JSON.parse(exchange ?? ""));
  const told = await ask({ model, system, tools, messages });
  expect([told.status, Answer.parse(await told.json()).content]).toEqual([200, response.content]);
  const unknown = await ask({ model, system, tools, messages: [{ role: "user", content: "Another question." }] });
  expect([unknown.status, await unknown.text()]).toEqual([
    404,
    expect.stringContaining("differs from the recorded one"),
  ]);
  simulator.kill("SIGINT");
  expect((await simulator.finished).exitCode).toBe(130);
});

test("the page forks an ended run from a ticket: a run of its own, which costs only what differs", async () => {
  const tracks = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })])];
  const site = await makeSite(crew(tracks));
  expect((await site.run(runAll)).exitCode).toBe(0);
  const asked = site.provider.answered.length;
  const served = await Served.start(site);
  const past = await served.get("/?at=5");
  expect(past).toContain("As of position 5");
  expect(await served.get("/timeline?at=5&view=streams")).toContain("Position 5 of");
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
});
