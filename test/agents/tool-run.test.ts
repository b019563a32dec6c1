/** How the tool calls of a turn are run: order, limits, faults, and what the main loop is asked. */
import { afterAll, describe, expect, test } from "bun:test";
import { call, calls, rawCall, text } from "../support/scripted-provider.ts";
import { lastResults, playAgent, removeRoots, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

const done = text("done");

describe("tool calls of one response", () => {
  test("give their results in order, also when reads run side by side", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/a.txt`, "A");
    await Bun.write(`${root}/b.txt`, "B");
    const scene = await playAgent(
      [
        calls(
          call("read", { file_path: "b.txt" }, "t1"),
          call("read", { file_path: "a.txt" }, "t2"),
          call("write", { file_path: "a.txt", content: "changed" }, "t3"),
          call("read", { file_path: "a.txt" }, "t4"),
        ),
        done,
      ],
      { start: { root, targetFiles: ["*.txt"] } },
    );
    expect(lastResults(scene).map((block) => block.tool_use_id)).toEqual(["t1", "t2", "t3", "t4"]);
    expect(lastResults(scene).map((block) => block.content)).toEqual([
      "    1\tB",
      "    1\tA",
      "wrote a.txt (7 bytes)",
      "    1\tchanged",
    ]);
  });

  test("are none of them run when the JSON of one is broken", async () => {
    const scene = await playAgent([rawCall("bash", '{"command": "rm', "tool_use"), done]);
    expect(scene.toolQuestions()).toHaveLength(0);
    expect(lastResults(scene)[0]?.content).toContain("not whole JSON, nothing was run");
  });

  test("that share an id are not run, and the next request stays valid", async () => {
    const same = ["one", "two"].map((command) => call("bash", { command }, "same"));
    const scene = await playAgent([calls(...same, call("bash", { command: "three" }, "other")), done], {
      onTool: () => ({ outcome: "result", content: "ok" }),
    });
    expect(scene.toolQuestions().map(({ input }) => input)).toEqual([{ command: "three" }]);
    const results = lastResults(scene);
    expect(new Set(results.map((block) => block.tool_use_id)).size).toBe(3);
    expect(results.map((block) => block.is_error === true)).toEqual([true, true, false]);
  });

  test("beyond the thirty-second are not run", async () => {
    const many = Array.from({ length: 34 }, (_, index) => call("bash", { command: `echo ${index}` }, `t${index}`));
    const scene = await playAgent([calls(...many), done], { onTool: () => ({ outcome: "result", content: "ok" }) });
    expect(scene.toolQuestions()).toHaveLength(32);
    expect(lastResults(scene)).toHaveLength(34);
    expect(lastResults(scene)[33]?.content).toContain("only the first 32");
  });

  test("of unknown tools, or with a wrong input, come back with the fault named", async () => {
    const scene = await playAgent([calls(call("fly", {}, "t1"), call("read", { path: "a" }, "t2")), done], {
      start: { root: await temporaryRoot() },
    });
    expect(lastResults(scene)[0]?.content).toContain('There is no tool "fly"');
    expect(lastResults(scene)[1]?.content).toContain("file_path");
    expect(lastResults(scene).every((block) => block.is_error === true)).toBe(true);
  });
});

describe("what the main loop is asked", () => {
  test("a command, whose answer reaches the model", async () => {
    const scene = await playAgent([calls(call("bash", { command: "ls", timeout_ms: 5 })), done], {
      onTool: () => ({ outcome: "result", content: "declined: too risky", isError: true }),
    });
    expect(scene.toolQuestions()[0]).toMatchObject({
      name: "bash",
      input: { command: "ls", timeout_ms: 5 },
      toolCallId: "agent-1/1/0",
    });
    expect(lastResults(scene)[0]).toMatchObject({ content: "declined: too risky", is_error: true });
  });

  test("a write outside the target files, with the whole content; what was approved is what is written", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/other.ts`, "const a = 1;\nconst b = 2;\n");
    const edit = { file_path: "./other.ts", old_string: "b = 2", new_string: "b = 3" };
    const scene = await playAgent([calls(call("edit", edit)), done], {
      start: { root, targetFiles: ["src/**"] },
      onTool: () => ({
        outcome: "perform",
        content: "approved as edited",
        input: { path: "else.ts", content: "// edited\n" },
      }),
    });
    expect(scene.toolQuestions()[0]).toMatchObject({
      name: "write",
      input: { path: "other.ts", content: "const a = 1;\nconst b = 3;\n" },
    });
    expect(await Bun.file(`${root}/else.ts`).text()).toBe("// edited\n");
    expect(await Bun.file(`${root}/other.ts`).text()).toContain("b = 2");
    expect(lastResults(scene)[0]?.content).toBe("approved as edited\nwrote else.ts (10 bytes)");
  });

  test("an approved write that leaves the root is still refused", async () => {
    const root = await temporaryRoot();
    const scene = await playAgent([calls(call("write", { file_path: "x.ts", content: "" })), done], {
      start: { root },
      onTool: () => ({ outcome: "perform", input: { path: "../x.ts", content: "out" } }),
    });
    expect(lastResults(scene)[0]).toMatchObject({ is_error: true });
    expect(lastResults(scene)[0]?.content).toContain("outside the project");
  });

  test("a report of being blocked, which ends the agent without the calls after it", async () => {
    const scene = await playAgent(
      [calls(call("report_blocked", { reason: "no access" }), call("bash", { command: "ls" }))],
      { onTool: () => ({ outcome: "end" }) },
    );
    expect(scene.toolQuestions().map(({ name }) => name)).toEqual(["report_blocked"]);
    expect(scene.last).toMatchObject({ type: "ended" });
  });

  test("an exception in an agent's life becomes a crash with its stack", async () => {
    const scene = await playAgent([calls(call("bash", { command: "ls" }))], {
      onTool: () => {
        throw new Error("the port broke");
      },
    });
    expect(scene.last).toMatchObject({ type: "failed", code: "crash", reason: "The agent crashed: the port broke" });
    expect(scene.of("failed")[0]?.stack).toContain("tool-run.test.ts");
  });
});

describe("a secret", () => {
  const secret = "key-0123456789";
  const start = { targetFiles: ["*.txt"], secrets: [secret] };

  test("in a tool's result is in no request and no line of the stream", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/a.txt`, `x ${secret} ${btoa(secret)}`);
    const scene = await playAgent([calls(call("read", { file_path: "a.txt" })), done], { start: { ...start, root } });
    expect(lastResults(scene)[0]?.content).toBe("    1\tx [secret] [secret]");
    expect(JSON.stringify([scene.requests.map(({ body }) => body), scene.posted])).not.toContain(secret);
  });

  test("in the model's own call is gone before the call is logged, shown and run", async () => {
    const root = await temporaryRoot();
    const content = `key = "${secret}"; other = "sk-ant-${"a1B2".repeat(6)}"`;
    const scene = await playAgent([calls(call("write", { file_path: "a.txt", content })), done], {
      start: { ...start, root },
    });
    const written = await Bun.file(`${root}/a.txt`).text();
    expect(written).toBe(content.replace(secret, "[secret]"));
    expect(scene.of("call_settled")[0]?.content).toMatchObject([{ input: { content: written } }]);
    expect(JSON.stringify(scene.requests.map(({ body }) => body))).not.toContain(secret);
  });
});
