/** How an agent's life goes: requests, turns, endings, by stop reason and purpose. */
import { afterAll, describe, expect, test } from "bun:test";
import { keyHeaders } from "../../src/agents/provider-client.ts";
import { call, calls, message, rawCall, text, usage } from "../support/scripted-provider.ts";
import { lastResults, playAgent, removeRoots, temporaryRoot } from "./agent-scene.ts";

afterAll(removeRoots);

describe("a turn", () => {
  test("streams the text as it comes, settles the call with the provider's figures, and ends", async () => {
    const scene = await playAgent([text("All is done.")]);
    expect(scene.streamed("text")).toBe("All is done.");
    expect(scene.of("call_settled")[0]).toMatchObject({
      callId: "call-1",
      turn: 1,
      stopReason: "end_turn",
      content: [{ type: "text", text: "All is done." }],
      usage: { inputTokens: 100, outputTokens: 7, cacheReadTokens: 10, cacheWriteTokens: 5 },
      requestId: "req_1",
    });
    expect(scene.last).toEqual({ type: "ended", agentId: "agent-1", text: "All is done." });
  });

  test("asks leave before it sends, with the messages that no settled call has had", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/a.md`, "hello");
    const scene = await playAgent([calls(call("read", { file_path: "a.md" })), text("done")], { start: { root } });
    const [first, second] = scene.callQuestions();
    expect(first).toMatchObject({ turn: 1, tries: 1, isCounted: false, maxTokens: 1000 });
    expect(first?.messages).toEqual([{ role: "user", content: [{ type: "text", text: "Do T-001." }] }]);
    expect(first?.inputTokens).toBeGreaterThan(400);
    expect(second?.turn).toBe(2);
    expect(second?.messages).toEqual([
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_read", content: "    1\thello" }] },
    ]);
    expect(scene.streamed("tool")).toBe("\n→ read a.md\n← 1 hello\n");
  });

  test("sends nothing when leave is refused", async () => {
    const scene = await playAgent([], { onCall: () => "refuse" });
    expect(scene.requests).toHaveLength(0);
    expect(scene.last).toMatchObject({ type: "failed", code: "call_refused", reason: "no money is left" });
  });

  test("counts at the endpoint when a budget needs it, and estimates once the endpoint says that it cannot", async () => {
    const counted = await playAgent([text("done")], { start: { isCounting: true }, countedTokens: 321 });
    expect(counted.callQuestions()[0]).toMatchObject({ inputTokens: 321, isCounted: true });
    const estimated = await playAgent([text("done")], { start: { isCounting: true } });
    expect(estimated.callQuestions()[0]?.isCounted).toBe(false);
  });

  test("marks system, tools and the last user messages for the cache, never more than four places", async () => {
    const glob = () => calls(call("glob", { pattern: "*" }));
    const scene = await playAgent([glob(), glob(), glob(), text("done")], { start: { root: await temporaryRoot() } });
    for (const { body } of scene.requests) {
      const marks = JSON.stringify(body).match(/cache_control/g) ?? [];
      expect(marks.length).toBeLessThanOrEqual(4);
      expect(body.system?.[0]?.cache_control).toEqual({ type: "ephemeral" });
      expect(body.tools?.at(-1)?.cache_control).toEqual({ type: "ephemeral" });
      expect(body.messages.at(-1)?.content.at(-1)?.cache_control).toEqual({ type: "ephemeral" });
    }
  });

  test("sends the key in both headers that endpoints look for, and no key at all when there is none", async () => {
    const withKey = await playAgent([text("done")]);
    expect(withKey.requests[0]?.headers.get("authorization")).toBe("Bearer secret-key");
    expect(withKey.requests[0]?.headers.get("x-api-key")).toBe("secret-key");
    const without = await playAgent([text("done")], { apiKey: "" });
    expect(without.requests[0]?.headers.has("x-api-key")).toBe(false);
    expect(without.requests[0]?.headers.has("authorization")).toBe(false);
  });

  test("sends the public API what the SDK sends", () => {
    const headers = keyHeaders({ baseUrl: "https://api.anthropic.com", apiKey: "k" });
    expect(headers).toEqual({ Authorization: "Bearer k" });
  });

  test("keeps thinking with its signature word for word, and counts nonsense usage as nothing", async () => {
    const thinking = { type: "thinking", thinking: "hm", signature: "sig==" };
    const scene = await playAgent([message([thinking, call("glob", { pattern: "*" })], "tool_use"), text("done")], {
      start: { root: await temporaryRoot() },
    });
    expect(scene.streamed("thinking")).toBe("hm");
    expect(scene.requests[1]?.body.messages[1]?.content[0]).toEqual(thinking);
    const odd = await playAgent([
      {
        events: [
          { type: "message_start", message: { usage: { input_tokens: -5, output_tokens: "many" } } },
          { type: "new_kind_of_event" },
          { type: "content_block_start", index: 0, content_block: { type: "text", text: "ok" } },
          { type: "content_block_stop", index: 0 },
          { type: "message_delta", delta: { stop_reason: null } },
          { type: "message_stop" },
        ],
      },
    ]);
    expect(odd.of("call_settled")[0]).toMatchObject({
      stopReason: "end_turn",
      usage: { inputTokens: 0, outputTokens: 0 },
    });
  });

  test("does not wait for a server that keeps the connection open after the last event", async () => {
    const scene = await playAgent([message([{ type: "text", text: "done" }], "end_turn", "silence")]);
    expect(scene.last).toMatchObject({ type: "ended" });
  });
});

describe("an ending", () => {
  test("comes with its turns used up", async () => {
    const reply = () => calls(call("glob", { pattern: "*" }));
    const scene = await playAgent([reply(), reply()], { start: { root: await temporaryRoot(), maxTurns: 2 } });
    expect(scene.last).toMatchObject({ type: "failed", code: "turns", isRetryable: true });
  });

  test("comes with a refusal, with the model's words", async () => {
    const scene = await playAgent([text("I will not.", "refusal")]);
    expect(scene.last).toMatchObject({
      type: "failed",
      code: "refused",
      reason: "The model refused: I will not.",
      isRetryable: false,
    });
  });

  test("comes after the second empty answer", async () => {
    const scene = await playAgent([message([]), message([])]);
    expect(scene.requests[1]?.body.messages).toHaveLength(1);
    expect(JSON.stringify(scene.requests[1]?.body.messages)).toContain("Your answer was empty");
    expect(scene.last).toMatchObject({ type: "failed", code: "output" });
  });

  test("does not come with empty answers that are not in a row", async () => {
    const glob = calls(call("glob", { pattern: "*" }));
    const start = { root: await temporaryRoot() };
    expect((await playAgent([message([]), glob, message([]), text("done")], { start })).last).toMatchObject({
      type: "ended",
      text: "done",
    });
  });

  test("comes as a crash with a stack when the history cannot be read", async () => {
    const scene = await playAgent([], { start: { history: [{ role: "nobody", content: 3 }] } });
    expect(scene.last).toMatchObject({ type: "failed", code: "crash", isRetryable: true });
    expect(scene.of("failed")[0]?.stack).toContain("conversation");
  });

  test("comes at once when it is stopped, with the open call reported", async () => {
    const scene = await playAgent(
      [{ events: [...message([{ type: "text", text: "half" }]).events.slice(0, 4)], end: "silence" }],
      {
        onPost: (posted, stop) => posted.type === "delta" && stop("the run was ended"),
      },
    );
    expect(scene.of("call_failed")[0]).toMatchObject({
      code: "stopped",
      usage: { inputTokens: usage.input_tokens },
      text: "ha",
    });
    expect(scene.of("call_failed")[0]?.retryInMs).toBeUndefined();
    expect(scene.last).toMatchObject({ type: "failed", code: "stopped", reason: "the run was ended" });
  });
});

describe("a response that was cut at the output limit", () => {
  test("has none of its calls run, and the model is told to make them smaller", async () => {
    const root = await temporaryRoot();
    const scene = await playAgent(
      [rawCall("write", '{"file_path":"a.ts","content":"x"}', "max_tokens", false), text("done")],
      {
        start: { root, targetFiles: ["a.ts"] },
      },
    );
    expect(await Bun.file(`${root}/a.ts`).exists()).toBe(false);
    expect(lastResults(scene)[0]).toMatchObject({ is_error: true });
    expect(lastResults(scene)[0]?.content).toContain("cut off at the output limit, nothing was run");
  });

  test("goes on when it is text, three times in a row at most", async () => {
    const cut = () => text("and then", "max_tokens");
    const mended = await playAgent([cut(), text("done")]);
    expect(mended.last).toMatchObject({ type: "ended", text: "done" });
    const endless = await playAgent([cut(), cut(), cut(), cut()]);
    expect(endless.last).toMatchObject({ type: "failed", code: "output" });
  });

  test("is trimmed once and then given up when the context window is full", async () => {
    const root = await temporaryRoot();
    await Bun.write(`${root}/long.txt`, "a long line of words\n".repeat(400));
    const read = calls(call("read", { file_path: "long.txt" }));
    const full = () => text("…", "model_context_window_exceeded");
    const scene = await playAgent([read, full(), full()], { start: { root } });
    expect(JSON.stringify(scene.requests[2]?.body)).toContain("removed to save room");
    expect(scene.last).toMatchObject({ type: "failed", code: "context" });
  });
});

describe("what a purpose owes", () => {
  const tracks = { start: { role: "orchestrator", purpose: "tracks" } } as const;
  const proposal = '{"tracks":[{"key":"a"}]}';

  test("a proposal in plain text counts as the call; faults come back as words", async () => {
    const answers = [
      { outcome: "result" as const, content: "tracks[0].title: missing", isError: true },
      { outcome: "end" as const },
    ];
    const scene = await playAgent([text(`Here: ${proposal}`), text(`\`\`\`json\n${proposal}\n\`\`\``)], {
      ...tracks,
      onTool: () => answers.shift() ?? { outcome: "end" },
    });
    expect(scene.toolQuestions().map(({ name, toolCallId }) => [name, toolCallId])).toEqual([
      ["propose_tracks", "agent-1/1/0"],
      ["propose_tracks", "agent-1/2/0"],
    ]);
    expect(scene.toolQuestions()[0]?.input).toBe(`Here: ${proposal}`);
    expect(scene.requests[1]?.body.messages.at(-1)?.content[0]?.text).toBe("tracks[0].title: missing");
    expect(scene.last).toMatchObject({ type: "ended" });
  });

  test("words without a proposal are sent back, and fail the third time", async () => {
    const scene = await playAgent([text("Soon."), text("Really soon."), text("Now.")], tracks);
    expect(JSON.stringify(scene.requests[1]?.body.messages.at(-1))).toContain("Call propose_tracks");
    expect(scene.last).toMatchObject({ type: "failed", code: "output" });
  });

  test("a proposal whose JSON is wrong goes to the main loop as text, which names the faults", async () => {
    const scene = await playAgent([rawCall("propose_tracks", '{"tracks":[', "tool_use")], tracks);
    expect(scene.toolQuestions()[0]).toMatchObject({ name: "propose_tracks", input: '{"tracks":[' });
  });

  test("a review needs one of its two calls", async () => {
    const scene = await playAgent([text("Looks good."), calls(call("accept_ticket", {}))], {
      start: { role: "tech_lead", purpose: "review" },
    });
    expect(JSON.stringify(scene.requests[1]?.body.messages.at(-1))).toContain("accept_ticket or request_rework");
    expect(scene.toolQuestions()[0]).toMatchObject({ name: "accept_ticket", input: {} });
    expect(scene.last).toMatchObject({ type: "ended" });
  });

  test("a broken acceptance is no acceptance", async () => {
    const scene = await playAgent([rawCall("accept_ticket", "{oops", "tool_use"), calls(call("accept_ticket", {}))], {
      start: { role: "tech_lead", purpose: "review" },
    });
    expect(scene.toolQuestions()).toHaveLength(1);
  });

  test("a diagnosis is plain text, and is offered no tools", async () => {
    const scene = await playAgent([text("The import of b is missing.")], {
      start: { role: "qa", purpose: "diagnosis" },
    });
    expect(scene.requests[0]?.body.tools).toBeUndefined();
    expect(scene.last).toMatchObject({ type: "ended", text: "The import of b is missing." });
  });

  test("each purpose is offered the tools of the contract", async () => {
    const names = async (purpose: "tickets" | "work" | "verdict") => {
      const scene = await playAgent([text("x", "refusal")], { start: { purpose } });
      return scene.requests[0]?.body.tools?.map(({ name }) => name).join(" ");
    };
    expect(await names("tickets")).toBe("read glob grep skeleton propose_tickets");
    expect(await names("work")).toBe("read write edit glob grep skeleton bash report_blocked");
    expect(await names("verdict")).toBe("report_verdict");
  });

  test("a turn that the provider pauses is sent back as it is, five times at most", async () => {
    const paused = () => text("thinking on", "pause_turn");
    const mended = await playAgent([paused(), text("done")]);
    expect(mended.requests[1]?.body.messages.at(-1)?.role).toBe("assistant");
    const endless = await playAgent([paused(), paused(), paused(), paused(), paused(), paused()]);
    expect(endless.last).toMatchObject({ type: "failed", code: "output" });
  });
});
