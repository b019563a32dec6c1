/** The agents of one thread: that they do not mix, and that no message is lost in silence. */
import { afterEach, describe, expect, test } from "bun:test";
import { AgentHost } from "../../src/agents/agent-host.ts";
import { FromThread } from "../../src/agents/protocol.ts";
import {
  type Reply,
  type ScriptedProvider,
  type SeenRequest,
  scriptedProvider,
  text,
} from "../support/scripted-provider.ts";
import { startOf } from "./agent-scene.ts";

const providers: ScriptedProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.stop();
});

/** A host whose calls are all allowed; `ended` resolves when every agent that was started has ended or failed. */
function hostScene(replies: (Reply | ((request: SeenRequest) => Reply))[], agentCount: number) {
  const provider = scriptedProvider(replies);
  providers.push(provider);
  const posted: FromThread[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const host = new AgentHost((raw) => {
    const message = FromThread.parse(raw);
    posted.push(message);
    if (message.type === "call_requested") {
      const { agentId, requestId } = message;
      host.receive({ type: "call_allowed", agentId, requestId, callId: `call of ${agentId}` });
    }
    if (posted.filter(({ type }) => type === "ended" || type === "failed").length === agentCount) resolve();
  });
  return { host, provider, posted, ended };
}

describe("agents in one thread", () => {
  test("run side by side without mixing", async () => {
    const answer = (request: SeenRequest) => text(`I am ${request.body.model}`);
    const { host, provider, posted, ended } = hostScene([answer, answer], 2);
    host.receive(startOf(provider, { agentId: "agent-1", model: "one" }));
    host.receive(startOf(provider, { agentId: "agent-2", model: "two" }));
    await ended;
    const words = (agentId: string) =>
      posted.map((message) => (message.type === "delta" && message.agentId === agentId ? message.text : "")).join("");
    expect(words("agent-1")).toBe("I am one");
    expect(words("agent-2")).toBe("I am two");
    expect(posted.find(({ type }) => type === "call_settled")).toMatchObject({
      callId: expect.stringContaining("call of"),
    });
  });

  test("one is stopped while the other goes on", async () => {
    const answer = (request: SeenRequest): Reply =>
      request.body.model === "silent" ? { events: [], end: "silence" } : text("done");
    const { host, provider, posted, ended } = hostScene([answer, answer], 2);
    host.receive(startOf(provider, { agentId: "agent-1", model: "silent" }));
    host.receive({ type: "stop", agentId: "agent-1", reason: "cancelled by a person" });
    host.receive(startOf(provider, { agentId: "agent-2" }));
    await ended;
    expect(posted).toContainEqual({
      type: "failed",
      agentId: "agent-1",
      code: "stopped",
      reason: "cancelled by a person",
      isRetryable: false,
    });
  });
});

describe("a message that cannot be delivered", () => {
  test("fails the agent that it names", async () => {
    const { host, posted } = hostScene([], 0);
    host.receive({ type: "call_allowed", agentId: "agent-9", requestId: "r", callId: "c" });
    host.receive({ type: "call_allowed", agentId: "agent-8" });
    expect(posted).toMatchObject([
      { type: "failed", agentId: "agent-9", code: "crash" },
      { type: "failed", agentId: "agent-8", code: "crash", reason: expect.stringContaining("does not parse") },
    ]);
  });

  test("is thrown when it names none", () => {
    const { host } = hostScene([], 0);
    expect(() => host.receive({ type: "hello" })).toThrow("does not parse");
  });

  test("fails an agent that is started twice, and one that gets an answer it never asked for", async () => {
    const { host, provider, posted } = hostScene(
      [
        { events: [], end: "silence" },
        { events: [], end: "silence" },
      ],
      0,
    );
    host.receive(startOf(provider, { agentId: "agent-1" }));
    host.receive(startOf(provider, { agentId: "agent-1" }));
    host.receive(startOf(provider, { agentId: "agent-2" }));
    host.receive({ type: "call_refused", agentId: "agent-2", requestId: "never", reason: "" });
    const failed = posted.filter(({ type }) => type === "failed");
    expect(failed).toMatchObject([
      { agentId: "agent-1", reason: expect.stringContaining("started twice") },
      { agentId: "agent-2", reason: expect.stringContaining("never made") },
    ]);
  });

  test("but an answer that crossed with an agent's end is expected, and ignored", async () => {
    const { host, provider, posted, ended } = hostScene([text("done")], 1);
    host.receive(startOf(provider));
    await ended;
    await Promise.resolve();
    host.receive({ type: "stop", agentId: "agent-1", reason: "the run was ended" });
    expect(posted.at(-1)?.type).toBe("ended");
  });
});
