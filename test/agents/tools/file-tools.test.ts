/** The file tools: what they read and write, and that nothing leads them out of their root. */
import { afterAll, describe, expect, test } from "bun:test";
import { chmod, link, mkdir, readdir, stat, symlink } from "node:fs/promises";
import { editTool, isTarget, readTool, skeletonTool, writeTool } from "../../../src/agents/tools/file-tools.ts";
import { removeRoots } from "../agent-scene.ts";
import { toolFolder } from "./tool-scene.ts";

afterAll(removeRoots);

describe("read", () => {
  test("numbers lines, and gives a range of them", async () => {
    const folder = await toolFolder({ "a.ts": "one\ntwo\nthree\n" });
    expect(await folder.run(readTool, { file_path: "a.ts" })).toBe("    1\tone\n    2\ttwo\n    3\tthree");
    expect(await folder.run(readTool, { file_path: "a.ts", view_range: [2, -1] })).toBe("    2\ttwo\n    3\tthree");
    expect(await folder.run(readTool, { file_path: "a.ts", view_range: [9, 12] })).toContain("has 3 lines");
    expect(await folder.run(readTool, { file_path: `${folder.root}/a.ts`, view_range: [1, 1] })).toBe("    1\tone");
  });

  test("is bounded, and says what is missing", async () => {
    const folder = await toolFolder({ "long.txt": "x\n".repeat(5000), "wide.txt": "y".repeat(9000) });
    expect(await folder.run(readTool, { file_path: "long.txt" })).toEndWith(
      "lines 2001 to 5000 are not shown; ask for them with view_range.",
    );
    expect((await folder.run(readTool, { file_path: "wide.txt" })).length).toBeLessThan(2100);
  });

  test("refuses folders, binary files, pipes and devices, without waiting", async () => {
    const folder = await toolFolder({ "bin.dat": "a\0b", "src/a.ts": "" });
    Bun.spawnSync(["mkfifo", `${folder.root}/pipe`]);
    await symlink("/dev/zero", `${folder.root}/zero`);
    expect(await folder.run(readTool, { file_path: "src" })).toContain("is a folder");
    expect(await folder.run(readTool, { file_path: "bin.dat" })).toContain("binary");
    expect(await folder.run(readTool, { file_path: "pipe" })).toContain("not a regular file");
    expect(await folder.run(readTool, { file_path: "zero" })).toContain("outside the project");
    expect(await folder.run(readTool, { file_path: "none.ts" })).toBe("fault: none.ts does not exist.");
  });

  test("gives an orchestrator documents only, and no planner a secret", async () => {
    const folder = await toolFolder({
      "README.md": "hi",
      "src/a.ts": "code",
      ".env": "KEY=1",
      ".env.example": "KEY=",
      "tls/server.key": "k",
    });
    await symlink("src/a.ts", `${folder.root}/trick.md`);
    expect(await folder.run(readTool, { file_path: "README.md" }, "documents")).toBe("    1\thi");
    expect(await folder.run(readTool, { file_path: "src/a.ts" }, "documents")).toContain("not a document");
    expect(await folder.run(readTool, { file_path: "trick.md" }, "documents")).toContain("not a document");
    expect(await folder.run(readTool, { file_path: "src/a.ts" }, "project")).toBe("    1\tcode");
    expect(await folder.run(readTool, { file_path: ".env" }, "project")).toContain("secrets");
    expect(await folder.run(readTool, { file_path: "tls/server.key" }, "project")).toContain("secrets");
    expect(await folder.run(readTool, { file_path: ".env.example" }, "project")).toBe("    1\tKEY=");
  });

  test("a skeleton shows the file without its bodies", async () => {
    const folder = await toolFolder({
      "a.ts": "export function add(a: number, b: number) {\n  return a + b + 12345;\n}\n",
    });
    const skeleton = await folder.run(skeletonTool, { file_path: "a.ts" });
    expect(skeleton).toContain("add(a: number, b: number)");
    expect(skeleton).not.toContain("12345");
  });
});

