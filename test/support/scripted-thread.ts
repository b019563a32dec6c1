/**
 * A thread without a thread: speaks the real protocol, parsed on both sides, and lives an agent's life with a function in
 * place of a model. It starts from the history that it is given, so a restarted agent goes on where the log left it.
 */
import { type AgentStart, FromThread, ToThread } from "../../src/agents/protocol.ts";
import type { Json } from "../../src/domain/gate.ts";
import type { Usage } from "../../src/domain/usage.ts";
import type { Thread } from "../../src/engine/supervisor.ts";

/** What the model answers: words, tool calls, or one of the ways in which a call or a thread goes wrong. */
export type Reply =
  | { readonly text?: string; readonly calls?: readonly { readonly name: string; readonly input: Json }[] }
  | { readonly fault: "die" | "throw" | "garbage" | "provider" | "retry" };

export interface ModelTurn {
  readonly start: AgentStart;
  /** Settled turns of the conversation before this one. */
  readonly turn: number;
  /** How often this turn was tried before. */
  readonly tries: number;
  readonly messages: readonly Json[];
}

export interface ThreadWorld {
  pace(label: string): Promise<void>;
  model(turn: ModelTurn): Reply;
  /** What the provider says that a call took; kept by the world, so that a test can sum it up. */
  usage(start: AgentStart): Usage;
}

type Answer = Extract<ToThread, { requestId: string }>;

/** One agent's life in the thread. */
interface Life {
  readonly start: AgentStart;
  waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | null;
  openCallId: string | null;
  stopReason: string | null;
}
type Block = { readonly type: string; readonly [key: string]: Json };

class Stopped extends Error {}

export class ScriptedThread implements Thread {
  readonly received: ToThread[] = [];
  readonly #world: ThreadWorld;
  #listener: (message: FromThread) => void = () => undefined;
  #closeListener: (reason: string) => void = () => undefined;
  readonly #lives = new Map<string, Life>();
  #requestCount = 0;
  #isGone = false;

  constructor(world: ThreadWorld) {
    this.#world = world;
  }

