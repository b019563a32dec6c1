/**
 * Whether an agent gets anywhere: notices turns that repeat each other, and turns of which nothing new can come. Told from the
 * conversation alone, so that a resumed agent is judged as if it had never stopped.
 */
import { canonicalJson } from "../domain/gate.ts";
import type { Block, Message } from "../domain/message-block.ts";
import { type ToolUse, toolUses } from "./message.ts";

/**
 * The model is told from the second of equal turns in a row. It is ended late, because some work looks alike for a while (a wait
 * for a server, a flaky test); a limit on turns or money may end it before.
 */
const mostSameTurns = 24;
/** Turns in a row whose calls all repeat earlier ones or fail: told after so many, ended after so many. */
const warnedIdleTurns = 5;
const mostIdleTurns = 30;

const writers: ReadonlySet<string> = new Set(["write", "edit"]);

/** What a turn means for the agent: words for the model, a reason to end, or nothing. */
export type TurnVerdict =
  | { readonly kind: "on" }
  | { readonly kind: "warned"; readonly words: string }
  | { readonly kind: "stuck"; readonly reason: string };

export class Progress {
  readonly #writes = new Set<string>();
  /** Commands since the last new write: a check after an edit is no repeat. */
  readonly #commands = new Set<string>();
  /** Everything else since the last new write or command. */
  readonly #looks = new Set<string>();
  #lastTurn = "";
  #sameTurns = 0;
  #idleTurns = 0;

  /** Goes on from a conversation; one that ends in words to the model begins anew. */
  constructor(history: readonly Message[]) {
    if (history.at(-1)?.content.some(({ type }) => type === "text") && history.at(-1)?.role === "user") return;
    for (const [index, message] of history.entries()) {
      const next = history[index + 1];
      if (message.role === "assistant" && next) this.take(toolUses(message.content), next.content);
    }
  }

  /** Why a turn must not be run: it repeats the turns before it. Null when it may. */
  refusal(calls: readonly ToolUse[]): string | null {
    if (turnKey(calls) !== this.#lastTurn || this.#sameTurns < mostSameTurns) return null;
    const [first] = calls;
    const words = first ? `${first.name} ${canonicalJson(first.input).slice(0, 200)}` : "";
    return `The agent made the same call in ${this.#sameTurns + 1} turns in a row: ${words}`;
  }

  /** Takes a turn that was run, with the results in its answer. */
  take(calls: readonly ToolUse[], results: readonly Block[]): TurnVerdict {
    if (calls.length === 0) return { kind: "on" };
    const key = turnKey(calls);
    this.#sameTurns = key === this.#lastTurn ? this.#sameTurns + 1 : 1;
    this.#lastTurn = key;
    const failedIds = new Set(results.filter((block) => block.is_error === true).map((block) => block.tool_use_id));
    const isNew = calls.map((call) => this.#isNew(call, failedIds.has(call.id))).includes(true);
    this.#idleTurns = isNew ? 0 : this.#idleTurns + 1;
    return this.#verdict();
  }

  #isNew(call: ToolUse, hasFailed: boolean): boolean {
    const key = callKey(call);
    // A command that ran and failed has still told something.
    const isCommand = call.name === "bash";
    const isWrite = writers.has(call.name);
    const seen = isWrite ? this.#writes : isCommand ? this.#commands : this.#looks;
    const isNew = !seen.has(key) && (isCommand || !hasFailed);
    if (isNew && isWrite) this.#commands.clear();
    if (isNew && (isWrite || isCommand)) this.#looks.clear();
    seen.add(key);
    return isNew;
  }

  #verdict(): TurnVerdict {
    if (this.#idleTurns >= mostIdleTurns) {
      const reason = `Nothing new came of the agent's last ${mostIdleTurns} turns: every call repeated an earlier one or failed.`;
      return { kind: "stuck", reason };
    }
    if (this.#sameTurns > 1) return { kind: "warned", words: sameWords(this.#sameTurns) };
    if (this.#idleTurns < warnedIdleTurns) return { kind: "on" };
    const words = `Nothing new came of your last ${this.#idleTurns} turns: every call repeated an earlier one or failed. Do something else, or say what keeps you; after ${mostIdleTurns} such turns you are ended.`;
    return { kind: "warned", words };
  }
}

function sameWords(count: number): string {
  return `You have made this same call ${count} times in a row. Do something else; repeating it ${mostSameTurns + 1} times ends you.`;
}

function turnKey(calls: readonly ToolUse[]): string {
  return calls.map(callKey).join("\n");
}

function callKey({ name, input }: ToolUse): string {
  return `${name} ${canonicalJson(input)}`;
}
