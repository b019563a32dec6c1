/** The search tools: what they find, what they leave out, and that every search ends. */
import { afterAll, describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { globTool, grepTool } from "../../../src/agents/tools/search-tools.ts";
import { removeRoots } from "../agent-scene.ts";
import { toolFolder } from "./tool-scene.ts";

afterAll(removeRoots);

const files = {
  "README.md": "Hello\n",
  "src/a.ts": "export const a = 1;\nexport const hello = 2;\n",
  "src/deep/b.ts": "hello()\n",
  "node_modules/x/index.ts": "hello\n",
  ".git/config": "hello\n",
  ".signalbox/log.ts": "hello\n",
  ".env": "HELLO=hello\n",
};

describe("glob", () => {
  test("lists matching files by path, and skips what is not the project's", async () => {
    const folder = await toolFolder(files);
    expect(await folder.run(globTool, { pattern: "**/*.ts" })).toBe("src/a.ts\nsrc/deep/b.ts");
    expect(await folder.run(globTool, { pattern: "*.ts", path: "src" })).toBe("src/a.ts");
    expect(await folder.run(globTool, { pattern: "*.ts" })).toContain("try **/*.ts");
    expect(await folder.run(globTool, { pattern: "*", path: "../" })).toContain("outside the project");
    expect(await folder.run(globTool, { pattern: "/etc/*" })).toContain("must be relative");
  });

  test("follows no link, and stops at its limit", async () => {
    const many = Object.fromEntries(Array.from({ length: 510 }, (_, index) => [`many/${index}.txt`, ""]));
    const folder = await toolFolder({ "a.txt": "", ...many });
    await symlink("/etc", `${folder.root}/etc`);
    const found = await folder.run(globTool, { pattern: "**/*" });
    expect(found).not.toContain("passwd");
    expect(found.split("\n")).toHaveLength(501);
  });
});

describe("grep", () => {
  test("gives path, line number and line", async () => {
    const folder = await toolFolder(files);
    expect(await folder.run(grepTool, { pattern: "hello\\b", path: "src" })).toBe(
      "src/a.ts:2:export const hello = 2;\nsrc/deep/b.ts:1:hello()",
    );
    expect(await folder.run(grepTool, { pattern: "(?i)^hello$", path: "README.md" })).toBe("README.md:1:Hello");
    expect(await folder.run(grepTool, { pattern: "nowhere" })).toBe("no line matches");
    expect(await folder.run(grepTool, { pattern: "(" })).toContain("cannot be used");
    expect(await folder.run(grepTool, { pattern: "(?=x)" })).toContain("Lookarounds");
    expect(await folder.run(grepTool, { pattern: "x", path: "none" })).toContain("does not exist");
  });

  test("searches only what the role may read", async () => {
    const folder = await toolFolder(files);
    expect(await folder.run(grepTool, { pattern: "(?i)hello" }, "documents")).toBe("README.md:1:Hello");
    expect(await folder.run(grepTool, { pattern: "(?i)hello" }, "project")).not.toContain(".env");
  });

  test("soon ends an expression that would run for ages elsewhere, and a search with too many matches", async () => {
    const folder = await toolFolder({ "a.txt": `${"a".repeat(4000)}!\n`, "b.txt": "b\n".repeat(300) });
    for (const pattern of ["^(a+)+$", "a*a*a*a*a*b", "(.*)*x"])
      expect(await folder.run(grepTool, { pattern, path: "a.txt" })).toBe("no line matches");
    expect(await folder.run(grepTool, { pattern: "b" })).toEndWith("more than 200 lines match; narrow the search.");
  });
});
