/** Threads: who sits where, and that none outstays its welcome. */
import { expect, test } from "bun:test";
import type { AgentStart, FromThread, ToThread } from "../../src/agents/protocol.ts";
import { Supervisor, type Thread } from "../../src/engine/supervisor.ts";

class SilentThread implements Thread {
  readonly posted: ToThread[] = [];
  /** Closes as a crash does. */
  die: () => void = () => undefined;
  isTerminated = false;
  #listener: (message: FromThread) => void = () => undefined;
  post(message: ToThread): void {
    this.posted.push(message);
  }
  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
  }
  onClose(listener: (reason: string) => void): void {
    this.die = () => listener("It died.");
  }
  terminate(): void {
    this.isTerminated = true;
  }
  say(message: FromThread): void {
    this.#listener(message);
  }
}

function supervised(threadLimit = 2) {
  const threads: SilentThread[] = [];
  const crashes: string[] = [];
  const displacements: string[] = [];
  const spawn = () => {
    const thread = new SilentThread();
    threads.push(thread);
    return thread;
  };
  const ignore = () => undefined;
  const crash = (agentId: string, reason: string) => crashes.push(`${agentId}: ${reason}`);
  const displaced = (agentId: string) => displacements.push(agentId);
  const listeners = { message: ignore, stray: ignore, crash, displaced, threadLimit: () => threadLimit };
  return { threads, crashes, displacements, supervisor: new Supervisor(spawn, listeners) };
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

test("fills a thread with eight agents, then the next one, and beyond the limit the emptiest", () => {
  const { threads, supervisor } = supervised(2);
  for (let index = 1; index <= 18; index++) void supervisor.run(start(`A-${index}`));
  expect(threads.map(({ posted }) => posted.length)).toEqual([9, 9]);
});

test("calls the death of a thread with one agent that agent's crash", async () => {
  const { threads, crashes, displacements, supervisor } = supervised();
  const left = supervisor.run(start("A-1"));
  threads[0]?.die();
  await left;
  expect({ crashes, displacements }).toEqual({ crashes: ["A-1: It died."], displacements: [] });
});

test("blames no agent for the death of a shared thread, runs each again alone, and then knows whose it was", async () => {
  const { threads, crashes, displacements, supervisor } = supervised();
  const left = ["A-1", "A-2"].map((agentId) => supervisor.run(start(agentId)));
  threads[0]?.die();
  await Promise.all(left);
  expect({ crashes, displacements }).toEqual({ crashes: [], displacements: ["A-1", "A-2"] });
  const again = ["A-1", "A-2"].map((agentId) => supervisor.run(start(agentId)));
  void supervisor.run(start("A-3"));
  expect(threads.slice(1).map(({ posted }) => posted.map((message) => message.agentId))).toEqual([
    ["A-1"],
    ["A-2"],
    ["A-3"],
  ]);
  threads[2]?.die();
  await again[1];
  expect(crashes).toEqual(["A-2: It died."]);
});

test("an agent that does not stop ends its thread, and its neighbours go on elsewhere", async () => {
  const { crashes, displacements, supervisor } = supervised();
  const left = ["A-1", "A-2"].map((agentId) => supervisor.run(start(agentId)));
  supervisor.stop("A-1", "It is no longer needed.", 0);
  await Promise.all(left);
  expect({ crashes, displacements }).toEqual({
    crashes: ["A-1: It did not stop when it was told to."],
    displacements: ["A-2"],
  });
});
