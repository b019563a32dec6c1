/** What the binary does when it is itself at fault, when another one holds the project, and when another user looks. */
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, secretKey } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const plan = [trackPlan("alpha", [ticketPlan("ant")])];
const resume = ["resume", "--approve", "all", "--trust", "--json"];

test.each(["throw", "reject"])("an exception that reaches nobody (%s) is told, recorded, and ends it", async (how) => {
  const site = await makeSite(crew(plan));
  const env = { ANTHROPIC_API_KEY: secretKey, SIGNALBOX_CRASH_AT: `${how}:12` };
  const { exitCode, err, lines } = await site.run(runAll, { env });
  expect(exitCode).toBe(1);
  expect(err.trimEnd().split("\n").at(-1)).toMatch(/^signalbox: A fault of Signalbox itself ended it: .+ resume/);
  expect(lines.at(-1)).toMatchObject({ error: { code: "internal" } });
  const { lines: logged } = await site.run(["log", "--json"]);
  expect(logged.findLast(({ type }) => type.startsWith("engine."))).toMatchObject({ type: "engine.stopped" });
  expect(summaryOf(await site.run(resume)).outcome).toBe("done");
});

test("a wish for a crash that means nothing is refused with words", async () => {
  const site = await makeSite(crew(plan));
  const env = { ANTHROPIC_API_KEY: secretKey, SIGNALBOX_CRASH_AT: "sometime" };
  const { exitCode, err } = await site.run(runAll, { env });
  expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining("before:N, after:N") });
});

test("a second one is turned away with the first one's name, and let in once that was killed", async () => {
  const site = await makeSite(crew(plan));
  const server = site.start(["serve", "--json", "--port", "0", "--no-open", "--trust"]);
  await server.line(({ type }) => type === "listening");
  const second = await site.run(runAll);
  expect(second.exitCode).toBe(1);
  expect(second.err).toContain(`process ${server.pid} (signalbox serve`);
  server.kill("SIGKILL");
  await server.finished;
  expect((await site.run(runAll)).exitCode).toBe(0);
});

const isRoot = process.getuid?.() === 0 && Bun.which("setpriv") !== null;

test.if(isRoot)("another user can read nothing of the state", async () => {
  const site = await makeSite(crew(plan));
  await site.run(runAll);
  const state = join(site.repository.root, ".signalbox");
  await site.repository.git("config", "core.sharedRepository", "all");
  Bun.spawnSync(["chmod", "755", site.repository.root]);
  const asNobody = (...command: string[]) =>
    Bun.spawnSync(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...command]).exitCode;
  expect(asNobody("cat", join(site.repository.root, "readme.md"))).toBe(0);
  for (const command of [
    ["ls", state],
    ["cat", join(state, "signalbox.db")],
    ["cat", join(state, "holder.json")],
  ])
    expect([command, asNobody(...command)]).not.toEqual([command, 0]);
});
