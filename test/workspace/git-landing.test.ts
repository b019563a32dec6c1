/** Landing and document commits: what happens to the user's own branch and files, and when nothing may. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LandingRefused } from "../../src/workspace/git-error.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository, writeFiles } from "../support/temp-repository.ts";

const trackId = "greet_20260101";
let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\n", "b.txt": "b\n", ".gitignore": "*.local\n" });
  repository = await openRepository(temp.root);
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

/** A track with one merged ticket that holds the files. */
async function finishTrack(files: Readonly<Record<string, string>>): Promise<string> {
  await repository.prepareTrack(trackId, []);
  const attempt = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
  await writeFiles(attempt.worktree, files);
  await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
  const staged = await repository.stageMerge({ trackId, ticketId: "T-001", title: "work" });
  if (staged.kind !== "staged") throw new Error(staged.kind);
  await repository.publishMerge({ trackId, ...staged });
  return staged.commit;
}

async function ready() {
  const landing = await repository.prepareLanding(trackId);
  if (landing.kind !== "ready") throw new Error(`not ready: ${JSON.stringify(landing)}`);
  return landing;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LandingRefused) return error.message;
    throw error;
  }
  return "not refused";
}

/** The user's files, branch, index, configuration and hooks, byte for byte. */
async function stateOf(): Promise<unknown[]> {
  const git = join(temp.root, ".git");
  const kept = ["HEAD", "index", "config", "info/exclude"].map((name) => readFile(join(git, name), "utf8"));
  const hooks = await readdir(join(git, "hooks"));
  return [await temp.fingerprint(), await temp.git("rev-parse", "HEAD"), hooks, ...(await Promise.all(kept))];
}

/** The reason for which both steps refuse, after making sure that neither has touched the user's files or branch. */
async function refusedByBoth(landing: { branch: string; fromCommit: string; toCommit: string }): Promise<string> {
  const before = await stateOf();
  const prepared = await repository.prepareLanding(trackId);
  const reason = await refusal(repository.land(landing));
  expect(await stateOf()).toEqual(before);
  expect(prepared).toEqual({ kind: "refused", reason });
  return reason;
}

