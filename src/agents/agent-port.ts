/** What an agent needs of the thread that it lives in: a way to post, a way to ask and wait, and the signal to stop. */
import type { FromThread, ToThread } from "./protocol.ts";

type Posted<T extends FromThread["type"]> = Extract<FromThread, { type: T }>;

/** What an agent asks the main loop and waits for. */
export type Question = Omit<Posted<"call_requested">, "requestId"> | Omit<Posted<"tool_requested">, "requestId">;

/** What the main loop may answer. */
export type Answer = Extract<ToThread, { type: "call_allowed" | "call_refused" | "call_outdated" | "tool_answered" }>;

/** An agent's side of its thread. `request` waits as long as it takes (a person may be asked) and rejects when `signal` aborts. */
export interface AgentPort {
  post(message: FromThread): void;
  request(question: Question): Promise<Answer>;
  readonly signal: AbortSignal;
}

/** Why an agent cannot go on: becomes its `failed` message. */
export class AgentFailure extends Error {
  readonly code: string;
  readonly isRetryable: boolean;

  constructor(code: string, reason: string, isRetryable: boolean, cause?: unknown) {
    super(reason, { cause });
    this.name = "AgentFailure";
    this.code = code;
    this.isRetryable = isRetryable;
  }
}
