/** A thread whose far side is the real agent host, in this process: everything that crosses is copied and parsed, as between threads. */
import { AgentHost } from "../../src/agents/agent-host.ts";
import { FromThread, type ToThread } from "../../src/agents/protocol.ts";
import type { Thread } from "../../src/engine/supervisor.ts";

export class HostedThread implements Thread {
  readonly #host: AgentHost;
  #listener: (message: FromThread) => void = () => undefined;
  #isGone = false;

  constructor() {
    const retry = { backoffBaseMs: 1, maxTries: 3, random: () => 1 };
    this.#host = new AgentHost((message) => {
      const copy = FromThread.parse(structuredClone(message));
      queueMicrotask(() => {
        if (!this.#isGone) this.#listener(copy);
      });
    }, retry);
  }

  post(message: ToThread): void {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => {
      if (!this.#isGone) this.#host.receive(copy);
    });
  }

  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
  }

  /** An agent host in the same process cannot die alone. */
  onClose(): void {
    return;
  }

  terminate(): void {
    this.#isGone = true;
    this.#host.failAll(new Error("The thread was terminated."));
  }
}