describe("a landing", () => {
  test("is the track's own commit where the user's branch has not moved", async () => {
    const tip = await finishTrack({ "c.txt": "c\n", "a.txt": "ONE\n" });
    const landing = await ready();
    expect(landing).toMatchObject({ branch: "main", toCommit: tip, isTreeVerified: true, worktree: null });
    expect(landing.diffstat).toContain("2 files changed");
    await writeFile(join(temp.root, "untracked.txt"), "u\n");
    for (let repeat = 0; repeat < 2; repeat += 1) expect(await repository.land(landing)).toEqual({ commit: tip });
    expect(await temp.read("a.txt")).toBe("ONE\n");
    expect(await temp.git("status", "--porcelain")).toBe("?? untracked.txt");
    expect(await temp.git("rev-parse", "main")).toBe(tip);
    expect(await repository.prepareLanding(trackId)).toEqual({ kind: "landed", branch: "main", commit: tip });
  });

  test("is a merge to be checked where the user's branch has moved", async () => {
    await finishTrack({ "c.txt": "c\n" });
    const head = await temp.commit({ "mine.txt": "m\n" });
    const landing = await ready();
    expect(await repository.prepareLanding(trackId)).toEqual(landing);
    expect(landing).toMatchObject({ fromCommit: head, isTreeVerified: false });
    expect((await readdir(landing.worktree ?? "")).sort()).toContain("mine.txt");
    expect(await temp.git("rev-parse", "main")).toBe(head);
    await repository.land(landing);
    expect(await temp.git("rev-parse", "main")).toBe(landing.toCommit);
    expect(await temp.git("status", "--porcelain")).toBe("");
  });

  test("names the files of a conflict", async () => {
    await finishTrack({ "a.txt": "track\n" });
    await temp.commit({ "a.txt": "user\n" });
    expect(await repository.prepareLanding(trackId)).toEqual({ kind: "conflict", files: ["a.txt"] });
  });

  test("is refused while tracked files are changed, whose names it gives", async () => {
    await finishTrack({ "c.txt": "c\n" });
    const landing = await ready();
    await temp.write({ "a.txt": "being edited\n", "b.txt": "staged\n" });
    await temp.git("add", "b.txt");
    expect(await refusedByBoth(landing)).toBe(
      'You have changes that are not committed: a.txt, b.txt. Commit or stash them ("git stash") and retry.',
    );
  });

  test("goes ahead beside changed documents, and keeps them", async () => {
    await temp.commit({ "conductor/tracks.md": "plan\n" });
    await finishTrack({ "c.txt": "c\n" });
    await temp.write({ "conductor/tracks.md": "newer plan\n" });
    await repository.land(await ready());
    expect(await temp.read("conductor/tracks.md")).toBe("newer plan\n");
    expect(await temp.read("c.txt")).toBe("c\n");
  });

  test("is refused where it would overwrite a changed document", async () => {
    await temp.commit({ "conductor/tracks.md": "plan\n" });
    await finishTrack({ "conductor/tracks.md": "the worker's plan\n" });
    const landing = await ready();
    await temp.write({ "conductor/tracks.md": "the user's plan\n" });
    const before = await temp.fingerprint();
    expect(await refusal(repository.land(landing))).toContain("conductor/tracks.md");
    expect(await temp.fingerprint()).toBe(before);
  });

  test("is refused where untracked or ignored files are in its way", async () => {
    await finishTrack({ "new/c.txt": "c\n", "settings.local": "worker's\n" });
    await temp.git("-C", ".signalbox/worktrees/T-001", "add", "--force", "settings.local");
    await repository.commitTicket({ trackId, ticketId: "T-001", message: "more" });
    const staged = await repository.stageMerge({ trackId, ticketId: "T-001", title: "more" });
    if (staged.kind !== "staged") throw new Error(staged.kind);
    await repository.publishMerge({ trackId, ...staged });
    const landing = await ready();
    await temp.write({ "new/c.txt": "the user's\n", "settings.local": "secret\n" });
    expect(await refusedByBoth(landing)).toBe(
      "Files that git does not track are in the way: new/c.txt, settings.local. Move or commit them and retry.",
    );
  });

  test("is refused on a detached HEAD, on our own branches, and in the middle of a merge", async () => {
    await finishTrack({ "c.txt": "c\n" });
    const landing = await ready();
    await temp.git("checkout", "--quiet", "--detach");
    expect(await refusedByBoth(landing)).toContain("detached HEAD");
    await temp.git("checkout", "--quiet", `signalbox/${trackId}/track`);
    expect(await refusedByBoth(landing)).toContain("Signalbox's own");
    await temp.git("checkout", "--quiet", "-b", "side", "main");
    await temp.commit({ "s.txt": "s\n" });
    await temp.git("checkout", "--quiet", "main");
    await temp.git("merge", "--no-ff", "--no-commit", "side");
    expect(await refusedByBoth(landing)).toContain("A merge is in progress");
  });

  test("is refused when the branch is another or has moved since", async () => {
    await finishTrack({ "c.txt": "c\n" });
    const landing = await ready();
    await temp.git("checkout", "--quiet", "-b", "other");
    expect(await refusal(repository.land(landing))).toContain("prepared for main");
    await temp.git("checkout", "--quiet", "main");
    const head = await temp.commit({ "mine.txt": "m\n" });
    expect(await refusal(repository.land(landing))).toContain("has moved");
    expect(await temp.git("rev-parse", "main")).toBe(head);
  });

  test("says so when another git command holds the index", async () => {
    await finishTrack({ "c.txt": "c\n" });
    const landing = await ready();
    await writeFile(join(temp.root, ".git/index.lock"), "");
    const before = await stateOf();
    expect(await refusal(repository.land(landing))).toContain("Another git command");
    expect(await stateOf()).toEqual(before);
    await rm(join(temp.root, ".git/index.lock"));
    await repository.land(landing);
    expect(await temp.read("c.txt")).toBe("c\n");
  });
});

