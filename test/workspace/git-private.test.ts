/** The git folder of our own: what of the user's configuration reaches our git, and what a planted folder can do. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository, writeFiles } from "../support/temp-repository.ts";
import { merge, stage, trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;
const others: TempRepository[] = [];

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
  repository = await openRepository(temp.root);
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  for (const repository of [temp, ...others.splice(0)]) await repository.remove();
});

/** A program that leaves a mark in `marks`; gives the way to say it in a configuration. */
async function program(marks: string, name: string): Promise<string> {
  await mkdir(marks, { recursive: true });
  const path = join(marks, `${name}.sh`);
  await writeFile(path, `#!/bin/sh\ntouch '${marks}/${name}'\nexec cat\n`);
  await chmod(path, 0o755);
  return path;
}

const ranPrograms = async (marks: string) => (await readdir(marks)).filter((name) => !name.endsWith(".sh"));

async function landAll(): Promise<void> {
  const landing = await repository.prepareLanding(trackId);
  if (landing.kind !== "ready") throw new Error(JSON.stringify(landing));
  await repository.land(landing);
}

describe("the user's configuration", () => {
  test("starts no filter or driver, and what lands is what is stored", async () => {
    const marks = join(temp.root, ".git/marks");
    const trap = await program(marks, "driver");
    await temp.commit({ ".gitattributes": "*.txt filter=evil diff=evil merge=evil\n" });
    for (const key of ["filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv"])
      await temp.git("config", key, trap);
    await temp.git("config", "filter.evil.required", "true");
    await temp.git("config", "merge.evil.driver", trap);
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "a.txt": "ONE\ntwo\nthree\n" });
    await work(repository, "T-002", { "a.txt": "one\ntwo\nTHREE\n", "new.txt": "n\n" });
    await merge(repository, "T-001");
    await merge(repository, "T-002");
    await landAll();
    expect(await temp.read("a.txt")).toBe("ONE\ntwo\nTHREE\n");
    expect(await ranPrograms(marks)).toEqual([]);
    for (const name of ["filter", "diff", "merge"]) await temp.git("config", "--remove-section", `${name}.evil`);
    expect(await temp.git("status", "--porcelain")).toBe("");
  });

  test("says how lines end, and who the user is", async () => {
    await temp.git("config", "core.autocrlf", "true");
    await temp.git("config", "user.name", 'Ada "the first" \\ Lovelace');
    repository = await openRepository(temp.root);
    await repository.prepareTrack(trackId, []);
    const ticket = await work(repository, "T-001", { "c.txt": "c\r\n" });
    expect(await temp.git("cat-file", "blob", `${ticket.commit}:c.txt`)).toBe("c");
    await merge(repository, "T-001");
    await landAll();
    expect(await temp.read("c.txt")).toBe("c\r\n");
    expect(await temp.git("log", "-1", "--format=%an", ticket.commit)).toBe('Ada "the first" \\ Lovelace');
    expect(await temp.git("status", "--porcelain")).toBe("");
  });

  test("is taken over anew when it has changed, and the folder is left alone when it has not", async () => {
    const config = join(temp.root, ".signalbox/git/config");
    const before = await lstat(config);
    await openRepository(temp.root);
    expect((await lstat(config)).ino).toBe(before.ino);
    await temp.git("config", "core.fileMode", "false");
    await openRepository(temp.root);
    expect(await readFile(config, "utf8")).toContain('filemode = "false"');
  });
});

describe("a planted folder", () => {
  test("is made anew: no configuration that a stranger brought along is used", async () => {
    const marks = join(temp.root, ".git/marks");
    const trap = await program(marks, "driver");
    const evil = join(temp.root, ".git/evil");
    await temp.git("init", "--quiet", "--bare", evil);
    await temp.git("--git-dir", evil, "config", "filter.evil.clean", trap);
    await temp.commit({ ".gitattributes": "* filter=evil\n" });
    const own = join(temp.root, ".signalbox/git");
    await rm(own, { recursive: true });
    await writeFiles(own, {
      commondir: `${evil}\n`,
      HEAD: "ref: refs/heads/main\n",
      "worktrees/T-001/commondir": evil,
    });
    await writeFiles(own, { "worktrees/T-001/HEAD": "ref: refs/heads/main\n", "worktrees/__user/commondir": evil });
    repository = await openRepository(temp.root);
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "c.txt": "c\n" });
    await merge(repository, "T-001");
    await landAll();
    expect(await ranPrograms(marks)).toEqual([]);
    expect(existsSync(join(own, "commondir"))).toBe(false);
  });

  test("that a link leads to is not written to", async () => {
    const victim = join(temp.root, "victim");
    await mkdir(victim);
    await writeFile(join(victim, "kept"), "k");
    await rm(join(temp.root, ".signalbox/git"), { recursive: true });
    await symlink(victim, join(temp.root, ".signalbox/git"));
    await openRepository(temp.root);
    expect(await readdir(victim)).toEqual(["kept"]);
  });

  test("in the place of a submodule runs nothing of its own configuration", async () => {
    const marks = join(temp.root, ".git/marks");
    const trap = await program(marks, "driver");
    const head = await temp.git("rev-parse", "HEAD");
    await temp.git("update-index", "--add", "--cacheinfo", `160000,${head},sub`);
    await temp.git("commit", "--quiet", "-m", "a submodule");
    await mkdir(join(temp.root, "sub"));
    await repository.prepareTrack(trackId, []);
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    const nested = join(worktree, "sub");
    await mkdir(nested, { recursive: true });
    await temp.git("init", "--quiet", nested);
    await writeFiles(nested, { "x.txt": "x\n", ".gitattributes": "* filter=evil\n" });
    await temp.git("-C", nested, "add", "--all");
    await temp.git("-C", nested, "config", "filter.evil.clean", trap);
    await writeFiles(nested, { "x.txt": "changed\n", ".git/HEAD": `${head}\n` });
    await repository.commitTicket({ trackId, ticketId: "T-001", message: "m" });
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: true });
    expect(await ranPrograms(marks)).toEqual([]);
    const kept = (await readdir(join(temp.root, ".signalbox"))).filter((name) => name.startsWith("nested-git-"));
    expect(kept).toHaveLength(1);
  });
});

