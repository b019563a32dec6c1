/** Threads: who sits where, and that none outstays its welcome. */
import { expect, test } from "bun:test";
import type { AgentStart, FromThread, ToThread } from "../../src/agents/protocol.ts";
import { Supervisor, type Thread } from "../../src/engine/supervisor.ts";

class SilentThread implements Thread {
  readonly posted: ToThread[] = [];
  isTerminated = false;
  #listener: (message: FromThread) => void = () => undefined;
  post(message: ToThread): void {
    this.posted.push(message);
  }
  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
  }
  onClose(): void {
    // It never closes by itself.
  }
  terminate(): void {
    this.isTerminated = true;
  }
  say(message: FromThread): void {
    this.#listener(message);
  }
}

function supervised() {
  const threads: SilentThread[] = [];
  const crashes: string[] = [];
  const spawn = () => {
    const thread = new SilentThread();
    threads.push(thread);
    return thread;
  };
  const ignore = () => undefined;
  const crash = (agentId: string, reason: string) => crashes.push(`${agentId}: ${reason}`);
  return { threads, crashes, supervisor: new Supervisor(spawn, { message: ignore, stray: ignore, crash }) };
}

function start(agentId: string): AgentStart {
  return {
    type: "start",
    agentId,
    role: "worker",
    purpose: "work",
    streamId: `Tier 3 (Worker): ${agentId}`,
    model: "m",
    maxTokens: 1,
    maxTurns: 1,
    provider: { baseUrl: "http://127.0.0.1:1", apiKey: "" },
    secrets: [],
    system: "",
    history: [],
    turnCount: 0,
    root: "",
    targetFiles: [],
    isCounting: false,
    historyTokens: 1,
    stallMs: 1,
  };
}

test("ends a thread whose agent does not stop when told to, and says so", async () => {
  const { threads, crashes, supervisor } = supervised();
  const left = supervisor.run(start("A-0001"));
  supervisor.stop("A-0001", "It is no longer needed.", 0);
  supervisor.stop("A-0001", "It is no longer needed.", 0);
  await left;
  expect(threads[0]?.posted.map((message) => message.type)).toEqual(["start", "stop"]);
  expect(threads[0]?.isTerminated).toBe(true);
  expect(crashes).toEqual(["A-0001: It did not stop when it was told to."]);
});

test("keeps the thread of an agent that stops, for the next one", async () => {
  const { threads, crashes, supervisor } = supervised();
  const left = supervisor.run(start("A-0001"));
  supervisor.stop("A-0001", "It is no longer needed.");
  threads[0]?.say({ type: "failed", agentId: "A-0001", code: "stopped", reason: "", isRetryable: false });
  await left;
  void supervisor.run(start("A-0002"));
  expect({ count: threads.length, crashes, isTerminated: threads[0]?.isTerminated }).toEqual({
    count: 1,
    crashes: [],
    isTerminated: false,
  });
});