describe("no tool leaves its root", () => {
  const outside = [
    "../secret.txt",
    "a/../../secret.txt",
    "/etc/passwd",
    "out/secret.txt",
    "leaf",
    ".git/config",
    "sub/.git/HEAD",
    ".signalbox/token",
    ".GIT/config",
    "gitlink/config",
    "x\0y",
  ];
  for (const path of outside) {
    test(`by ${JSON.stringify(path)}`, async () => {
      const folder = await toolFolder({
        ".git/config": "[core]",
        "sub/.git/HEAD": "ref",
        ".signalbox/token": "t",
        "a/b": "",
      });
      await Bun.write(`${folder.root}/../secret.txt`, "secret");
      await symlink("..", `${folder.root}/out`);
      await symlink("../secret.txt", `${folder.root}/leaf`);
      await symlink(".git", `${folder.root}/gitlink`);
      expect(await folder.run(readTool, { file_path: path })).toStartWith("fault: ");
      expect(await folder.run(writeTool, { file_path: path, content: "taken" })).toStartWith("fault: ");
      expect(await folder.run(editTool, { file_path: path, old_string: "secret", new_string: "taken" })).toStartWith(
        "fault: ",
      );
      expect(await Bun.file(`${folder.root}/../secret.txt`).text()).toBe("secret");
    });
  }

  test("by a link that leads nowhere yet, or a new file behind a linked folder", async () => {
    const folder = await toolFolder({});
    await symlink("../new.txt", `${folder.root}/dangling`);
    await symlink("..", `${folder.root}/out`);
    expect(await folder.run(writeTool, { file_path: "dangling", content: "x" })).toContain("leads nowhere");
    expect(await folder.run(writeTool, { file_path: "out/made/new.txt", content: "x" })).toContain(
      "outside the project",
    );
    expect(await readdir(`${folder.root}/..`)).toEqual(["project"]);
  });

  test("by a hard link: the file outside keeps its text", async () => {
    const folder = await toolFolder({});
    await Bun.write(`${folder.root}/../outside.txt`, "theirs");
    await link(`${folder.root}/../outside.txt`, `${folder.root}/inside.txt`);
    await folder.run(writeTool, { file_path: "inside.txt", content: "ours" });
    expect(await Bun.file(`${folder.root}/../outside.txt`).text()).toBe("theirs");
  });
});

describe("write and edit", () => {
  test("make folders, keep the mode, and leave nothing else behind", async () => {
    const folder = await toolFolder({ "run.sh": "old" });
    await chmod(`${folder.root}/run.sh`, 0o755);
    expect(await folder.run(writeTool, { file_path: "src/deep/a.ts", content: "α" })).toBe(
      "wrote src/deep/a.ts (2 bytes)",
    );
    await folder.run(writeTool, { file_path: "run.sh", content: "new" });
    expect((await stat(`${folder.root}/run.sh`)).mode & 0o777).toBe(0o755);
    expect((await readdir(folder.root)).sort()).toEqual([".keep", "run.sh", "src"]);
  });

  test("refuse to replace a folder or a pipe", async () => {
    const folder = await toolFolder({});
    await mkdir(`${folder.root}/dir`);
    Bun.spawnSync(["mkfifo", `${folder.root}/pipe`]);
    expect(await folder.run(writeTool, { file_path: "dir", content: "" })).toContain("is a folder");
    expect(await folder.run(writeTool, { file_path: "pipe", content: "" })).toContain("not a regular file");
    expect(await folder.run(writeTool, { file_path: ".", content: "" })).toContain("root folder");
  });

  test("edit replaces a text that occurs once, literally", async () => {
    const folder = await toolFolder({ "a.ts": "price = 1\r\nname = x\r\n" });
    expect(
      await folder.run(editTool, { file_path: "a.ts", old_string: "price = 1", new_string: "price = $&$1" }),
    ).toContain("wrote a.ts");
    expect(await Bun.file(`${folder.root}/a.ts`).text()).toBe("price = $&$1\r\nname = x\r\n");
  });

  test("edit names what is wrong, and changes nothing", async () => {
    const folder = await toolFolder({ "a.ts": "x x y" });
    const edit = (old_string: string, new_string: string, more = {}) =>
      folder.run(editTool, { file_path: "a.ts", old_string, new_string, ...more });
    expect(await edit("z", "w")).toContain("does not occur in a.ts");
    expect(await edit("z", "y")).toContain("new_string is there already");
    expect(await edit("x", "w")).toContain("occurs 2 times");
    expect(await edit("x", "x")).toContain("are the same");
    expect(await edit("", "x")).toContain("old_string");
    expect(await Bun.file(`${folder.root}/a.ts`).text()).toBe("x x y");
    expect(await edit("x", "w", { replace_all: true })).toContain("wrote");
    expect(await Bun.file(`${folder.root}/a.ts`).text()).toBe("w w y");
  });

  test("outside the target files they ask, with the whole text that would be written", async () => {
    const folder = await toolFolder({ "b.ts": "one two" }, ["a.ts"]);
    expect(await folder.run(editTool, { file_path: "b.ts", old_string: "two", new_string: "three" })).toBe(
      'ask: {"path":"b.ts","content":"one three"}',
    );
    expect(await Bun.file(`${folder.root}/b.ts`).text()).toBe("one two");
  });

  test("a target file is named exactly, by a glob, or by a folder that ends in a slash", () => {
    const isIn = (path: string, target: string) => isTarget({ relative: path }, [target]);
    expect(isIn("src/[id].ts", "src/[id].ts")).toBe(true);
    expect(isIn("src/a.ts", "./src/a.ts")).toBe(true);
    expect(isIn("src/deep/a.ts", "src/**/*.ts")).toBe(true);
    expect(isIn("src/deep/a.ts", "src/")).toBe(true);
    expect(isIn("src/deep/a.ts", "src/*.ts")).toBe(false);
    expect(isIn("src/ab.ts", "src/a")).toBe(false);
    expect(isIn(".git/hooks/x", "**")).toBe(false);
  });
});
