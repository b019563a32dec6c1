/** The compiled binary records a run that is killed, goes on recording after it, and plays the whole of it without its provider. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
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
