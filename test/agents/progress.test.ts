/** Agents that get nowhere are told so, and ended; agents that work are left alone. */
import { afterAll, describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/gate.ts";
import { call, calls, type Reply, text } from "../support/scripted-provider.ts";
import { playAgent, removeRoots, type SceneOptions, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

const answered: SceneOptions = { onTool: () => ({ outcome: "result", content: "Exit code 1.", isError: true }) };
const turns = (inputs: readonly (readonly [string, Json])[]): Reply[] =>
  inputs.map(([name, input], index) => calls(call(name, input, `toolu_${index}`)));
const run = (command: string) => ["bash", { command }] as const;

async function played(inputs: readonly (readonly [string, Json])[], start: SceneOptions["start"] = {}) {
  const root = await temporaryRoot();
  await Bun.write(`${root}/a.ts`, "one\n");
  return await playAgent([...turns(inputs), text("done")], {
    ...answered,
    start: { root, targetFiles: ["**"], maxTurns: 60, ...start },
  });
}

describe("the same call", () => {
  test("is answered, with words to stop from the second on, and ends the agent at the twenty-fifth", async () => {
    const scene = await played(Array.from({ length: 26 }, () => run("echo again")));
    expect(scene.toolQuestions()).toHaveLength(24);
    expect(JSON.stringify(scene.requests.map(({ body }) => body.messages.at(-1)))).toContain("2 times in a row");
    expect(scene.last).toMatchObject({ type: "failed", code: "loop", isRetryable: true });
    expect(scene.of("failed")[0]?.reason).toBe(
      'The agent made the same call in 25 turns in a row: bash {"command":"echo again"}',
    );
  });

  test("is the same whatever the order of its fields, also for an agent that was resumed", async () => {
    const history: Json[] = [{ role: "user", content: [{ type: "text", text: "Do T-001." }] }];
    const inputs = [
      { command: "a", timeout_ms: 1 },
      { timeout_ms: 1, command: "a" },
    ];
    for (const [index, input] of Array.from({ length: 23 }, (_unset, index) => inputs[index % 2] ?? {}).entries())
      history.push(
        { role: "assistant", content: [call("bash", input, `t${index}`)] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: `t${index}`, content: "ok" }] },
      );
    const again = ["bash", { command: "a", timeout_ms: 1 }] as const;
    const scene = await played([again, again], { history, turnCount: 23, lastStopReason: "tool_use" });
    expect(scene.toolQuestions()).toHaveLength(1);
    expect(scene.last).toMatchObject({ type: "failed", code: "loop" });
  });
});

describe("turns without anything new", () => {
  test("are told after five, and end the agent after thirty", async () => {
    const pair = [run("one"), run("two")];
    const scene = await played(Array.from({ length: 40 }, (_unset, index) => pair[index % 2] ?? run("")));
    expect(scene.requests).toHaveLength(32);
    expect(JSON.stringify(scene.requests.at(-1)?.body)).toContain("last 5 turns");
    expect(scene.last).toMatchObject({ type: "failed", code: "loop" });
    expect(scene.of("failed")[0]?.reason).toContain("last 30 turns");
  });

  test("are also those whose calls all fail", async () => {
    const scene = await played(Array.from({ length: 40 }, (_unset, index) => ["fly", { to: index }] as const));
    expect(scene.requests).toHaveLength(30);
    expect(scene.last).toMatchObject({ code: "loop" });
  });
});

describe("an agent that works is left alone", () => {
  const kinds: Record<string, (index: number) => readonly (readonly [string, Json])[]> = {
    "with sixty different looks": (index) => [["glob", { pattern: `src/${index}*.ts` }]],
    "with a check that fails after each of its edits": (index) => [
      ["write", { file_path: "a.ts", content: `${index}` }],
      run("bun test"),
    ],
    "with a command and a look at what it changed": (index) => [
      run(`sed -i s/x/${index}/ a.ts`),
      ["read", { file_path: "a.ts" }],
    ],
    "with many commands that fail": (index) => [run(`bun test ${index}`)],
  };
  test.each(Object.entries(kinds))("%s", async (_name, kind) => {
    const inputs = Array.from({ length: 60 }, (_unset, index) => kind(index))
      .flat()
      .slice(0, 59);
    const scene = await played(inputs);
    expect(scene.last).toMatchObject({ type: "ended", text: "done" });
    expect(scene.requests).toHaveLength(60);
  });
});
