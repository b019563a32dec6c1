/** How many git processes a run of one ticket starts, from the start of the binary to the landing: they are what a run costs. */
import { afterAll, expect, test } from "bun:test";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

/** What it takes now, and a little room; it took 102 before lookups and moves of refs were left to two that stay. */
const mostProcesses = 40;

test("a run of one ticket with a landing takes few git processes", async () => {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const [folder, log] = [join(site.home, "bin"), join(site.home, "git.log")];
  await mkdir(folder);
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const real = Bun.which("git") ?? "git";
  await writeFile(join(folder, "git"), `#!/bin/sh\nprintf '%s\\n' "$*" >> ${quote(log)}\nexec ${quote(real)} "$@"\n`);
  await chmod(join(folder, "git"), 0o755);
  const env = { ANTHROPIC_API_KEY: secretKey, PATH: `${folder}:${process.env.PATH}` };
  const { exitCode, err } = await site.run([...runAll, "--land"], { env });
  expect({ exitCode, err }).toMatchObject({ exitCode: 0 });
  const calls = (await readFile(log, "utf8")).trimEnd().split("\n");
  const shown = calls.map((call) => call.replaceAll(/-c \S+ /g, "").slice(0, 80));
  // All of them are shown where there are too many.
  if (calls.length > mostProcesses) expect(shown).toEqual([]);
  expect(calls.length).toBeGreaterThan(10);
});
