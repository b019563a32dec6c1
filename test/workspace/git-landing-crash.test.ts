/** A landing changes files first and the branch last: what a crash between the two leaves, and what becomes of it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { failure, merge, trackId, work } from "../support/track-work.ts";

let temp: TempRepository;
let repository: Repository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\n", "b.txt": "b\n" });
  repository = await openRepository(temp.root);
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

async function ready(files: Readonly<Record<string, string>>) {
  await repository.prepareTrack(trackId, []);
  await work(repository, "T-001", files);
  await merge(repository, "T-001");
  const landing = await repository.prepareLanding(trackId);
  if (landing.kind !== "ready") throw new Error(`not ready: ${JSON.stringify(landing)}`);
  return landing;
}

describe("a landing that a crash cut in two", () => {
  const note = (landing: { fromCommit: string; toCommit: string }) =>
    temp.write({
      ".signalbox/landing.json": JSON.stringify({ branch: "main", from: landing.fromCommit, to: landing.toCommit }),
    });

  test("is finished at the next start where the files are all there", async () => {
    const landing = await ready({ "c.txt": "c\n", "a.txt": "ONE\n" });
    await note(landing);
    await temp.git("read-tree", "-m", "-u", landing.fromCommit, landing.toCommit);
    await temp.write({ "b.txt": "edited since\n" });
    const before = await temp.fingerprint();
    repository = await openRepository(temp.root);
    expect(await temp.git("rev-parse", "main")).toBe(landing.toCommit);
    expect(await temp.git("status", "--porcelain")).toBe("M b.txt");
    expect(await temp.fingerprint()).toBe(before);
    expect(await repository.land(landing)).toEqual({ commit: landing.toCommit });
    expect(existsSync(join(temp.root, ".signalbox/landing.json"))).toBe(false);
  });

  test("is not done where it had not begun, and is left alone where the branch has moved", async () => {
    const landing = await ready({ "c.txt": "c\n" });
    await note(landing);
    repository = await openRepository(temp.root);
    expect(await temp.git("rev-parse", "main")).toBe(landing.fromCommit);
    await note(landing);
    const mine = await temp.commit({ "mine.txt": "m\n" });
    expect(String(await failure(repository.land(landing)))).toContain("has moved");
    expect(await temp.git("rev-parse", "main")).toBe(mine);
  });

  test("waits while the git that changes the files is still at work", async () => {
    const landing = await ready({ "c.txt": "c\n" });
    await note(landing);
    await temp.write({ ".git/index.lock": "" });
    repository = await openRepository(temp.root);
    await rm(join(temp.root, ".git/index.lock"));
    await temp.git("read-tree", "-m", "-u", landing.fromCommit, landing.toCommit);
    expect(await repository.prepareLanding(trackId)).toMatchObject({ kind: "landed", commit: landing.toCommit });
  });
});
