/** A crash in the middle of a check: it is run again on what was committed, and its leftovers are not the ticket's. */
import { afterAll, expect, test } from "bun:test";
import { globSync } from "node:fs";
import { join } from "node:path";
import { until } from "../prove/proof.ts";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

test("what a check left when it was killed is not merged", async () => {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]), {
    config: { verify: 'command = "echo left > left-$$.txt; sleep 1"' },
  });
  const options = ["--land", "--unsafe-no-sandbox"];
  const run = site.start([...runAll, ...options]);
  await run.line(({ type }) => type === "check.started");
  const left = () => globSync("left-*.txt", { cwd: join(site.repository.root, ".signalbox/worktrees/T-001") });
  expect(await until(() => left().length > 0, 20_000)).toBe(true);
  run.kill("SIGKILL");
  await run.finished;
  const resumed = await site.run(["resume", "--approve", "all", "--trust", "--json", ...options]);
  expect(summaryOf(resumed)).toMatchObject({ outcome: "done", tickets: [{ status: "completed", attemptCount: 1 }] });
  const names = await site.repository.git("ls-tree", "-r", "--name-only", "main");
  expect(names).toContain("src/ant.ts");
  expect(names).not.toContain("left-");
  expect(await site.repository.git("for-each-ref", "refs/signalbox/trash/T-001")).not.toBe("");
});
