/**
 * Where threads' messages become commands, and where their requests wait for an answer. An answer is derived from the
 * state, so it is the same whether a rule, a person or a restart brought it about.
 */
import type { FromThread, ToThread } from "../agents/protocol.ts";
import type { Command } from "../domain/command.ts";
import type { Json } from "../domain/gate.ts";
import { holdOfAgent, modelKey } from "../domain/model-hold.ts";
import type { State } from "../domain/state.ts";
import { noUsage } from "../domain/usage.ts";
import { contextChoices } from "./agent-start.ts";
import { CacheWarmth } from "./cache-warmth.ts";
import type { DispatchResult } from "./engine-api.ts";

type CallRequest = Extract<FromThread, { type: "call_requested" }>;
type ToolRequest = Extract<FromThread, { type: "tool_requested" }>;

export interface DeskParts {
  state(): State;
  /** Takes what a thread has said; `canWait` when a crash that took it back would cost no more than hearing it again. */
  dispatch(command: Command, canWait: boolean): DispatchResult;
  /** Does something once all that was dispatched is on disk. */
  afterwards(action: () => void): void;
  post(message: ToThread): boolean;
  appendText(streamId: string, text: string): void;
  nowMs(): number;
  /** A message that no rule covers: shown to people, never dropped. */
  report(problem: string): void;
}

