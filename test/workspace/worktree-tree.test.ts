/** The tree of all that is in a worktree: what changes it, what does not, and the words for a difference. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdir, rm, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileChangeWords } from "../../src/domain/gate-words.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository, writeFiles } from "../support/temp-repository.ts";
import { trackId } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;
let worktree: string;
let before: string;

beforeEach(async () => {
  temp = await makeTempRepository({ "src/a.ts": "one\ntwo\nthree\n", "b.txt": "b\n", ".gitignore": "out/\n" });
  repository = await openRepository(temp.root);
  await repository.prepareTrack(trackId, []);
  worktree = (await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false })).worktree;
  await writeFiles(worktree, { "c.txt": "not committed\n" });
  before = await tree();
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

async function tree(): Promise<string> {
  return (await repository.worktreeTree("T-001")) ?? "none";
}

async function words(): Promise<string | null> {
  return fileChangeWords(await repository.treeChanges(before, await tree()));
}

test("holds what is not committed, and is the same as long as nothing changes", async () => {
  expect(await tree()).toBe(before);
  expect(await temp.git("ls-tree", "-r", "--name-only", before)).toBe(".gitignore\nb.txt\nc.txt\nsrc/a.ts");
  expect(before).toBe((await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" })).treeHash);
});

test.each<[string, () => Promise<void>, string]>([
  [
    "changed",
    () => writeFiles(worktree, { "src/a.ts": "1\n2\n3\nthree\n" }),
    "src/a.ts changed since you looked: +3 -2 lines.",
  ],
  ["added", () => writeFiles(worktree, { "d.txt": "d\n" }), "d.txt was added since you looked: +1 -0 lines."],
  ["deleted", () => rm(join(worktree, "b.txt")), "b.txt was deleted since you looked: +0 -1 lines."],
  ["made executable", () => chmod(join(worktree, "b.txt"), 0o755), "b.txt changed its mode since you looked."],
])("says of a file that it was %s", async (_what, change, said) => {
  await change();
  expect(await tree()).not.toBe(before);
  expect(await words()).toBe(said);
});

test("sees a link in the place of a file, and a file of the same size and time", async () => {
  const path = join(worktree, "b.txt");
  const past = new Date("2020-01-01T00:00:00Z");
  await utimes(path, past, past);
  const first = await tree();
  await writeFiles(worktree, { "b.txt": "B\n" });
  await utimes(path, past, past);
  const second = await tree();
  await rm(path);
  await symlink("/etc/hostname", path);
  expect(new Set([first, second, await tree()]).size).toBe(3);
});

test("is not fooled by what the worktree's own index was told to overlook", async () => {
  await temp.git("-C", worktree, "update-index", "--assume-unchanged", "src/a.ts");
  await writeFiles(worktree, { "src/a.ts": "other\n" });
  expect(await tree()).not.toBe(before);
});

test("leaves what the worker's own git shows as it was", async () => {
  const status = await temp.git("-C", worktree, "status", "--porcelain");
  await tree();
  expect(await temp.git("-C", worktree, "status", "--porcelain")).toBe(status);
  expect(status).toBe("?? c.txt");
});

test("does not look at what git ignores", async () => {
  await writeFiles(worktree, { "out/built.js": "1\n" });
  expect(await tree()).toBe(before);
});

test("holds the files of a repository within, and of none where there is no worktree", async () => {
  await mkdir(join(worktree, "app"));
  await temp.git("init", "--quiet", join(worktree, "app"));
  await writeFiles(worktree, { "app/main.ts": "1\n" });
  const first = await tree();
  await writeFiles(worktree, { "app/main.ts": "2\n" });
  expect(await tree()).not.toBe(first);
  expect(await repository.worktreeTree("T-002")).toBeNull();
});

test("names five files and counts the rest", async () => {
  const names = Array.from({ length: 7 }, (_unset, index) => [`n${index}.txt`, "n\n"]);
  await writeFiles(worktree, Object.fromEntries(names));
  expect(await words()).toEndWith("n4.txt was added since you looked: +1 -0 lines; and so did 2 more files.");
});

test("gives no words where git no longer has the older tree", async () => {
  expect(await repository.treeChanges("0".repeat(40), before)).toEqual([]);
});
