/** The gits that stay: what they say is never old, and what becomes of them is nobody's trouble. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { walkToBase } from "../../src/workspace/commit-walk.ts";
import { GitError, MovedRef } from "../../src/workspace/git-error.ts";
import { findObject } from "../../src/workspace/git-objects.ts";
import { isContained, mergeBases, moveRef, readRef } from "../../src/workspace/history.ts";
import type { Place } from "../../src/workspace/place.ts";
import { Dice } from "../support/dice.ts";
import { openPlace } from "../support/open-place.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { failure } from "../support/track-work.ts";

let temp: TempRepository;
let place: Place;

beforeEach(async () => {
  temp = await makeTempRepository();
  place = openPlace(temp.root);
});

afterEach(async () => {
  await Promise.all([place.talks.objects.end(), place.talks.refs.end()]);
  await temp.remove();
});

describe("a git that answers questions", () => {
  test("sees at once what others do to a ref, loose and packed", async () => {
    expect(await readRef(place, "refs/heads/side")).toBeNull();
    const first = await temp.git("rev-parse", "main");
    await temp.git("branch", "side");
    expect(await readRef(place, "refs/heads/side")).toBe(first);
    await temp.git("pack-refs", "--all");
    const second = await temp.commit({ "b.txt": "b\n" });
    await temp.git("branch", "--force", "side");
    expect(await readRef(place, "refs/heads/side")).toBe(second);
    await temp.git("pack-refs", "--all");
    await temp.git("gc", "--quiet", "--prune=now");
    expect(await readRef(place, "refs/heads/side")).toBe(second);
    await temp.git("branch", "--delete", "--force", "side");
    expect(await readRef(place, "refs/heads/side")).toBeNull();
  });

  test("sees refs that were packed twice within a second, in a file of the same size and inode", async () => {
    const commits = [await temp.git("rev-parse", "main"), await temp.commit({ "b.txt": "b\n" })];
    for (const commit of [...commits, ...commits]) {
      await temp.git("update-ref", "refs/heads/side", commit);
      await temp.git("pack-refs", "--all");
      await temp.git("pack-refs", "--all");
      expect(await readRef(place, "refs/heads/side")).toBe(commit);
    }
  });

  test("takes a name for a name: a line break in it asks nothing else", async () => {
    const tip = await readRef(place, "refs/heads/main");
    expect(await findObject(place, `refs/heads/none\ninfo ${tip}`)).toBeNull();
    expect(await findObject(place, "refs/heads/none missing")).toBeNull();
    expect(await findObject(place, `${tip}:no such file`)).toBeNull();
    expect(await readRef(place, "refs/heads/main")).toBe(tip);
  });

  test("is started anew where it was killed, or where its folder was taken away", async () => {
    const tip = await readRef(place, "refs/heads/main");
    for (const pid of await childrenNamed("cat-file")) process.kill(pid, "SIGKILL");
    expect(await readRef(place, "refs/heads/main")).toBe(tip);
    await rm(place.privateDir, { recursive: true });
    expect(await readRef(place, "refs/heads/main")).toBe(tip);
    await rename(join(temp.root, ".signalbox"), join(temp.root, "elsewhere"));
    expect(await readRef(place, "refs/heads/main")).toBe(tip);
  });

  test("ends with the program that asked, and holds it back from nothing", async () => {
    const script = `import { GitConversation } from ${JSON.stringify(join(import.meta.dir, "../../src/workspace/git-conversation.ts"))};
      const git = new GitConversation(["cat-file", "--batch-check"]);
      console.log(await git.ask({ folder: ".", env: {}, stamp: "" }, "HEAD\\n", (bytes) => ({ answer: bytes.toString().trim() })));`;
    const asking = Bun.spawn([process.execPath, "-e", script], { cwd: temp.root, stdout: "pipe", stderr: "inherit" });
    expect(await new Response(asking.stdout).text()).toStartWith(await temp.git("rev-parse", "HEAD"));
    expect(await asking.exited).toBe(0);
  });
});

describe("a git that moves refs", () => {
  test("moves one only from where it was seen, and serves on after it has refused", async () => {
    const [first = "", second] = [await temp.git("rev-parse", "main"), await temp.commit({ "b.txt": "b\n" })];
    await moveRef(place, "refs/heads/side", first, null);
    expect(await failure(moveRef(place, "refs/heads/side", second, null))).toBeInstanceOf(MovedRef);
    expect(await failure(moveRef(place, "refs/heads/side", first, second))).toBeInstanceOf(MovedRef);
    await moveRef(place, "refs/heads/side", second, first);
    await temp.git("branch", "--force", "side", first);
    expect(await failure(moveRef(place, "refs/heads/side", first, second))).toBeInstanceOf(MovedRef);
    expect(await temp.git("rev-parse", "side")).toBe(first);
    expect(await failure(moveRef(place, "refs/heads/side", "0".repeat(39).concat("1"), first))).toBeInstanceOf(
      GitError,
    );
    expect(await temp.git("rev-parse", "side")).toBe(first);
  });

  test("lets one of two win where both move a ref at once", async () => {
    const first = await temp.git("rev-parse", "main");
    const second = await temp.commit({ "b.txt": "b\n" });
    const moves = [first, second].map((to) => moveRef(place, "refs/heads/side", to, null));
    const ends = await Promise.allSettled(moves);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await temp.git("rev-parse", "side")).toBe(first);
  });
});

test("a walk over any history gives git's own answer, or leaves it to git", async () => {
  const dice = new Dice(7);
  const tree = await temp.git("rev-parse", "main^{tree}");
  const commits = [await temp.git("rev-parse", "main")];
  for (let count = 0; count < 40; count += 1) {
    // Several commits in one second, and now and then a clock that went back.
    const seconds = 1_800_000_000 + Math.floor(count / 3) - (dice.below(8) === 0 ? 5 : 0);
    const pick = () => commits.at(-1 - dice.below(Math.min(5, commits.length))) ?? "";
    const parents = [...new Set(dice.below(3) === 0 ? [pick(), pick()] : [pick()])];
    const object = [
      `tree ${tree}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author a <a> ${seconds} +0000`,
      `committer a <a> ${seconds} +0000`,
      "",
      `${count}`,
    ];
    await temp.write({ object: `${object.join("\n")}\n` });
    commits.push(await temp.git("hash-object", "-w", "-t", "commit", "object"));
  }
  let walkedCount = 0;
  for (let count = 0; count < 60; count += 1) {
    const [one = "", other = ""] = [commits[dice.below(41)], commits[dice.below(41)]];
    const expected = (await temp.git("merge-base", "--all", one, other)).split("\n").sort();
    expect((await mergeBases(place, one, other)).sort()).toEqual(expected);
    expect(await isContained(place, one, other)).toBe(expected.includes(one));
    if ((await walkToBase(place, one, other)) !== null) walkedCount += 1;
  }
  expect(walkedCount).toBeGreaterThan(30);
}, 60_000);

/** Our own child processes whose command line holds the word. */
async function childrenNamed(word: string): Promise<number[]> {
  const child = Bun.spawn(["ps", "--ppid", String(process.pid), "-o", "pid=,args="], { stdout: "pipe" });
  const rows = (await new Response(child.stdout).text()).split("\n").filter((row) => row.includes(word));
  return rows.map((row) => Number(/\d+/.exec(row)?.[0]));
}
