/** How an agent goes on from a history that a thread left behind when it died. */
import { describe, expect, test } from "bun:test";
import { call, text } from "../support/scripted-provider.ts";
import { lastResults, playAgent } from "./agent-scene.ts";

describe("a resumed agent", () => {
  const history = [
    { role: "user", content: "Do T-001." },
    { role: "assistant", content: [call("bash", { command: "ls" }, "toolu_1")] },
  ];

  test("answers the open calls first, under the ids that they had", async () => {
    const scene = await playAgent([text("done")], {
      start: { history, turnCount: 1, lastStopReason: "tool_use" },
      onTool: () => ({ outcome: "result", content: "a.ts" }),
    });
    expect(scene.questions.map(({ type }) => type)).toEqual(["tool_requested", "call_requested"]);
    expect(scene.toolQuestions()[0]?.toolCallId).toBe("agent-1/1/0");
    expect(scene.callQuestions()[0]).toMatchObject({ turn: 2 });
    expect(scene.callQuestions()[0]?.messages).toHaveLength(1);
    expect(lastResults(scene)[0]).toMatchObject({ tool_use_id: "toolu_1", content: "a.ts" });
  });

  test("ends when its last response had no call", async () => {
    const ended = [history[0] ?? null, { role: "assistant", content: [{ type: "text", text: "All done." }] }];
    const scene = await playAgent([], { start: { history: ended, turnCount: 1, lastStopReason: "tool_use" } });
    expect(scene.last).toMatchObject({ type: "ended", text: "All done." });
  });

  test("still does not run a call that was cut before the crash", async () => {
    const cut = call("write", { _unparsed: '{"file_path":"a', isCut: true }, "toolu_1");
    const scene = await playAgent([text("done")], {
      start: {
        history: [history[0] ?? null, { role: "assistant", content: [cut] }],
        turnCount: 1,
        lastStopReason: "tool_use",
        targetFiles: ["**"],
      },
    });
    expect(lastResults(scene)[0]).toMatchObject({ is_error: true });
  });
});
