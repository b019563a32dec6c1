/** A project on disk for sandbox tests: a root with a state folder and one worktree, removed when the test file ends. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeSandbox } from "../../../src/workspace/sandbox/probe.ts";

export function makeProject() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sandbox-test-")));
  const stateDir = join(root, ".signalbox");
  const worktree = join(stateDir, "worktrees", "T-001");
  mkdirSync(worktree, { recursive: true });
  writeFileSync(join(stateDir, "token"), "the token");
  writeFileSync(join(root, "secret.txt"), "a file of the user's own tree");
  return {
    root,
    stateDir,
    worktree,
    probe: (options: Partial<Parameters<typeof probeSandbox>[0]> = {}) =>
      probeSandbox({ mode: "auto", network: false, isUnsafe: false, projectRoot: root, stateDir, ...options }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The tiers that this machine can be expected to have: both on Linux where bubblewrap is installed. */
export function expectedTiers(): ("bubblewrap" | "landlock" | "seatbelt")[] {
  if (process.platform === "darwin") return ["seatbelt"];
  return Bun.which("bwrap") ? ["bubblewrap", "landlock"] : ["landlock"];
}
