/** How tickets come into a track, one at a time. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MovedRef, RepositoryError } from "../../src/workspace/git-error.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository, writeFiles } from "../support/temp-repository.ts";
import { failure, merge, stage, trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
  repository = await openRepository(temp.root);
  await repository.prepareTrack(trackId, []);
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

describe("the merge queue", () => {
  test("stages the same commit however often, checked out apart, and moves nothing", async () => {
    const tip = await temp.git("rev-parse", "main");
    const ticket = await work(repository, "T-001", { "c.txt": "c\n" });
    const staged = await stage(repository, "T-001");
    await writeFiles(staged.worktree, { "left-by-check.txt": "x\n", "a.txt": "spoilt\n" });
    expect(await stage(repository, "T-001")).toEqual(staged);
    expect(staged).toMatchObject({ trackCommit: tip, ticketCommit: ticket.commit, treeHash: ticket.treeHash });
    expect((await readdir(staged.worktree)).sort()).toEqual([".git", "a.txt", "b.txt", "c.txt"]);
    expect(await temp.git("log", "-1", "--format=%s|%P", staged.commit)).toBe(
      `Merge T-001: a title|${tip} ${ticket.commit}`,
    );
    expect(await repository.branchTip(`signalbox/${trackId}/track`)).toBe(tip);
  });

  test("publishes once, and then says that it is merged", async () => {
    await work(repository, "T-001", { "c.txt": "c\n" });
    const staged = await stage(repository, "T-001");
    for (let repeat = 0; repeat < 2; repeat += 1) await repository.publishMerge({ trackId, ...staged });
    await work(repository, "T-002", { "d.txt": "d\n" });
    await merge(repository, "T-002");
    await repository.publishMerge({ trackId, ...staged });
    const again = await repository.stageMerge({ trackId, ticketId: "T-001", title: "t" });
    expect(again).toEqual({ kind: "merged", commit: staged.commit, treeHash: staged.treeHash });
  });

  test("does not move a track that has moved since", async () => {
    await work(repository, "T-001", { "c.txt": "c\n" });
    await work(repository, "T-002", { "d.txt": "d\n" });
    const stale = await stage(repository, "T-002");
    const tip = await merge(repository, "T-001");
    const error = await failure(repository.publishMerge({ trackId, ...stale }));
    expect(error).toBeInstanceOf(MovedRef);
    expect(await repository.branchTip(`signalbox/${trackId}/track`)).toBe(tip);
  });

  test("brings a ticket to a merged tree whose check was red", async () => {
    await work(repository, "T-001", { "c.txt": "c\n" });
    await work(repository, "T-002", { "d.txt": "d\n" });
    await merge(repository, "T-001");
    const staged = await stage(repository, "T-002");
    await writeFiles(join(temp.root, ".signalbox/worktrees/T-002"), { "loose.txt": "l\n" });
    for (let repeat = 0; repeat < 2; repeat += 1)
      await repository.adoptMerge({ trackId, ticketId: "T-002", commit: staged.commit });
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-002", isFresh: false });
    expect((await readdir(worktree)).sort()).toEqual([".git", "a.txt", "b.txt", "c.txt", "d.txt"]);
    expect(await temp.git("show", "refs/signalbox/trash/T-002/1:loose.txt")).toBe("l");
    const mended = await work(repository, "T-002", { "d.txt": "mended\n" });
    expect(mended.files).toEqual(["d.txt"]);
    await merge(repository, "T-002");
    expect(await temp.git("show", `signalbox/${trackId}/track:d.txt`)).toBe("mended");
  });

  test("says which lines of earlier tickets a ticket has replaced", async () => {
    await work(repository, "T-001", { "a.txt": "one\nof the first\ntwo\nthree\n", "new.txt": "n\n" });
    await work(repository, "T-002", { "b.txt": "b\nof the second\n" });
    expect(await stage(repository, "T-001")).toMatchObject({ replaced: [] });
    await merge(repository, "T-001");
    await merge(repository, "T-002");
    await work(repository, "T-003", { "a.txt": "one\nmine\n", "b.txt": "of the second\nb\n" });
    expect(await stage(repository, "T-003")).toMatchObject({
      replaced: [{ ticketId: "T-001", file: "a.txt", lines: ["of the first"] }],
    });
  });

  test("does not let a merge drop lines that no ticket has taken out, though git sees no conflict", async () => {
    const branch = (name: string) => `signalbox/${trackId}/${name}`;
    await work(repository, "T-001", { "a.txt": "one\nof the first\ntwo\nthree\n" });
    const first = await merge(repository, "T-001");
    const later = { GIT_COMMITTER_DATE: "2040-01-01T00:00:00Z", GIT_AUTHOR_DATE: "2040-01-01T00:00:00Z" };
    Object.assign(process.env, later);
    try {
      const side = await temp.commit({ "z.txt": "z\n" });
      await temp.git("update-ref", `refs/heads/${branch("T-002")}`, side);
      await merge(repository, "T-002");
      // A branch that has the first ticket in its history and not in its files, as a merge with "-s ours" leaves it.
      const evil = await temp.git("commit-tree", `${side}^{tree}`, "-p", first, "-p", side, "-m", "evil");
      await temp.git("update-ref", `refs/heads/${branch("T-003")}`, evil);
    } finally {
      for (const name of Object.keys(later)) delete process.env[name];
    }
    expect(await repository.stageMerge({ trackId, ticketId: "T-003", title: "t" })).toEqual({
      kind: "conflict",
      files: ["a.txt"],
      lost: [{ ticketId: "T-001", file: "a.txt", lines: ["of the first"] }],
    });
  });

  test("reads files and differences at commits", async () => {
    const first = await temp.git("rev-parse", "main");
    const { commit } = await work(repository, "T-001", { "c.txt": "c\n", "a.txt": "one\n" });
    expect(await repository.readFileAt(commit, "c.txt")).toBe("c\n");
    expect(await repository.readFileAt(first, "c.txt")).toBeNull();
    expect(await repository.fileNamesAt(first)).toEqual(["a.txt", "b.txt"]);
    expect(await repository.diff(first, commit)).toMatchObject({
      files: ["a.txt", "c.txt"],
      insertions: 1,
      deletions: 2,
    });
    expect(await failure(repository.diff("--output=x", commit))).toBeInstanceOf(RepositoryError);
  });
});