export class AgentDesk {
  readonly #parts: DeskParts;
  readonly #parked = new Map<string, CallRequest | ToolRequest>();
  readonly #warmth = new CacheWarmth();
  /** Agents whose first request waits for another's answer. */
  readonly #cold = new Set<string>();
  /** Agents whose last piece was thinking. */
  readonly #thinking = new Set<string>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Whether an agent waits for what no time alone brings: one whose model is held goes on by itself. */
  rests(agentId: string, nowMs: number): boolean {
    const parked = this.#parked.get(agentId);
    const state = this.#parts.state();
    const agent = state.agents.get(agentId);
    if (!parked || agent?.status !== "running" || this.#cold.has(agentId)) return false;
    return parked.type !== "call_requested" || holdOfAgent(state, agent, nowMs) === null;
  }

  /** What an agent's next request adds to its settled conversation, while the request waits for leave. */
  unsent(agentId: string): readonly Json[] | null {
    const parked = this.#parked.get(agentId);
    return parked?.type === "call_requested" ? parked.messages : null;
  }

  /**
   * Takes what a thread says. True when it is a request that waits: it leaves no fact, yet it may be the last thing that moved,
   * so that the engine has to look what it may do now.
   */
  handle(message: FromThread): boolean {
    const hasWarmed = this.#noteWarmth(message);
    this.#take(message);
    return hasWarmed || (message.type !== "ready" && this.#parked.has(message.agentId));
  }

  /** When requests that wait for another's answer go out without it, in milliseconds since 1970. */
  freeAtMs(): number[] {
    return this.#cold.size === 0 ? [] : this.#warmth.freeAtMs();
  }

  /** Notes the first byte of a worker's answer. True when others have waited for it. */
  #noteWarmth(message: FromThread): boolean {
    const isAnswer = message.type === "call_settled" || (message.type === "delta" && message.kind !== "tool");
    const agent = isAnswer ? this.#parts.state().agents.get(message.agentId) : undefined;
    return agent?.role === "worker" && this.#warmth.heard(modelKey(agent), agent.agentId, this.#parts.nowMs());
  }

  #take(message: FromThread): void {
    switch (message.type) {
      case "ready":
        return;
      case "delta":
        return this.#append(message);
      case "call_requested":
      case "tool_requested":
        return this.#ask(message);
      case "call_settled": {
        const { type: _type, agentId: _agentId, turn: _turn, requestId, isUsageKnown, readsOnly, ...call } = message;
        const command: Command = {
          type: "settle_call",
          ...call,
          ...(requestId === undefined ? {} : { requestId }),
          ...(isUsageKnown === undefined ? {} : { isUsageKnown }),
        };
        return this.#report(command, readsOnly);
      }
      case "call_failed": {
        this.#warmth.left(message.agentId);
        const { type: _type, agentId: _agentId, turn: _turn, status, retryInMs, isUsageKnown, ...call } = message;
        return this.#report({
          type: "fail_call",
          ...call,
          ...(status === undefined ? {} : { status }),
          ...(retryInMs === undefined ? {} : { retryInMs }),
          ...(isUsageKnown === undefined ? {} : { isUsageKnown }),
        });
      }
      case "ended":
        this.#leave(message.agentId);
        return this.#report({ type: "end_agent", agentId: message.agentId, text: message.text });
      case "failed":
        return this.#fail(message);
      default:
        return message satisfies never;
    }
  }

  /** The agent's thread is gone: its open call is written off, and the agent has failed. */
  crash(agentId: string, reason: string): void {
    this.#fail({ type: "failed", agentId, code: "crash", reason, isRetryable: true });
  }

  /** The agent's thread ended through no fault of its own: its open call is written off, and it goes on from the log. */
  displace(agentId: string, reason: string): void {
    this.#leave(agentId);
    this.#writeOffCalls(agentId, reason);
  }

  /** Answers every request that the state now answers. */
  answerParked(): void {
    for (const request of this.#parked.values()) {
      if (request.type === "call_requested") this.#tryCall(request);
      else this.#tryTool(request);
    }
  }

  forget(): void {
    this.#parked.clear();
    this.#cold.clear();
    this.#thinking.clear();
  }

  /** A thread that confuses its agents: what it says is taken for nobody's, and shown. */
  stray(message: FromThread): void {
    const agentId = message.type === "ready" ? "none" : message.agentId;
    this.#parts.report(`A thread said "${message.type}" for the agent ${agentId}, which it does not have.`);
  }

  #append({ agentId, kind, text }: Extract<FromThread, { type: "delta" }>): void {
    // Thinking and what is said after it come as separate blocks, with nothing between them.
    const hasThought = this.#thinking.has(agentId);
    if (kind === "thinking") this.#thinking.add(agentId);
    else this.#thinking.delete(agentId);
    const streamId = this.#parts.state().agents.get(agentId)?.streamId;
    if (streamId === undefined)
      return this.#parts.report(`Text came from the agent ${agentId}, which the log does not know.`);
    this.#parts.appendText(streamId, hasThought && kind === "text" ? `\n${text}` : text);
  }

  #ask(request: CallRequest | ToolRequest): void {
    this.#parked.set(request.agentId, request);
    if (request.type === "call_requested") return this.#tryCall(request);
    const { agentId, toolCallId, name, input } = request;
    const result = this.#parts.dispatch({ type: "request_tool", agentId, toolCallId, name, input }, false);
    if (!result.isAccepted) return this.#answer(request, "result", result.rejection.message, true);
    this.#tryTool(request);
  }

  #tryCall(request: CallRequest): void {
    const { agentId, requestId, turn, tries, messages, tools, inputTokens, maxTokens } = request;
    const agent = this.#parts.state().agents.get(agentId);
    const model = turn === 1 && agent?.role === "worker" ? modelKey(agent) : null;
    this.#cold.delete(agentId);
    if (model !== null && this.#warmth.holds(model, this.#parts.nowMs())) return void this.#cold.add(agentId);
    const context = contextChoices(this.#parts.state(), agentId);
    if (context.choiceCount !== (request.request?.choiceCount ?? context.choiceCount)) {
      this.#parked.delete(agentId);
      return this.#post({ type: "call_outdated", agentId, requestId, context });
    }
    const command: Command = {
      type: "reserve_call",
      agentId,
      turn,
      tries,
      messages,
      tools,
      inputTokens,
      maxTokens,
      ...(request.request === undefined ? {} : { request: request.request }),
    };
    const result = this.#parts.dispatch(command, false);
    if (!result.isAccepted) {
      this.#parked.delete(agentId);
      this.#post({ type: "call_refused", agentId, requestId, reason: result.rejection.message });
      return;
    }
    const started = result.events.find((event) => event.type === "call.started");
    if (started?.type !== "call.started") return;
    this.#parked.delete(agentId);
    if (model !== null) this.#warmth.begins(model, agentId, this.#parts.nowMs());
    this.#post({ type: "call_allowed", agentId, requestId, callId: started.callId });
  }

  #tryTool(request: ToolRequest): void {
    const state = this.#parts.state();
    if (state.agents.get(request.agentId)?.status !== "running") return this.#answer(request, "end", "", false);
    const call = state.toolCalls.get(request.toolCallId);
    if (call?.answer) return this.#answer(request, "result", call.answer.text, call.answer.isError);
    if (request.name !== "write") return;
    if (call === undefined || call.status === "allowed") {
      return this.#answer(request, "perform", "", false, call?.payload ?? request.input);
    }
  }

  #answer(
    request: ToolRequest,
    outcome: "result" | "perform" | "end",
    content: string,
    isError: boolean,
    input: Json = null,
  ): void {
    this.#parked.delete(request.agentId);
    const { agentId, requestId } = request;
    this.#post({ type: "tool_answered", agentId, requestId, outcome, content, isError, input });
  }

  #post(message: Exclude<ToThread, { type: "start" }>): void {
    this.#parts.afterwards(() => {
      if (this.#parts.post(message)) return;
      this.#parts.report(
        `An answer (${message.type}) was for the agent ${message.agentId}, which has no thread any more.`,
      );
    });
  }

  #fail(message: Extract<FromThread, { type: "failed" }>): void {
    const { agentId, code, reason, stack, isRetryable } = message;
    this.#leave(agentId);
    this.#writeOffCalls(agentId, reason);
    this.#report({ type: "fail_agent", agentId, code, reason, isRetryable, ...(stack === undefined ? {} : { stack }) });
  }

  #leave(agentId: string): void {
    this.#warmth.left(agentId);
    this.#cold.delete(agentId);
    this.#parked.delete(agentId);
    this.#thinking.delete(agentId);
  }

  #writeOffCalls(agentId: string, reason: string): void {
    for (const held of [...this.#parts.state().reservations.values()]) {
      if (held.agentId !== agentId) continue;
      const { callId } = held;
      this.#report({ type: "fail_call", callId, code: "lost", reason, text: "", usage: noUsage, durationMs: 0 });
    }
  }

  #report(command: Command, canWait = false): void {
    const result = this.#parts.dispatch(command, canWait);
    if (!result.isAccepted) this.#parts.report(`${command.type}: ${result.rejection.message}`);
  }
}
