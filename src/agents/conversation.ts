/**
 * One agent's conversation: every message as the log holds it, how much of that is settled, and the counters that keep it
 * from going on for ever.
 */
import { historySize } from "../domain/history.ts";
import { Block, Message } from "../domain/message-block.ts";
import { type NextRequest, nextRequest, type ToolDefinition } from "../domain/next-request.ts";
import { AgentFailure } from "./agent-port.ts";
import { Progress } from "./progress.ts";
import type { AgentStart, ContextChoices } from "./protocol.ts";

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
  /** What a person has chosen about the messages. */
  context: ContextChoices;
  readonly #start: AgentStart;
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
    this.#start = start;
    this.#messages = history.data;
    this.context = start.context ?? { choices: [], choiceCount: 0 };
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

  /** Adds a settled response, in the shape in which a resumed agent would read it back: the same request, byte for byte. */
  hear(content: Block[]): void {
    this.#messages.push({ role: "assistant", content: Block.array().parse(content) });
    this.#settledCount = this.#messages.length;
    this.turn += 1;
  }

  /** The messages that no settled call has had yet. */
  unsettled(): readonly Message[] {
    return this.#messages.slice(this.#settledCount);
  }

  /** How large the messages may be before they are trimmed, and whether that is less than was set. */
  get limit(): { readonly limitTokens: number; readonly isShrunk: boolean } {
    return { limitTokens: this.#limitTokens, isShrunk: this.#hasShrunk };
  }

  /** The next request. */
  request(tools: readonly ToolDefinition[]): NextRequest {
    const { model, maxTokens, system, ownWords = [0] } = this.#start;
    const { choices } = this.context;
    const limitTokens = this.#limitTokens;
    return nextRequest({ model, maxTokens, system, tools, messages: this.#messages, ownWords, choices, limitTokens });
  }

  /** Makes the next request about half as large. Once only: gives false when that was done before, or cannot help. */
  shrink(): boolean {
    if (this.#hasShrunk) return false;
    this.#hasShrunk = true;
    const before = historySize(this.request([]).untrimmed);
    this.#limitTokens = Math.floor(Math.min(this.#limitTokens, before) / 2);
    return historySize(this.request([]).messages) < before;
  }
}
