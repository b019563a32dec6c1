/** A ticket's worktree is brought back to what was committed, and nothing of the rest is lost. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository, writeFiles } from "../support/temp-repository.ts";
import { trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\n", ".gitignore": "cache/\n" });
  repository = await openRepository(temp.root);
  await repository.prepareTrack(trackId, []);
});

afterEach(() => temp.remove());

test("what a check left is kept in the trash, and is no part of the ticket", async () => {
  const { commit } = await work(repository, "T-001", { "a.txt": "two\n" });
  const worktree = join(temp.root, ".signalbox/worktrees/T-001");
  await writeFiles(worktree, { "a.txt": "spoilt\n", "left.txt": "left\n", "cache/big": "cache\n" });
  await repository.restoreTicket({ trackId, ticketId: "T-001", commit });
  expect(await readFile(join(worktree, "a.txt"), "utf8")).toBe("two\n");
  expect([existsSync(join(worktree, "left.txt")), existsSync(join(worktree, "cache/big"))]).toEqual([false, true]);
  const trash = await temp.git("for-each-ref", "--format=%(refname)", "refs/signalbox/trash/");
  expect(await temp.git("show", `${trash}:left.txt`)).toBe("left");
  const again = await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
  expect(again.commit).toBe(commit);
});

test("a worktree that holds nothing more is left as it is", async () => {
  const { commit } = await work(repository, "T-001", { "a.txt": "two\n" });
  await repository.restoreTicket({ trackId, ticketId: "T-001", commit });
  expect(await temp.git("for-each-ref", "refs/signalbox/trash/")).toBe("");
});
