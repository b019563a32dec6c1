/** How many git processes a run of one ticket starts, from the start of the binary to the landing: they are what a run costs. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { noteGit } from "../support/noted-git.ts";

afterAll(removeSites);

/** What it takes now, and a little room; it took 102 before lookups and moves of refs were left to two that stay. */
const mostProcesses = 40;

test("a run of one ticket with a landing takes few git processes", async () => {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const git = await noteGit(join(site.home, "bin"));
  const env = { ANTHROPIC_API_KEY: secretKey, PATH: git.path };
  const { exitCode, err } = await site.run([...runAll, "--land"], { env });
  expect({ exitCode, err }).toMatchObject({ exitCode: 0 });
  const calls = await git.calls();
  const shown = calls.map((call) => call.replaceAll(/-c \S+ /g, "").slice(0, 80));
  // All of them are shown where there are too many.
  if (calls.length > mostProcesses) expect(shown).toEqual([]);
  expect(calls.length).toBeGreaterThan(10);
});
