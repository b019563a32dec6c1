/** Whose state a folder is: what this user made here is theirs wherever it is moved to; what came along is not. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownersIn } from "../../src/cli/port-owner.ts";
import { forget, type Place } from "../../src/cli/state-claim.ts";
import { claimState, ensureOwnState, judgeState } from "../../src/cli/state-owner.ts";
import { runGit } from "../../src/workspace/git.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";

let world: TestWorld;
let project: Place;
beforeEach(async () => {
  world = testWorld();
  project = await makeProject("mine");
});
afterEach(() => world.remove());

async function makeProject(name: string): Promise<Place> {
  const root = join(world.cwd, name);
  mkdirSync(root);
  await runGit(root, ["init", "--quiet"]);
  return { root, stateDir: join(root, ".signalbox") };
}

/** A state as an engine leaves it. */
async function makeState(place: Place): Promise<void> {
  await claimState(place, world);
  for (const name of ["signalbox.db", "sessions.json", "server.json", "token", "label"])
    writeFileSync(join(place.stateDir, name), name);
}

async function found(place = project, by = world): Promise<string> {
  const verdict = await judgeState(place, by);
  return "found" in verdict ? `${verdict.kind}: ${verdict.found}` : verdict.kind;
}

test("a state that was made here is ours, also after the project was moved; until it is forgotten", async () => {
  expect(await found()).toBe("fresh");
  await makeState(project);
  expect(await found()).toBe("ours");
  renameSync(project.root, join(world.cwd, "moved"));
  const moved = { root: join(world.cwd, "moved"), stateDir: join(world.cwd, "moved/.signalbox") };
  expect(await found(moved)).toBe("ours");
  await claimState(moved, world);
  forget(moved, world);
  expect(await found(moved)).toContain("foreign: it was not made here by you");
});

test("what doctor leaves behind is nobody's yet, and a git folder that came along is gone once the state is claimed", async () => {
  mkdirSync(join(project.stateDir, "git/worktrees/T-001"), { recursive: true });
  mkdirSync(join(project.stateDir, "worktrees"));
  writeFileSync(join(project.stateDir, "git/worktrees/T-001/commondir"), "/tmp/of-a-stranger\n");
  expect(await found()).toBe("fresh");
  await claimState(project, world);
  expect(readdirSync(project.stateDir)).not.toContain("git");
  expect(await found()).toBe("ours");
});

test("what another user's home remembers, what a copy carries, and what has no id is not ours", async () => {
  await makeState(project);
  const stranger = testWorld();
  expect(await found(project, stranger)).toContain("not made here by you");
  stranger.remove();
  const other = await makeProject("copy");
  cpSync(project.stateDir, other.stateDir, { recursive: true });
  expect(await found(other)).toBe(`foreign: it is a copy of the one of ${project.root}`);
  const plain = await makeProject("plain");
  mkdirSync(plain.stateDir);
  writeFileSync(join(plain.stateDir, "signalbox.db"), "");
  expect(await found(plain)).toContain("not made here by you");
  await expect(claimState(plain, world)).rejects.toMatchObject({ exitCode: 2, code: "foreign_state" });
});

test.each([2, 4])("a state that git tracks is not ours any more (index of version %d)", async (version) => {
  await makeState(project);
  writeFileSync(join(project.root, ".sig"), "a name with the same beginning");
  await runGit(project.root, ["update-index", "--index-version", String(version)]);
  await runGit(project.root, ["add", "--force", ".sig"]);
  expect(await found()).toBe("ours");
  await runGit(project.root, ["add", "--force", ".signalbox/token"]);
  expect(await found()).toContain("git tracks files in it");
});

test("links are not even read, and what others may write is not ours", async () => {
  await makeState(project);
  chmodSync(project.stateDir, 0o770);
  expect(await found()).toBe("foreign: other users may write to it");
  chmodSync(project.stateDir, 0o700);
  if (process.getuid?.() === 0) {
    chownSync(join(project.stateDir, "token"), 65_534, 65_534);
    expect(await found()).toBe('foreign: "token" in it belongs to another user');
    chownSync(join(project.stateDir, "token"), 0, 0);
  }
  symlinkSync("/etc", join(project.stateDir, "worktrees"));
  expect(await found()).toContain('unsafe: "worktrees" in it is a link');
  await expect(ensureOwnState(project, true, world)).rejects.toMatchObject({ exitCode: 2 });
  const linked = await makeProject("linked");
  symlinkSync(project.stateDir, linked.stateDir);
  expect(await found(linked)).toContain("unsafe: it is a link");
});

test("--trust adopts the log, and nothing that lets somebody in", async () => {
  await makeState(project);
  const copy = await makeProject("copy");
  cpSync(project.stateDir, copy.stateDir, { recursive: true });
  await expect(ensureOwnState(copy, false, world)).rejects.toThrow(/copy of the one of .*--trust.*move it aside/);
  await ensureOwnState(copy, true, world);
  expect(await found(copy)).toBe("ours");
  expect(await found(project)).toBe("ours");
  const kept = readdirSync(copy.stateDir).filter((name) => !name.startsWith("aside-"));
  expect(kept.sort()).toEqual(["owner", "signalbox.db"]);
});

test("a home that takes no file is only warned of", async () => {
  writeFileSync(join(world.cwd, "no-folder"), "");
  const homeless: TestWorld = { ...world, env: { ...world.env, XDG_CONFIG_HOME: join(world.cwd, "no-folder") } };
  await claimState(project, homeless);
  writeFileSync(join(project.stateDir, "signalbox.db"), "");
  // Remembered in the folder for temporary files instead, where there is one of this user's own.
  expect(await found(project, homeless)).toBe("ours");
  forget(project, homeless);
});

test("the kernel's table says who listens on a port", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:128B 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0100007F:128B 0100007F:9EB7 01 00000000:00000000 00:00000000 00000000  1001        0 2 1 0 100 0 0 10 0
`;
  expect(ownersIn(table, 4747)).toEqual([1000]);
  expect(ownersIn(table, 4748)).toEqual([]);
});
