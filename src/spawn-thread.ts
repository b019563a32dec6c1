/**
 * The only place that makes a thread. Everything that a thread says is parsed; whatever else happens to it (an exception,
 * a message that does not parse, a close that nobody asked for) ends it with a reason, once.
 */
import { z } from "zod";
import { FromThread, type ToThread } from "./agents/protocol.ts";
import type { Thread } from "./engine/supervisor.ts";

/** Starts a thread. */
export function spawnThread(): Thread {
  // An options object, even an empty one, makes the thread see changes of the environment.
  return new WorkerThread(new Worker(new URL("./agent-thread.ts", import.meta.url).href, {}));
}

class WorkerThread implements Thread {
  readonly #worker: Worker;
  readonly #early: FromThread[] = [];
  #listener: ((message: FromThread) => void) | null = null;
  #closeListener: ((reason: string) => void) | null = null;
  #closeReason: string | null = null;
  #errorText: string | null = null;
  #isTerminated = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", (event: MessageEvent<unknown>) => this.#receive(event.data));
    worker.addEventListener("messageerror", () => this.#die("It sent a message that cannot be read."));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#errorText ??= readable(event.message);
    });
    worker.addEventListener("close", (event) => {
      const code = "code" in event ? ` (code ${String(event.code)})` : "";
      this.#close(this.#errorText ?? `It closed without a word${code}.`);
    });
  }

  post(message: ToThread): void {
    if (this.#isTerminated || this.#closeReason !== null)
      throw new Error(`A ${message.type} message was for a thread that is gone: ${this.#closeReason ?? "terminated"}`);
    this.#worker.postMessage(message);
  }

  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener(message);
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener;
    if (this.#closeReason !== null) listener(this.#closeReason);
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#worker.terminate();
  }

  #receive(raw: unknown): void {
    if (this.#isTerminated || this.#closeReason !== null) return;
    const message = FromThread.safeParse(raw);
    if (!message.success) return this.#die(`It sent a message that does not parse: ${z.prettifyError(message.error)}`);
    if (this.#listener) this.#listener(message.data);
    else this.#early.push(message.data);
  }

  #die(reason: string): void {
    this.#close(reason);
    this.#worker.terminate();
  }

  #close(what: string): void {
    if (this.#isTerminated || this.#closeReason !== null) return;
    this.#closeReason = `The agent's thread died. ${what}`;
    this.#closeListener?.(this.#closeReason);
  }
}

/** An error event's message is a whole code frame, with colours; what follows the word `error:` says what happened. */
function readable(message: string): string {
  const plain = message.replace(/\u001b\[[0-9;]*m/g, "").trim();
  const said = /^\w*error: [\s\S]*/im.exec(plain)?.[0] ?? plain;
  return said.slice(0, 2000) || "It gave no reason.";
}