  post(message: ToThread): void {
    if (this.#isGone) throw new Error("The thread is gone.");
    const parsed = ToThread.parse(structuredClone(message));
    this.received.push(parsed);
    queueMicrotask(() => this.#receive(parsed));
  }

  onMessage(listener: (message: FromThread) => void): void {
    this.#listener = listener;
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener;
  }

  terminate(): void {
    this.#isGone = true;
  }

  /** Ends the thread as a crash does: nothing that it had not posted is ever heard. */
  die(reason = "It closed without a word (code 0)."): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#closeListener(reason);
  }

  /** Says something raw, as a thread would that has lost its mind. */
  say(raw: unknown): void {
    if (this.#isGone) return;
    const message = FromThread.safeParse(structuredClone(raw));
    if (message.success) this.#listener(message.data);
    else this.die("It sent a message that does not parse.");
  }

  /** The answers to tool calls that an agent got here. */
  answers(agentId: string): Extract<ToThread, { type: "tool_answered" }>[] {
    return this.received.filter(
      (message) => message.type === "tool_answered" && message.agentId === agentId,
    ) as Extract<ToThread, { type: "tool_answered" }>[]; // The filter keeps only these.
  }

  #receive(message: ToThread): void {
    if (this.#isGone) return;
    if (message.type === "start") {
      void this.#live(message);
      return;
    }
    // What was on its way to an agent that has ended meanwhile is no longer for anybody.
    const life = this.#lives.get(message.agentId);
    if (!life) return;
    const { waiting } = life;
    life.waiting = null;
    if (message.type !== "stop") return waiting?.resolve(message);
    life.stopReason = message.reason;
    waiting?.reject(new Stopped(message.reason));
  }

  async #live(start: AgentStart): Promise<void> {
    const { agentId } = start;
    const life: Life = { start, waiting: null, openCallId: null, stopReason: null };
    this.#lives.set(agentId, life);
    try {
      const text = await this.#converse(life);
      this.#lives.delete(agentId);
      this.say({ type: "ended", agentId, text });
    } catch (error) {
      this.#lives.delete(agentId);
      if (this.#isGone) return;
      const reason = error instanceof Error ? error.message : String(error);
      const isStopped = error instanceof Stopped;
      if (isStopped && life.openCallId !== null) this.#failCall(start, life.openCallId, "stopped", reason);
      const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
      const code = isStopped ? "stopped" : "crash";
      this.say({ type: "failed", agentId, code, reason, isRetryable: !isStopped, ...stack });
    }
  }

  async #converse(life: Life): Promise<string> {
    const { start } = life;
    const messages: Json[] = [...start.history];
    let turn = start.turnCount;
    for (let content = lastAnswer(messages); ; content = null) {
      if (content === null) {
        content = await this.#call(life, messages, turn);
        messages.push({ role: "assistant", content: content as Json[] }); // Blocks are plain JSON.
        turn += 1;
      }
      const calls = content.filter((block) => block.type === "tool_use");
      if (calls.length === 0) return textOf(content);
      const results = await this.#runCalls(life, calls, turn);
      if (results === null) return textOf(content);
      messages.push({ role: "user", content: results });
    }
  }

  async #runCalls(life: Life, calls: readonly Block[], turn: number): Promise<Json[] | null> {
    const results: Json[] = [];
    for (const [index, call] of calls.entries()) {
      const toolCallId = `${life.start.agentId}/${turn}/${index}`;
      const answer = await this.#ask(life, {
        type: "tool_requested",
        toolCallId,
        name: call.name ?? "",
        input: call.input ?? null,
      });
      if (answer.type !== "tool_answered") throw new Error(`A tool call was answered with ${answer.type}.`);
      if (answer.outcome === "end") return null;
      const text = answer.outcome === "perform" ? `wrote ${JSON.stringify(answer.input)}` : answer.content;
      results.push({ type: "tool_result", tool_use_id: call.id ?? "", content: text, is_error: answer.isError });
    }
    return results;
  }

  async #call(life: Life, messages: readonly Json[], turn: number): Promise<Block[]> {
    const { start } = life;
    for (let tries = 1; ; tries += 1) {
      const unsent = messages.slice(messages.findLastIndex((message) => roleOf(message) === "assistant") + 1);
      const answer = await this.#ask(life, {
        type: "call_requested",
        turn: turn + 1,
        tries,
        messages: unsent,
        tools: [],
        inputTokens: 100,
        isCounted: true,
        maxTokens: start.maxTokens,
      });
      if (answer.type !== "call_allowed") throw new Error(answer.type === "call_refused" ? answer.reason : answer.type);
      life.openCallId = answer.callId;
      await this.#world.pace(`call ${start.streamId}`);
      const reply = this.#world.model({ start, turn, tries, messages });
      const content = this.#hear(life, answer.callId, turn, reply);
      life.openCallId = null;
      if (content !== null) return content;
      await this.#world.pace(`backoff ${start.streamId}`);
    }
  }

  /** Posts what came of a call; null when it is to be tried again. */
  #hear(life: Life, callId: string, turn: number, reply: Reply): Block[] | null {
    if (this.#isGone || life.stopReason !== null) throw new Stopped(life.stopReason ?? "gone");
    const { start } = life;
    const { agentId } = start;
    if ("fault" in reply) return this.#fault(start, callId, reply.fault);
    const content: Block[] = [];
    if (reply.text !== undefined) content.push({ type: "text", text: reply.text });
    for (const [index, call] of (reply.calls ?? []).entries()) {
      content.push({ type: "tool_use", id: `toolu_${agentId}_${turn}_${index}`, ...call });
    }
    if (reply.text !== undefined) this.say({ type: "delta", agentId, kind: "text", text: reply.text });
    this.say({
      type: "call_settled",
      agentId,
      callId,
      turn: turn + 1,
      content,
      stopReason: reply.calls ? "tool_use" : "end_turn",
      usage: this.#world.usage(start),
      durationMs: 1,
      firstByteMs: 1,
      readsOnly: reply.calls !== undefined,
    });
    return content;
  }

  #fault(start: AgentStart, callId: string, fault: Extract<Reply, { fault: string }>["fault"]): null {
    if (fault === "die") this.die();
    else if (fault === "garbage") this.say({ type: "call_settled", agentId: start.agentId, surprise: true });
    else if (fault === "throw") throw new Error("The scripted agent threw.");
    else this.#failCall(start, callId, "overloaded", "The model is overloaded.", fault === "retry" ? 5 : undefined);
    if (this.#isGone) throw new Stopped("gone");
    if (fault === "provider") throw new Error("Gave up: the model is overloaded.");
    return null;
  }

  #failCall(start: AgentStart, callId: string, code: string, reason: string, retryInMs?: number): void {
    const retry = retryInMs === undefined ? {} : { retryInMs };
    const usage = this.#world.usage(start);
    const { agentId } = start;
    this.say({ type: "call_failed", agentId, callId, turn: 1, code, reason, text: "", usage, durationMs: 1, ...retry });
  }

  #ask(life: Life, question: { readonly [key: string]: Json }): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#requestCount += 1;
      life.waiting = { resolve, reject };
      this.say({ ...question, agentId: life.start.agentId, requestId: `R-${this.#requestCount}` });
    });
  }
}

function lastAnswer(messages: readonly Json[]): Block[] | null {
  const last = messages.at(-1);
  if (last === null || typeof last !== "object" || Array.isArray(last) || last?.role !== "assistant") return null;
  // Only blocks that this thread made itself come back in its history.
  return Array.isArray(last.content) ? (last.content as Block[]) : null;
}

function roleOf(message: Json): Json | undefined {
  return message !== null && typeof message === "object" && !Array.isArray(message) ? message.role : undefined;
}

function textOf(content: readonly Block[]): string {
  return content.map((block) => (block.type === "text" ? String(block.text) : "")).join("");
}
