/**
 * The agents of one thread: takes the main loop's messages, parses them, and gives each to the agent that it is for.
 * Nothing is dropped in silence: what cannot be delivered fails its agent, or is thrown when it has none.
 */
import { z } from "zod";
import { crash, runAgent } from "./agent-loop.ts";
import { AgentFailure, type AgentPort, type Answer } from "./agent-port.ts";
import type { RetryPolicy } from "./model-call.ts";
import { type AgentStart, type FromThread, ToThread } from "./protocol.ts";

interface LiveAgent {
  readonly controller: AbortController;
  readonly waiting: Map<string, (answer: Answer) => void>;
}

export class AgentHost {
  readonly #post: (message: FromThread) => void;
  readonly #retry: RetryPolicy | undefined;
  readonly #agents = new Map<string, LiveAgent>();
  readonly #endedIds = new Set<string>();

  constructor(post: (message: FromThread) => void, retry?: RetryPolicy) {
    this.#post = post;
    this.#retry = retry;
  }

  /** Takes a raw message of the main loop. Throws when it cannot be parsed and names no agent that could fail of it. */
  receive(raw: unknown): void {
    const message = ToThread.safeParse(raw);
    if (message.success) return this.#deliver(message.data);
    const reason = `A message to the thread does not parse: ${z.prettifyError(message.error)}`;
    const addressed = z.object({ agentId: z.string().min(1) }).safeParse(raw);
    if (!addressed.success) throw new Error(reason);
    this.#fail(addressed.data.agentId, new Error(reason));
  }

  /** Fails every agent here: after an exception that belongs to none, none can be trusted to go on. */
  failAll(error: unknown): void {
    for (const agentId of [...this.#agents.keys()]) this.#fail(agentId, error);
  }

  #deliver(message: ToThread): void {
    const { agentId } = message;
    if (message.type === "start") return this.#start(message);
    const agent = this.#agents.get(agentId);
    if (!agent) {
      // The agent ended while this was on its way; what it asked is settled by its end.
      if (this.#endedIds.has(agentId)) return;
      return this.#fail(agentId, new Error(`${message.type} came for an agent that never started here`));
    }
    if (message.type === "stop") return agent.controller.abort(new AgentFailure("stopped", message.reason, false));
    const answer = agent.waiting.get(message.requestId);
    if (!answer) return this.#fail(agentId, new Error(`${message.type} came for a request that was never made`));
    agent.waiting.delete(message.requestId);
    answer(message);
  }

  #start(start: AgentStart): void {
    const { agentId } = start;
    if (this.#agents.has(agentId)) return this.#fail(agentId, new Error("the agent was started twice"));
    const agent: LiveAgent = { controller: new AbortController(), waiting: new Map() };
    this.#agents.set(agentId, agent);
    this.#endedIds.delete(agentId);
    const life = runAgent(start, this.#portOf(agentId, agent), this.#retry);
    life.then(
      () => this.#forget(agentId, agent),
      (error: unknown) => this.#fail(agentId, error),
    );
  }

  #portOf(agentId: string, agent: LiveAgent): AgentPort {
    const { signal } = agent.controller;
    return {
      signal,
      // An agent that was failed from outside may still be unwinding: its later words would contradict its end.
      post: (message) => {
        if (this.#agents.get(agentId) === agent) this.#post(message);
      },
      request: (question) =>
        new Promise((resolve, reject) => {
          signal.throwIfAborted();
          const requestId = crypto.randomUUID();
          const abort = () => reject(signal.reason);
          signal.addEventListener("abort", abort, { once: true });
          agent.waiting.set(requestId, (answer) => {
            signal.removeEventListener("abort", abort);
            resolve(answer);
          });
          this.#post({ ...question, requestId });
        }),
    };
  }

  #fail(agentId: string, error: unknown): void {
    const agent = this.#agents.get(agentId);
    this.#post({ type: "failed", agentId, ...crash(error), isRetryable: true });
    if (!agent) return;
    this.#forget(agentId, agent);
    agent.controller.abort(error);
  }

  #forget(agentId: string, agent: LiveAgent): void {
    if (this.#agents.get(agentId) === agent) this.#agents.delete(agentId);
    this.#endedIds.add(agentId);
  }
}
