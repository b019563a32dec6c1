/** One patch text says what git's own tables and bare patches say, whatever the change is. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { patchWithoutRenames } from "../../src/workspace/commit-diff.ts";
import { lineChanges, parsePatch } from "../../src/workspace/patch.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { openPlace } from "../support/open-place.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";

let temp: TempRepository;
let repository: Repository;

beforeAll(async () => {
  temp = await makeTempRepository({
    "a.txt": "one\ntwo\n\nthree\n",
    "mode.sh": "x\n",
    "gone.txt": "a\nb\n",
    "long name ü.txt": "o\n",
    'odd\u2028\\"\t.txt': "-- a/x\n++ b/y\n",
    "binary.bin": "\0\x01",
    "moved/from.txt": "1\n2\n3\n4\n5\n6\n7\n8\n",
    "link.txt": "a.txt\nmore\n",
    "bare.txt": "no end",
  });
  repository = await openRepository(temp.root);
});
afterAll(() => temp.remove());

const changes: Readonly<Record<string, () => Promise<unknown>>> = {
  "lines, odd names, an end without a line break": () =>
    temp.write({
      "a.txt": "one\n2\n\nthree\r\nfour\n@@ -1 +1 @@\ndiff --git a/x b/x\n",
      "long name ü.txt": "p\n",
      'odd\u2028\\"\t.txt': "++ b/y\n-- a/z\n",
      "bare.txt": "no end, still",
      "empty.txt": "",
    }),
  "a mode, and a binary file": async () => {
    await chmod(join(temp.root, "mode.sh"), 0o755);
    await temp.write({ "binary.bin": "\0\x02\n" });
  },
  "deleted files": () => rm(join(temp.root, "gone.txt")),
  "a file under a new name, with a change": async () => {
    await rename(join(temp.root, "moved/from.txt"), join(temp.root, "moved/to.txt"));
    await temp.write({ "moved/to.txt": "1\n2\n3\n4\n5\n6\n7\nacht\n" });
  },
  "a file that becomes a link": async () => {
    await rm(join(temp.root, "link.txt"));
    await symlink("a.txt", join(temp.root, "link.txt"));
  },
  "more text than is shown": () => temp.write({ "large.txt": "a line of some length\n".repeat(20_000) }),
  nothing: async () => undefined,
};

test.each(Object.keys(changes))("%s", async (name) => {
  const from = await temp.git("rev-parse", "HEAD");
  await changes[name]?.();
  const to = await temp.commit({}, name);
  const diff = await repository.diff(from, to);
  const table = (await temp.git("diff-tree", "-r", "--numstat", "--no-renames", "-z", from, to)).split("\0");
  const rows = table.filter((row) => row !== "").map((row) => row.split("\t"));
  expect(diff.files).toEqual(rows.map((row) => row.slice(2).join("\t")));
  expect(diff.insertions).toBe(rows.reduce((sum, [added]) => sum + (Number(added) || 0), 0));
  expect(diff.deletions).toBe(rows.reduce((sum, [, removed]) => sum + (Number(removed) || 0), 0));
  expect(diff.isCut).toBe(name === "more text than is shown");
  const found = await patchWithoutRenames(openPlace(temp.root), from, to);
  const bare = parsePatch(await temp.git("diff-tree", "-r", "-p", "-U0", "--no-renames", from, to));
  if (found === null) expect(name).toMatch(/new name|link/);
  else expect(lineChanges(found)).toEqual(bare);
});
