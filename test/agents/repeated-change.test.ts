/** Changes of files whose outcome a crash hid: made when that is harmless, else left to the model. */
import { afterAll, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { judgeEdit, judgeWrite } from "../../src/agents/tools/repeated-change.ts";
import { call, text } from "../support/scripted-provider.ts";
import { lastResults, playAgent, removeRoots, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

const alone = { isFollowed: false };
const followed = { isFollowed: true };

describe("a write", () => {
  test.each([
    ["over nothing", "new", null, alone, "make"],
    ["over another text", "new", "old", alone, "make"],
    ["over its own text", "new", "new", alone, "made"],
    ["over its own text before a command", "new", "new", followed, "made"],
    ["over another text before a command", "new", "changed since", followed, "doubt"],
  ] as const)("%s is judged right", (_what, content, present, repeat, judgement) => {
    expect(judgeWrite(present, content, repeat)).toBe(judgement);
  });
});

describe("an edit", () => {
  test.each([
    ["of what is still there", "a x b", { old_string: "x", new_string: "y" }, alone, "make"],
    ["of what has been replaced", "a y b", { old_string: "x", new_string: "y" }, alone, "made"],
    ["that adds to what it replaces, perhaps made", "a x y b", { old_string: "x", new_string: "x y" }, alone, "doubt"],
    ["that adds to what it replaces, not made", "a x b", { old_string: "x", new_string: "x y" }, alone, "make"],
    ["before a command", "a x b", { old_string: "x", new_string: "y" }, followed, "doubt"],
    ["that removes, before a command", "a b", { old_string: "x", new_string: "" }, followed, "doubt"],
  ] as const)("%s is judged right", (_what, present, edit, repeat, judgement) => {
    expect(judgeEdit(present, edit, repeat)).toBe(judgement);
  });
});

/** A thread that takes over these calls in a folder whose file holds `present`. */
async function takeOver(present: string, ...calls: ReturnType<typeof call>[]) {
  const root = await temporaryRoot();
  await writeFile(join(root, "a.ts"), present);
  const history = [
    { role: "user", content: "Do T-001." },
    { role: "assistant", content: calls },
  ];
  const scene = await playAgent([text("done")], {
    start: { history, turnCount: 1, lastStopReason: "tool_use", root, targetFiles: ["a.ts"] },
    onTool: () => ({ outcome: "result", content: "ran" }),
  });
  return { results: lastResults(scene), content: await readFile(join(root, "a.ts"), "utf8") };
}

const add = call("edit", { file_path: "a.ts", old_string: "x", new_string: "x y" }, "toolu_1");

describe("a thread that takes over from one that died", () => {
  test("does not make an edit twice", async () => {
    const { results, content } = await takeOver("x y", add);
    expect(content).toBe("x y");
    expect(results[0]).toMatchObject({ is_error: true, content: expect.stringContaining("not known") });
  });

  test("makes an edit that was not made", async () => {
    expect((await takeOver("x", add)).content).toBe("x y");
  });

  test("does not write over what a later command may have changed", async () => {
    const write = call("write", { file_path: "a.ts", content: "first" }, "toolu_1");
    const command = call("bash", { command: "sed -i s/first/second/ a.ts" }, "toolu_2");
    const { results, content } = await takeOver("second", write, command);
    expect(content).toBe("second");
    expect(results[0]).toMatchObject({ is_error: true });
  });
});
