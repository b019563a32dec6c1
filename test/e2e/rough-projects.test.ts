/** Projects as they are in the wild: odd paths, hooks, signing, no identity, other branches, commits made meanwhile. */
import { afterAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const one = [trackPlan("alpha", [ticketPlan("ant")])];
const landAll = [...runAll, "--land"];

test.concurrent("a path with spaces and letters of the world, from a folder inside it, and by --project", async () => {
  const site = await makeSite(crew(one));
  const odd = `${site.repository.root} ünï 'q' "d" $x`;
  await rename(site.repository.root, odd);
  try {
    const inner = await site.run(["status", "--json"], { cwd: join(odd, "src") });
    expect(inner.exitCode).toBe(0);
    const run = await site.run([...landAll, "--project", odd], { cwd: site.home });
    expect([run.exitCode, run.err]).toEqual([0, run.err]);
    expect(await Bun.file(join(odd, "src/ant.ts")).exists()).toBe(true);
  } finally {
    await rm(odd, { recursive: true, force: true });
  }
});

describe.concurrent("a repository", () => {
  test("whose hooks fail and whose commits are signed takes the work all the same", async () => {
    const site = await makeSite(crew(one));
    const hooks = join(site.repository.root, ".git/hooks");
    await mkdir(hooks, { recursive: true });
    for (const name of ["pre-commit", "commit-msg", "pre-merge-commit", "post-checkout", "post-merge"]) {
      await Bun.write(join(hooks, name), "#!/bin/sh\necho hook ran >> ../hooks-ran.txt\nexit 1\n");
      await chmod(join(hooks, name), 0o755);
    }
    await site.repository.git("config", "commit.gpgsign", "true");
    await site.repository.git("config", "gpg.program", "/nonexistent/gpg");
    const run = await site.run(landAll);
    expect([run.exitCode, run.err]).toEqual([0, run.err]);
    expect(await site.repository.read("src/ant.ts")).toContain("ant");
  });

  test("without an identity takes the work all the same", async () => {
    const site = await makeSite(crew(one));
    await site.repository.git("config", "--unset", "user.name");
    await site.repository.git("config", "--unset", "user.email");
    const run = await site.run(landAll);
    expect([run.exitCode, run.err]).toEqual([0, run.err]);
  });

  test("on a branch of another name is landed there", async () => {
    const site = await makeSite(crew(one));
    await site.repository.git("switch", "--quiet", "-c", "feature/mine");
    const main = await site.repository.git("rev-parse", "main");
    const run = await site.run(landAll);
    expect(run.exitCode).toBe(0);
    expect(await site.repository.git("branch", "--show-current")).toBe("feature/mine");
    expect(await site.repository.git("rev-parse", "main")).toBe(main);
    expect(await site.repository.read("src/ant.ts")).toContain("ant");
  });

  test("without a branch is left alone, in words", async () => {
    const site = await makeSite(crew(one));
    await site.repository.git("switch", "--quiet", "--detach");
    const head = await site.repository.git("rev-parse", "HEAD");
    const run = await site.run(landAll);
    expect(run.exitCode).not.toBe(0);
    expect(run.err.trimEnd().split("\n").at(-1)).toMatch(/branch/);
    expect(await site.repository.git("rev-parse", "HEAD")).toBe(head);
  });

  test("that its user commits to meanwhile keeps those commits", async () => {
    const landing = Promise.withResolvers<void>();
    const site = await makeSite(
      crew(one, {
        worker: async ({ turn }) => {
          if (turn === 1) await landing.promise;
          return undefined;
        },
      }),
    );
    const run = site.start(landAll);
    await run.line(({ type, streamId }) => type === "call.started" && `${streamId}`.startsWith("Tier 3"));
    await site.repository.git("add", "--", "readme.md");
    await site.repository.write({ "readme.md": "Changed by hand.\n" });
    await site.repository.git("commit", "--quiet", "-m", "mine", "--", "readme.md");
    landing.resolve();
    const ended = await run.finished;
    expect([ended.exitCode, ended.err]).toEqual([0, ended.err]);
    expect(await site.repository.read("readme.md")).toBe("Changed by hand.\n");
    expect(await site.repository.read("src/ant.ts")).toContain("ant");
  });
});

test.concurrent("what a landing refused for uncommitted work, a resume lands once it is committed", async () => {
  const site = await makeSite(crew(one));
  await site.repository.write({ "src/base.ts": "export const base = 2;\n" });
  const run = await site.run(landAll);
  expect(run.exitCode).not.toBe(0);
  expect(summaryOf(run).tickets[0]?.status).toBe("completed");
  await site.repository.commit({}, "mine");
  const resumed = await site.run(["resume", "--approve", "all", "--land", "--json"]);
  expect([resumed.exitCode, resumed.err]).toEqual([0, resumed.err]);
  expect(await site.repository.read("src/ant.ts")).toContain("ant");
  expect(await site.repository.read("src/base.ts")).toContain("2");
});

test.concurrent("a second goal in the same project goes on from the first, with new ids", async () => {
  const plans = [one, [trackPlan("beta", [ticketPlan("bee")])]];
  let at = 0;
  const site = await makeSite((ask) => crew(plans[at] ?? one)(ask));
  expect((await site.run(landAll)).exitCode).toBe(0);
  at = 1;
  const run = await site.run(landAll);
  expect([run.exitCode, run.err]).toEqual([0, run.err]);
  expect(summaryOf(run).tickets).toMatchObject([{ ticketId: "T-002", status: "completed" }]);
  expect(await site.repository.read("src/bee.ts")).toContain("bee");
});
