/** Reading from disk: what is listed, and that nothing outside the root, no secret and no special file comes through. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskReader } from "../../src/context/source-reader.ts";

let base = "";
let root = "";

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "reader-"));
  root = join(base, "project");
  const files = {
    "src/a.ts": "a",
    "README.md": "r",
    ".env": "KEY=1",
    ".env.example": "KEY=",
    "node_modules/x/i.js": "x",
  };
  for (const [path, text] of Object.entries(files)) await Bun.write(join(root, path), text);
  await Bun.write(join(root, ".git/config"), "g");
  await Bun.write(join(root, "binary.dat"), "a\0b");
  await Bun.write(join(root, "large.txt"), "x".repeat(1_100_000));
  await Bun.write(join(base, "outside.txt"), "outside");
  await Bun.write(join(base, "project-sibling/a.txt"), "sibling");
  await mkdir(join(root, "empty"));
  await symlink("../outside.txt", join(root, "link.txt"));
  await symlink("..", join(root, "up"));
  await symlink(".env", join(root, "innocent.txt"));
  await symlink("src/a.ts", join(root, "inside.ts"));
  Bun.spawnSync(["mkfifo", join(root, "pipe")]);
});

afterAll(() => rm(base, { recursive: true }));

test("lists files of the project, without git's, dependencies, secrets and links", async () => {
  expect(await diskReader(root).list()).toEqual([".env.example", "README.md", "binary.dat", "large.txt", "src/a.ts"]);
});

test("takes a better list where one is given", async () => {
  const reader = diskReader(root, async () => ["src/a.ts", ".env", "../outside.txt"]);
  expect(await reader.list()).toEqual(["src/a.ts"]);
});

test("reads text files and links that stay inside", async () => {
  expect(await diskReader(root).read("src/a.ts")).toBe("a");
  expect(await diskReader(root).read("inside.ts")).toBe("a");
});

test("gives nothing for what is missing, outside, secret or no text", async () => {
  const reader = diskReader(root);
  const refused = ["none.ts", "empty", "link.txt", "up/outside.txt", "up/project-sibling/a.txt", "../outside.txt"];
  const hidden = [
    ".env",
    "innocent.txt",
    ".git/config",
    "binary.dat",
    "large.txt",
    "pipe",
    "/etc/hostname",
    "",
    "src/a.ts/b",
    "n".repeat(300),
  ];
  for (const path of [...refused, ...hidden]) expect([path, await reader.read(path)]).toEqual([path, null]);
});
