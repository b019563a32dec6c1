/** Worktrees that are made ahead: a ticket gets one only while it holds what a new one would hold. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { merge, trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\n", ".gitignore": "*.log\n", "b/c.txt": "c\n" });
  repository = await openRepository(temp.root);
  await repository.prepareTrack(trackId, []);
});

afterEach(async () => {
  await repository.close();
  await temp.git("fsck", "--strict");
  await temp.remove();
});

async function madeAhead(count = 1): Promise<string[]> {
  await repository.expectTickets(trackId, count);
  await repository.sparesMade();
  return spares();
}

async function spares(): Promise<string[]> {
  const folder = join(temp.root, ".signalbox/spares");
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}

const spare = (...names: string[]) => join(temp.root, ".signalbox/spares/spare-1", ...names);
const own = (...names: string[]) => join(temp.root, ".signalbox/worktrees/T-001", ...names);

/** What a ticket finds: its branch, the files of its worktree, and what git thinks of them. */
async function prepared() {
  const attempt = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
  const inside = (...args: string[]) => temp.git("-C", attempt.worktree, ...args);
  return {
    worktree: attempt.worktree,
    head: await inside("symbolic-ref", "HEAD"),
    files: (await readdir(attempt.worktree, { recursive: true })).sort(),
    status: await inside("status", "--porcelain", "--ignored"),
  };
}

const asNew = () => ({
  worktree: own(),
  head: `refs/heads/signalbox/${trackId}/T-001`,
  files: [".git", ".gitignore", "a.txt", "b", "b/c.txt"],
  status: "",
});

test("a ticket gets the worktree that was made ahead, on its own branch, and works in it as in any other", async () => {
  expect(await madeAhead()).toEqual(["spare-1"]);
  expect(await prepared()).toEqual(asNew());
  expect(await spares()).toEqual([]);
  const { files } = await work(repository, "T-001", { "a.txt": "two\n" });
  expect(files).toEqual(["a.txt"]);
  await merge(repository, "T-001");
});

test("a ticket that comes while one is being made waits for it, and another one that comes then makes its own", async () => {
  await repository.expectTickets(trackId, 1);
  const prepare = (ticketId: string) => repository.prepareAttempt({ trackId, ticketId, isFresh: false });
  const [first, second] = await Promise.all([prepare("T-001"), prepare("T-002")]);
  expect(await spares()).toEqual([]);
  for (const { worktree } of [first, second])
    expect((await readdir(worktree)).sort()).toEqual([".git", ".gitignore", "a.txt", "b"]);
});

test("a ticket that begins after another was merged finds what that one has done", async () => {
  await work(repository, "T-002", { "a.txt": "two\n", "new.txt": "n\n" });
  await madeAhead();
  await merge(repository, "T-002");
  expect(await prepared()).toEqual({ ...asNew(), files: [...asNew().files, "new.txt"].sort() });
  expect(await Bun.file(own("a.txt")).text()).toBe("two\n");
});

describe("a worktree that was made ahead is not given", () => {
  test.each([
    ["a changed file", () => writeFile(spare("a.txt"), "changed\n")],
    ["a file less", () => rm(spare("a.txt"))],
    ["a file more", () => writeFile(spare("planted.txt"), "x\n")],
    ["a file more that git ignores", () => writeFile(spare("planted.log"), "x\n")],
    ["a repository in it", () => mkdir(spare("inner", ".git"), { recursive: true })],
  ])("with %s", async (_what, change) => {
    await madeAhead();
    await change();
    const found = await prepared();
    expect({ ...found, files: found.files.filter((name) => !name.startsWith("inner")) }).toEqual(asNew());
    expect(existsSync(own("planted.log"))).toBe(false);
  });

  test("when another folder is in its place", async () => {
    await madeAhead();
    await rename(spare(), join(temp.root, ".signalbox/moved"));
    await mkdir(spare());
    await writeFile(spare(".git"), await Bun.file(join(temp.root, ".signalbox/moved/.git")).text());
    expect(await prepared()).toEqual(asNew());
  });
});

test("a crash while one is given away leaves a ticket that is made anew", async () => {
  await madeAhead();
  // As after the first of the two moves.
  const list = join(temp.root, ".signalbox/git/worktrees");
  await rename(join(list, "spare-1"), join(list, "T-001"));
  const next = await openRepository(temp.root);
  await next.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
  expect(await prepared()).toEqual(asNew());
});

test("there are never more than two, and a new process clears away what the last one left", async () => {
  expect(await madeAhead(7)).toEqual(["spare-1", "spare-2"]);
  repository = await openRepository(temp.root);
  expect(await madeAhead()).toEqual(["spare-1"]);
});

test("none is left when the track has done its work", async () => {
  await madeAhead(2);
  await repository.removeTrackWorktrees(trackId);
  expect(await spares()).toEqual([]);
  expect(await readdir(join(temp.root, ".signalbox/git/worktrees"))).toEqual([]);
});
