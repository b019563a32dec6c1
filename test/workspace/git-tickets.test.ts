/** A ticket's life in real git: its worktree, commits, trash, and repeats after a crash. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, lstat, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

function trash(ticketId: string): Promise<string> {
  return temp.git("for-each-ref", "--format=%(refname)", `refs/signalbox/trash/${ticketId}`);
}

describe("a ticket", () => {
  test("gets its own worktree, also when eight are asked for at once", async () => {
    const before = await temp.fingerprint();
    const ids = Array.from({ length: 8 }, (_, index) => `T-00${index + 1}`);
    const commits = await Promise.all(ids.map((id) => work(repository, id, { [`${id}.txt`]: `${id}\n` })));
    expect(commits.map((commit) => commit.files)).toEqual(ids.map((id) => [`${id}.txt`]));
    for (const id of ids) await merge(repository, id);
    const names = await repository.fileNamesAt((await repository.branchTip(`signalbox/${trackId}/track`)) ?? "");
    expect(names).toEqual([...ids.map((id) => `${id}.txt`), "a.txt", "b.txt"].sort());
    expect(await temp.fingerprint()).toBe(before);
    expect(await temp.git("status", "--porcelain")).toBe("");
  });

  test("is committed once, with its diff, however often it is asked for", async () => {
    const first = await work(repository, "T-001", { "a.txt": "one\n2\nthree\n", "new/n.txt": "n\n" });
    const again = await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
    expect(again).toEqual(first);
    expect(first).toMatchObject({ files: ["a.txt", "new/n.txt"], insertions: 2, deletions: 1, isCut: false });
    expect(first.diff).toContain("+++ b/new/n.txt");
    expect(await temp.git("log", "-1", "--format=%an <%ae> %s", first.commit)).toBe(
      "Ada <ada@example.org> T-001: work",
    );
  });

  test("has every change noticed that comes after a commit, and nothing where there is none", async () => {
    const { commit } = await work(repository, "T-001", { "a.txt": "1\n", "run.sh": "x\n", ".gitignore": "*.log\n" });
    const worktree = join(temp.root, ".signalbox/worktrees/T-001");
    const again = () => repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
    const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["M a.txt", () => writeFile(join(worktree, "a.txt"), "2\n")],
      ["M run.sh", () => chmod(join(worktree, "run.sh"), 0o755)],
      ["A new.txt", () => writeFile(join(worktree, "new.txt"), "")],
      ["D b.txt", () => rm(join(worktree, "b.txt"))],
      ["A inner/f.txt", () => writeFiles(worktree, { "inner/f.txt": "f\n", "inner/.git/HEAD": "ref: refs/heads/x\n" })],
    ];
    let before = commit;
    for (const [row, change] of changes) {
      expect((await again()).commit).toBe(before);
      await writeFile(join(worktree, "ignored.log"), row);
      await change();
      const after = (await again()).commit;
      const shown = await temp.git("diff-tree", "-r", "--name-status", "--no-commit-id", after);
      expect(shown.replace("\t", " ")).toBe(row);
      before = after;
    }
  });

  test("gets one empty commit when nothing has changed", async () => {
    const first = await work(repository, "T-001", {});
    const again = await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
    expect(again.commit).toBe(first.commit);
    expect(first.files).toEqual([]);
    await merge(repository, "T-001");
    const merged = await repository.commitTicket({ trackId, ticketId: "T-001", message: "T-001: work" });
    expect(merged.commit).toBe(first.commit);
  });

  test("has a diff that is cut at 200 kB and says so", async () => {
    const { diff, isCut, insertions } = await work(repository, "T-001", { "big.txt": "0123456789\n".repeat(40_000) });
    expect(isCut).toBe(true);
    expect(insertions).toBe(40_000);
    expect(diff.length).toBeLessThanOrEqual(200_100);
    expect(diff).toEndWith("[The diff is longer than 200 kB: the rest was cut.]\n");
  });

  test("keeps its files for the next attempt, and takes in what was merged meanwhile", async () => {
    const attempt = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    await writeFiles(attempt.worktree, { "mine.txt": "uncommitted\n" });
    await work(repository, "T-002", { "b.txt": "merged\n" });
    const tip = await merge(repository, "T-002");
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const next = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
      expect(next.baseCommit).toBe(tip);
    }
    expect(await readFile(join(attempt.worktree, "b.txt"), "utf8")).toBe("merged\n");
    expect(await readFile(join(attempt.worktree, "mine.txt"), "utf8")).toBe("uncommitted\n");
    expect((await repository.commitTicket({ trackId, ticketId: "T-001", message: "m" })).files).toEqual(["mine.txt"]);
  });

  test("is left as it is when what was merged meanwhile conflicts", async () => {
    const attempt = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    await writeFiles(attempt.worktree, { "b.txt": "mine\n" });
    await work(repository, "T-002", { "b.txt": "theirs\n" });
    await merge(repository, "T-002");
    expect(await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false })).toEqual(attempt);
    expect(await readFile(join(attempt.worktree, "b.txt"), "utf8")).toBe("mine\n");
    await repository.commitTicket({ trackId, ticketId: "T-001", message: "m" });
    const staged = await repository.stageMerge({ trackId, ticketId: "T-001", title: "t" });
    expect(staged).toEqual({ kind: "conflict", files: ["b.txt"] });
  });

  test("starts afresh from the track's tip, and what it had is in the trash", async () => {
    const first = await work(repository, "T-001", { "a.txt": "committed\n" });
    await writeFiles(join(temp.root, ".signalbox/worktrees/T-001"), { "more.txt": "uncommitted\n" });
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const fresh = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: true });
      expect(fresh.baseCommit).toBe(await temp.git("rev-parse", "main"));
      expect((await readdir(fresh.worktree)).sort()).toEqual([".git", "a.txt", "b.txt"]);
    }
    expect(await trash("T-001")).toBe("refs/signalbox/trash/T-001/1");
    const kept = "refs/signalbox/trash/T-001/1";
    expect(await temp.git("show", `${kept}:more.txt`)).toBe("uncommitted");
    expect(await temp.git("rev-parse", `${kept}^`)).toBe(first.commit);
    await work(repository, "T-001", { "a.txt": "second try\n" });
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: true });
    expect(await temp.git("show", "refs/signalbox/trash/T-001/2:a.txt")).toBe("second try");
  });

  test("is mended after a crash left locks, half a checkout, or no folder", async () => {
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    const admin = join(temp.root, ".signalbox/git/worktrees/T-001");
    await writeFile(join(admin, "index.lock"), "");
    await writeFile(join(temp.root, `.git/refs/heads/signalbox/${trackId}/T-001.lock`), "");
    await work(repository, "T-001", { "c.txt": "c\n" });
    await rm(join(admin, "index"));
    await rm(join(worktree, "a.txt"));
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    expect(await readFile(join(worktree, "a.txt"), "utf8")).toBe("one\ntwo\nthree\n");
    await rm(worktree, { recursive: true });
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    expect((await readdir(worktree)).sort()).toEqual([".git", "a.txt", "b.txt", "c.txt"]);
    await rm(admin, { recursive: true });
    await writeFiles(worktree, { "lost.txt": "found\n" });
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    expect(await temp.git("show", "refs/signalbox/trash/T-001/1:lost.txt")).toBe("found");
  });

  test("counts by its files, whatever its worker did to git in there", async () => {
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    await rm(join(worktree, ".git"));
    await temp.git("init", "--quiet", worktree);
    await temp.git("init", "--quiet", join(worktree, "app"));
    await writeFiles(worktree, { "app/main.txt": "scaffolded\n" });
    const { files } = await repository.commitTicket({ trackId, ticketId: "T-001", message: "m" });
    expect(files).toEqual(["app/main.txt"]);
    await temp.git("-C", worktree, "checkout", "--quiet", "--detach", "HEAD~1");
    await writeFiles(worktree, { "app/main.txt": "after a detour\n" });
    await repository.commitTicket({ trackId, ticketId: "T-001", message: "m" });
    expect(await temp.git("show", `signalbox/${trackId}/T-001:app/main.txt`)).toBe("after a detour");
  });

  test("is never reached through a symlink", async () => {
    const victim = join(tmpdir(), `signalbox-victim-${process.pid}`);
    await writeFiles(victim, { "precious.txt": "p\n" });
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    for (const step of ["prepare", "fresh", "remove"]) {
      await rm(worktree, { recursive: true });
      await symlink(victim, worktree);
      if (step === "remove") await repository.removeWorktree("T-001");
      else await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: step === "fresh" });
      expect(await readdir(victim)).toEqual(["precious.txt"]);
      if (step !== "remove") expect((await lstat(worktree)).isDirectory()).toBe(true);
    }
    await rm(join(temp.root, ".signalbox"), { recursive: true });
    await symlink(victim, join(temp.root, ".signalbox"));
    const error = await failure(repository.prepareAttempt({ trackId, ticketId: "T-002", isFresh: false }));
    expect(error).toMatchObject({ code: "not_ours" });
    expect(await readdir(victim)).toEqual(["precious.txt"]);
    await rm(join(temp.root, ".signalbox"));
    await rm(victim, { recursive: true });
  });

  test("leaves no worktree behind, and unmerged work in the trash", async () => {
    await work(repository, "T-001", { "c.txt": "merged\n" });
    await merge(repository, "T-001");
    await work(repository, "T-002", { "d.txt": "committed\n" });
    await writeFiles(join(temp.root, ".signalbox/worktrees/T-002"), { "e.txt": "loose\n" });
    for (let repeat = 0; repeat < 2; repeat += 1) await repository.removeTrackWorktrees(trackId);
    expect(await readdir(join(temp.root, ".signalbox/worktrees"))).toEqual([]);
    expect(await temp.git("worktree", "list", "--porcelain")).not.toContain(".signalbox");
    expect(await trash("T-001")).toBe("");
    expect(await temp.git("show", "refs/signalbox/trash/T-002/1:e.txt")).toBe("loose");
  });

  test("refuses to move a branch that the user's own tree is on", async () => {
    await work(repository, "T-001", { "c.txt": "c\n" });
    const staged = await stage(repository, "T-001");
    await temp.git("checkout", "--quiet", `signalbox/${trackId}/track`);
    expect(await failure(repository.publishMerge({ trackId, ...staged }))).toMatchObject({ code: "branch_in_use" });
    expect(await temp.git("status", "--porcelain")).toBe("");
  });
});
