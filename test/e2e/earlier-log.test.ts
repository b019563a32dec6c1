/** A project whose state folder was moved away: a new run of the same names starts from the user's commit, and loses nothing of the old one. */
import { afterAll, expect, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { noteGit } from "../support/noted-git.ts";

afterAll(removeSites);

test("a second run without the first one's log does the work anew, on a worktree that was made ahead", async () => {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const { git, root } = site.repository;
  const first = summaryOf(await site.run(runAll));
  const [branch = ""] = (await git("for-each-ref", "--format=%(refname)", "refs/heads/signalbox/*/track")).split("\n");
  const merged = await git("rev-parse", branch);
  await rm(join(root, ".signalbox"), { recursive: true });
  const noted = await noteGit(join(site.home, "bin"));
  const run = await site.run(runAll, { env: { ANTHROPIC_API_KEY: secretKey, PATH: noted.path } });
  expect(run.exitCode).toBe(0);
  const second = summaryOf(run);
  expect(second.tickets.map(({ status, attemptCount }) => [status, attemptCount])).toEqual([["completed", 1]]);
  expect(second.tickets.length).toBe(first.tickets.length);
  const merges = await git("log", "--merges", "--format=%s", `main..${branch}`);
  expect(merges.split("\n")).toHaveLength(1);
  expect(await git("for-each-ref", "--format=%(objectname)", "refs/signalbox/trash")).toContain(merged);
  // What was made ahead became the ticket's: git looked at it once, and none is left.
  expect((await noted.calls()).filter((call) => call.includes("status --porcelain --ignored"))).toHaveLength(1);
  expect(await readdir(join(root, ".signalbox/spares"))).toEqual([]);
}, 60_000);
