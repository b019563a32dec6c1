/**
 * One agent's conversation: every message as the log holds it, how much of that is settled, and the counters that keep it
 * from going on for ever.
 */
import { AgentFailure } from "./agent-port.ts";
import { historySize, normalised, trimHistory, withBreakpoints } from "./history.ts";
import { type Block, Message } from "./message.ts";
import { Progress } from "./progress.ts";
import type { AgentStart } from "./protocol.ts";

export class Conversation {
  /** Turns that are settled. */
  turn: number;
  /** Answers that lacked the call that the role owes; in all, not in a row. */
  missCount = 0;
  /** Responses in a row that were empty, cut at the output limit, or paused by the provider. */
  emptyCount = 0;
  cutCount = 0;
  pauseCount = 0;
  readonly progress: Progress;
  readonly #messages: Message[];
  #settledCount: number;
  #limitTokens: number;
  #hasShrunk = false;

  constructor(start: AgentStart) {
    const history = Message.array().safeParse(start.history);
    if (!history.success || history.data.length === 0)
      throw new AgentFailure(
        "crash",
        `The agent's conversation cannot be read back: ${history.success ? "it is empty" : history.error.message}`,
        false,
      );
    this.#messages = history.data;
    this.progress = new Progress(history.data);
    this.#settledCount = history.data.findLastIndex((message) => message.role === "assistant") + 1;
    this.#limitTokens = start.historyTokens;
    this.turn = start.turnCount;
  }

  /** The assistant message that the conversation ends with, when it does: its tool calls have no results yet. */
  openResponse(): readonly Block[] | null {
    const last = this.#messages.at(-1);
    return last?.role === "assistant" ? last.content : null;
  }

  /** Adds a user message: tool results, or words of the program. */
  say(content: Block[]): void {
    this.#messages.push({ role: "user", content });
  }

  /** Adds a settled response. */
  hear(content: Block[]): void {
    this.#messages.push({ role: "assistant", content });
    this.#settledCount = this.#messages.length;
    this.turn += 1;
  }

  /** The messages that no settled call has had yet. */
  unsettled(): readonly Message[] {
    return this.#messages.slice(this.#settledCount);
  }

  /** The messages of the next request. */
  requestMessages(): Message[] {
    return withBreakpoints(this.trimmed());
  }

  /** The same without the marks for the cache. */
  trimmed(): readonly Message[] {
    return trimHistory(normalised(this.#messages), this.#limitTokens);
  }

  /** Makes the next request about half as large. Once only: gives false when that was done before, or cannot help. */
  shrink(): boolean {
    if (this.#hasShrunk) return false;
    this.#hasShrunk = true;
    const before = historySize(normalised(this.#messages));
    this.#limitTokens = Math.floor(Math.min(this.#limitTokens, before) / 2);
    return historySize(trimHistory(normalised(this.#messages), this.#limitTokens)) < before;
  }
}