describe("the user's repository", () => {
  test("does not list our worktrees, and loses what an earlier version listed with its work kept", async () => {
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "c.txt": "c\n" });
    expect((await temp.git("worktree", "list")).split("\n")).toHaveLength(1);
    const path = join(temp.root, ".signalbox/worktrees/T-001");
    for (const old of [path, join(temp.root, ".signalbox/git/worktrees/T-001")]) await rm(old, { recursive: true });
    await temp.git("worktree", "add", "--quiet", path, `signalbox/${trackId}/T-001`);
    await writeFiles(path, { "wip.txt": "not committed\n" });
    await repository.prepareAttempt({ trackId, ticketId: "T-001", isFresh: false });
    expect((await temp.git("worktree", "list")).split("\n")).toHaveLength(1);
    expect(await temp.git("show", "refs/signalbox/trash/T-001/1:wip.txt")).toBe("not committed");
    expect(await temp.git("show", "refs/signalbox/trash/T-001/1:c.txt")).toBe("c");
  });

  test("may throw away what no ref reaches: the work goes on", async () => {
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "b.txt": "theirs\n" });
    const { worktree } = await repository.prepareAttempt({ trackId, ticketId: "T-002", isFresh: false });
    await writeFiles(worktree, { "b.txt": "mine\n", "wip.txt": "w\n" });
    await merge(repository, "T-001");
    await repository.prepareAttempt({ trackId, ticketId: "T-002", isFresh: false });
    await temp.git("reflog", "expire", "--expire=now", "--all");
    await temp.git("prune", "--expire=now");
    const { commit } = await repository.commitTicket({ trackId, ticketId: "T-002", message: "m" });
    expect(await temp.git("show", `${commit}:wip.txt`)).toBe("w");
    await work(repository, "T-003", { "d.txt": "d\n" });
    const lost = await stage(repository, "T-003");
    await temp.git("prune", "--expire=now");
    const error = await repository.publishMerge({ trackId, ...lost }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "MovedRef" });
    expect(await merge(repository, "T-003")).toBe(lost.commit);
  });

  test("may be a linked worktree, a submodule or a shallow clone", async () => {
    const outer = await makeTempRepository();
    others.push(outer);
    const linked = join(outer.root, "linked");
    await temp.git("worktree", "add", "--quiet", "-b", "side", linked);
    await outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", temp.root, "sub");
    const shallow = join(outer.root, "shallow");
    await temp.commit({ "second.txt": "2\n" });
    await outer.git("clone", "--quiet", "--depth=1", `file://${temp.root}`, shallow);
    for (const root of [linked, join(outer.root, "sub"), shallow]) {
      repository = await openRepository(root);
      await repository.prepareTrack(trackId + root.length, []);
      const track = trackId + root.length;
      await work(repository, "T-001", { "c.txt": `${root}\n` }, track);
      await merge(repository, "T-001", track);
      const landing = await repository.prepareLanding(track);
      if (landing.kind !== "ready") throw new Error(`${root}: ${JSON.stringify(landing)}`);
      await repository.land(landing);
      expect(await readFile(join(root, "c.txt"), "utf8")).toBe(`${root}\n`);
      expect(await temp.git("-C", root, "status", "--porcelain")).toBe("");
      expect(await temp.git("-C", root, "reflog", "-1", "--format=%gs")).toBe("signalbox: land");
    }
  });

  test("may have a split index or a sparse checkout, and keeps them", async () => {
    await temp.commit({ "in/x.txt": "x\n", "out/y.txt": "y\n" });
    await temp.git("sparse-checkout", "set", "in");
    await temp.git("update-index", "--split-index");
    repository = await openRepository(temp.root);
    await repository.prepareTrack(trackId, []);
    await work(repository, "T-001", { "in/x.txt": "X\n", "out/y.txt": "Y\n", "in/z.txt": "z\n" });
    await merge(repository, "T-001");
    expect(await repository.uncommitted()).toBeNull();
    await landAll();
    expect(await temp.git("status", "--porcelain")).toBe("");
    expect(await temp.read("in/x.txt")).toBe("X\n");
    expect(existsSync(join(temp.root, "out/y.txt"))).toBe(false);
  });
});
