/** Which repositories can be opened, how git is run, and how a track begins. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runGit } from "../../src/workspace/git.ts";
import { GitError, MergeConflict, RepositoryError } from "../../src/workspace/git-error.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { failure, merge, trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
  repository = await openRepository(temp.root);
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

describe("opening", () => {
  test("knows the branch, the commit and the files", async () => {
    await temp.write({ "new.txt": "n\n", ".signalbox/x": "state\n", ".gitignore": "ignored\n", ignored: "i\n" });
    expect(await repository.head()).toEqual({ branch: "main", commit: await temp.git("rev-parse", "HEAD") });
    expect(await repository.files()).toEqual([".gitignore", "a.txt", "b.txt", "new.txt"]);
    await temp.git("checkout", "--quiet", "--detach");
    expect((await repository.head()).branch).toBeNull();
  });

  test("says what is wrong with a folder that it cannot use", async () => {
    const plain = await makeTempRepository();
    await rm(join(plain.root, ".git"), { recursive: true });
    await mkdir(join(temp.root, "inner"));
    const empty = join(plain.root, "empty");
    await temp.git("init", "--quiet", empty);
    await temp.git("init", "--quiet", "--bare", join(plain.root, "bare"));
    const cases = {
      no_repository: plain.root,
      not_the_root: join(temp.root, "inner"),
      no_commit: empty,
      bare: join(plain.root, "bare"),
      missing_folder: join(plain.root, "nowhere"),
    };
    for (const [code, folder] of Object.entries(cases)) {
      const error = await failure(openRepository(folder));
      expect(error).toBeInstanceOf(RepositoryError);
      expect(error).toMatchObject({ code });
    }
    await plain.remove();
  });

  test("says that git is missing or too old", async () => {
    const path = process.env.PATH;
    const bin = join(temp.root, "bin");
    await mkdir(bin);
    process.env.PATH = bin;
    try {
      expect(await failure(openRepository(temp.root))).toMatchObject({ code: "git_missing" });
      await writeFile(join(bin, "git"), "#!/bin/sh\necho git version 2.37.9\n", { mode: 0o755 });
      expect(await failure(openRepository(temp.root))).toMatchObject({ code: "git_too_old" });
    } finally {
      process.env.PATH = path;
    }
  });

  test("gives git's own words, its arguments and its exit code when it fails", async () => {
    const error = await failure(runGit(temp.root, ["cat-file", "blob", "HEAD:nothing"]));
    expect(error).toBeInstanceOf(GitError);
    expect(error).toMatchObject({ exitCode: 128, args: ["cat-file", "blob", "HEAD:nothing"] });
    expect(String(error)).toContain("nothing");
  });

  test("lets none of our environment reach git but what git needs", async () => {
    process.env.GIT_AUTHOR_NAME = "Mallory";
    process.env.ANTHROPIC_API_KEY = "sk-secret";
    try {
      await temp.git("config", "alias.env", "!env");
      const { stdout } = await runGit(temp.root, ["env"]);
      expect(stdout).toContain("GIT_TERMINAL_PROMPT=0");
      expect(stdout).not.toMatch(/Mallory|sk-secret/);
    } finally {
      delete process.env.GIT_AUTHOR_NAME;
      delete process.env.ANTHROPIC_API_KEY;
    }
  });

  test("stops git when it is told to", async () => {
    const error = await failure(runGit(temp.root, ["version"], { signal: AbortSignal.abort() }));
    expect(String(error)).toMatch(/stopped|abort/i);
  });
});

describe("a track", () => {
  test("begins at the user's commit and is the same when it is prepared again", async () => {
    const commit = await temp.git("rev-parse", "HEAD");
    const first = await repository.prepareTrack(trackId, []);
    expect(first).toEqual({ branch: `signalbox/${trackId}/track`, baseCommit: commit });
    expect(await repository.prepareTrack(trackId, [])).toEqual(first);
  });

  test("of an earlier log begins anew at the user's commit, with new tickets; what was done before stays in the trash", async () => {
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "a.txt": "changed\n" });
    const merged = await merge(repository, "T-001");
    const left = await work(repository, "T-002", { "left.txt": "left\n" });
    const commit = await temp.commit({ "later.txt": "later\n" });
    const anew = await openRepository(temp.root);
    expect(await anew.prepareTrack(trackId, [])).toEqual({ branch: `signalbox/${trackId}/track`, baseCommit: commit });
    const ticket = { trackId, ticketId: "T-002", isFresh: true };
    const { worktree, baseCommit } = await anew.prepareAttempt(ticket);
    expect(baseCommit).toBe(commit);
    expect((await readdir(worktree)).includes("left.txt")).toBe(false);
    const kept = (await temp.git("for-each-ref", "--format=%(objectname)", "refs/signalbox/trash")).split("\n");
    expect(kept.sort()).toEqual([merged, left.commit].sort());
  });

  test("begins with the tracks that it depends on", async () => {
    await repository.prepareTrack("one_20260101", []);
    await work(repository, "T-001", { "one.txt": "1\n" }, "one_20260101");
    await merge(repository, "T-001", "one_20260101");
    await temp.commit({ "main.txt": "m\n" });
    const { baseCommit } = await repository.prepareTrack("two_20260101", ["one_20260101", "gone_20260101"]);
    expect(await repository.fileNamesAt(baseCommit)).toEqual(["a.txt", "b.txt", "main.txt", "one.txt"]);
  });

  test("names the files on which it conflicts with its dependency", async () => {
    await repository.prepareTrack("one_20260101", []);
    await work(repository, "T-001", { "a.txt": "one\nTWO\nthree\n" }, "one_20260101");
    await merge(repository, "T-001", "one_20260101");
    await temp.commit({ "a.txt": "one\n2\nthree\n" });
    const error = await failure(repository.prepareTrack(trackId, ["one_20260101"]));
    expect(error).toBeInstanceOf(MergeConflict);
    expect(error).toMatchObject({ files: ["a.txt"] });
    expect(await repository.branchTip(`signalbox/${trackId}/track`)).toBeNull();
  });

  test("takes no id that could leave its place", async () => {
    for (const bad of ["../x", "a/b", "", ".hidden", "x.lock", "a..b", "-x"])
      expect(await failure(repository.prepareTrack(bad, []))).toBeInstanceOf(RepositoryError);
  });
});