describe("document commits", () => {
  test("hold the documents alone, once, and leave what the user has staged", async () => {
    await temp.commit({ "conductor/old.md": "old\n" });
    await temp.write({ "conductor/tracks.md": "plan\n", "a.txt": "staged\n", "b.txt": "loose\n" });
    await temp.git("add", "a.txt");
    await rm(join(temp.root, "conductor/old.md"));
    const request = { paths: ["conductor/tracks.md", "conductor/old.md"], message: "docs: plan" };
    const first = await repository.commitDocuments(request);
    expect(first).toEqual({ commit: await temp.git("rev-parse", "main"), reason: null, ignored: [] });
    expect(await temp.git("show", "--format=%s", "--name-status", "--no-renames", "HEAD")).toBe(
      "docs: plan\n\nD\tconductor/old.md\nA\tconductor/tracks.md",
    );
    expect(await temp.git("status", "--porcelain")).toBe("M  a.txt\n M b.txt");
    expect(await repository.commitDocuments(request)).toMatchObject({
      commit: null,
      reason: "No document has changed.",
    });
  });

  test("say what they leave out, and why", async () => {
    await temp.write({ "conductor/x.local": "private\n", "conductor/y.md": "y\n" });
    const paths = ["conductor/x.local"];
    expect(await repository.commitDocuments({ paths, message: "m" })).toMatchObject({ commit: null, ignored: paths });
    await temp.git("checkout", "--quiet", "--detach");
    const detached = await repository.commitDocuments({ paths: ["conductor"], message: "m" });
    expect(detached).toMatchObject({ commit: null, reason: expect.stringContaining("detached") });
    expect(repository.commitDocuments({ paths: ["conductor/../a.txt"], message: "m" })).rejects.toThrow("conductor/");
  });
});

describe("a repository's own configuration", () => {
  test("starts no program, whatever we do", async () => {
    const marks = join(temp.root, ".git/marks");
    const hooks = join(temp.root, ".git/own-hooks");
    await mkdir(marks);
    const hookNames = ["pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "post-checkout", "post-merge"];
    for (const name of [...hookNames, "reference-transaction", "post-index-change", "pre-merge-commit", "program"]) {
      await writeFiles(hooks, { [name]: `#!/bin/sh\ntouch ${marks}/${name}\nexit 1\n` });
      await chmod(join(hooks, name), 0o755);
    }
    for (const key of ["core.fsmonitor", "diff.external", "gpg.program", "core.editor", "core.pager", "core.askPass"])
      await temp.git("config", key, join(hooks, "program"));
    await temp.git("config", "commit.gpgSign", "true");
    await temp.git("config", "merge.verifySignatures", "true");
    await temp.git("config", "diff.d.command", join(hooks, "program"));
    await temp.git("config", "diff.d.textconv", join(hooks, "program"));
    await temp.git("config", "core.hooksPath", hooks);
    await finishTrack({ "c.txt": "c\n", ".gitattributes": "*.txt diff=d\n", "a.txt": "ONE\n" });
    await temp.write({ "conductor/tracks.md": "plan\n" });
    await repository.commitDocuments({ paths: ["conductor"], message: "docs" });
    const landing = await ready();
    await repository.land(landing);
    expect((await repository.diff(landing.fromCommit, landing.toCommit)).diff).toContain("+ONE");
    await repository.removeTrackWorktrees(trackId);
    await repository.files();
    expect(await readdir(marks)).toEqual([]);
    await temp.git("config", "core.hooksPath", "/dev/null");
  });

  test("may lack a user: the commits are then Signalbox's", async () => {
    const home = process.env.HOME;
    process.env.HOME = join(temp.root, "nowhere");
    try {
      for (const key of ["user.name", "user.email"]) await temp.git("config", "--unset", key);
      repository = await openRepository(temp.root);
      const tip = await finishTrack({ "c.txt": "c\n" });
      expect(await temp.git("log", "-1", "--format=%an <%ae> %cn", tip)).toBe(
        "Signalbox <signalbox@localhost> Signalbox",
      );
      await temp.write({ "conductor/tracks.md": "plan\n" });
      expect((await repository.commitDocuments({ paths: ["conductor"], message: "m" })).commit).not.toBeNull();
    } finally {
      process.env.HOME = home;
    }
  });
});
