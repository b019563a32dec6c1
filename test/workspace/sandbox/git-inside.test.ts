/** git as a worker's command sees it: it can look at its worktree, and write nothing of ours. */
import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../../src/workspace/command-runner.ts";
import { openRepository } from "../../../src/workspace/repository.ts";
import { probeSandbox } from "../../../src/workspace/sandbox/probe.ts";
import { makeTempRepository } from "../../support/temp-repository.ts";
import { expectedTiers } from "./scratch-project.ts";

const temp = await makeTempRepository({ "a.txt": "one\n" });
afterAll(() => temp.remove());

test("looks at the worktree in every tier, and cannot write the private git folder or read the state", async () => {
  const repository = await openRepository(temp.root);
  await repository.prepareTrack("t_20260101", []);
  const attempt = { trackId: "t_20260101", ticketId: "T-001", isFresh: false };
  const { worktree } = await repository.prepareAttempt(attempt);
  const stateDir = join(temp.root, ".signalbox");
  writeFileSync(join(stateDir, "token"), "secret");
  await temp.git("remote", "add", "origin", "https://somebody:secret@example.org/a.git");
  const place = { projectRoot: temp.root, stateDir, mode: "auto", network: false, isUnsafe: false } as const;
  const command = `echo two >> a.txt; git status --short; git diff --stat; git log --oneline; cat ${stateDir}/token ${temp.root}/.git/config; git remote -v; echo x >> ${stateDir}/git/config; git commit -qam no`;
  for (const tier of expectedTiers()) {
    const sandbox = await probeSandbox({ ...place, tiers: [tier] });
    const { output } = await runCommand({ command, cwd: worktree, root: worktree, sandbox, timeoutMs: 20_000 });
    expect(output).toContain(" M a.txt");
    expect(output).toContain("first");
    expect(output).not.toContain("secret");
  }
  expect(await temp.read(".signalbox/git/config")).not.toContain("x\n");
  expect(await repository.branchTip("signalbox/t_20260101/T-001")).toBe(await temp.git("rev-parse", "main"));
});
