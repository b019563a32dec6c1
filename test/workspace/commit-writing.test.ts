/** A commit that a lasting git writes is the one that `git commit-tree` would have written, byte for byte. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeCommit } from "../../src/workspace/commit-writing.ts";
import type { Place } from "../../src/workspace/place.ts";
import { openPlace } from "../support/open-place.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";

let temp: TempRepository;

beforeEach(async () => {
  temp = await makeTempRepository({ "a.txt": "one\n" });
});

afterEach(async () => {
  await temp.git("fsck", "--strict");
  await temp.remove();
});

function placeOf(name: string, address: string): Place {
  const identity = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: address,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: address,
  };
  return { ...openPlace(temp.root), identity };
}

async function byGit({ identity }: Place, message: string, parents: readonly string[], seconds: number) {
  const date = `@${seconds} +0000`;
  const args = ["commit-tree", "HEAD^{tree}", ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"];
  const child = Bun.spawn(["git", ...args], {
    cwd: temp.root,
    env: { ...process.env, ...identity, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    stdin: new TextEncoder().encode(`${message}\n`),
    stdout: "pipe",
  });
  return (await new Response(child.stdout).text()).trim();
}

test.each([
  ["a plain name", "Ada Lovelace", "ada@example.org", "T-001: work"],
  ["a name from elsewhere", "Åsa Öström-Ek", "asa+git@example.org", "Zeile\n\nmehr: é 漢字 🚂\n"],
  ["a name of which git takes something away", " Ada, <the first>. ", "<ada@example.org>", "x"],
  ["an empty address", "Ada", "", "x"],
  ["an empty message", "Ada", "ada@example.org", ""],
  ["blank lines and spaces at its ends", "Ada", "ada@example.org", "\n\n  subject  \n\n\nbody\n\n\n"],
])("with %s", async (_what, name, address, message) => {
  const place = placeOf(name, address);
  const [tree, head] = [await temp.git("rev-parse", "HEAD^{tree}"), await temp.git("rev-parse", "HEAD")];
  const other = await writeCommit(place, { tree, parents: [head], message: "another", dateSeconds: 1_750_000_000 });
  for (const parents of [[head], [head, other], []]) {
    const ours = await writeCommit(place, { tree, parents, message, dateSeconds: 1_760_000_000 });
    expect(ours).toBe(await byGit(place, message, parents, 1_760_000_000));
    expect(await temp.git("cat-file", "-t", ours)).toBe("commit");
  }
  expect((await readdir(join(temp.root, ".signalbox"))).filter((entry) => entry.startsWith("commit-"))).toEqual([]);
});

test("a commit that is dated now has the time and the zone of now", async () => {
  const place = placeOf("Ada", "ada@example.org");
  const before = Math.floor(Date.now() / 1000);
  const tree = await temp.git("rev-parse", "HEAD^{tree}");
  const commit = await writeCommit(place, { tree, parents: [], message: "now" });
  const [seconds, zone] = (await temp.git("show", "-s", "--format=%ad", "--date=raw", commit)).split(" ");
  expect(Number(seconds)).toBeGreaterThanOrEqual(before);
  expect(zone).toMatch(/^[+-]\d{4}$/);
});

test("a tree that is not there is refused in git's own words", async () => {
  const place = placeOf("Ada", "ada@example.org");
  const commit = { tree: "1".repeat(40), parents: [], message: "x" };
  expect(writeCommit(place, commit)).rejects.toThrow(/1111111/);
});
