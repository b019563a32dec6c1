/** The effects that are being carried out: what they are, how each is ended, and when it has ended. */
import { type Effect, effectKey } from "../domain/reconcile.ts";
import type { State } from "../domain/state.ts";

/** How long what was aborted may take: commands have two seconds to end by themselves. */
const endMs = 3_500;

interface UnderWay {
  readonly effect: Effect;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export class EffectsUnderWay {
  readonly #inFlight = new Map<string, UnderWay>();

  /**
   * Whether it is being done already, or must wait: a track has one place where merges are checked out and checked, and a
   * ticket's worktree is made anew only when nobody writes in it any more.
   */
  has(effect: Effect, state: State): boolean {
    if (effect.type === "prepare_attempt" && this.#isInUse(effect.ticketId, state)) return true;
    if (!isOfMerge(effect)) return this.#inFlight.has(effectKey(effect));
    const trackOf = ({ ticketId }: { ticketId: string }) => state.tickets.get(ticketId)?.trackId;
    for (const { effect: other } of this.#inFlight.values())
      if (isOfMerge(other) && trackOf(other) === trackOf(effect)) return true;
    return false;
  }

  /** Whether an agent, a command or a check of an attempt that has ended is still on its way out. */
  #isInUse(ticketId: string, state: State): boolean {
    return [...this.#inFlight.values()].some(({ effect }) => {
      if (effect.type === "run_check") return effect.ticketId === ticketId;
      const agent = state.agents.get(agentOf(effect) ?? "");
      return agent?.role === "worker" && agent.ticketId === ticketId;
    });
  }

  /** Takes note of an effect that has been begun; `onEnd` is called once it is no longer under way. */
  add(effect: Effect, abort: AbortController, work: Promise<void>, onEnd: () => void): void {
    const key = effectKey(effect);
    const ended = work.finally(() => {
      this.#inFlight.delete(key);
      onEnd();
    });
    this.#inFlight.set(key, { effect, abort, ended });
  }

  effects(): Effect[] {
    return [...this.#inFlight.values()].map(({ effect }) => effect);
  }

  /** Ends those that the state no longer asks for: a ticket was cancelled, say. Agents are ended by `stopAgent`. */
  endStale(asked: readonly Effect[], stopAgent: (agentId: string) => void): void {
    const wanted = new Set(asked.map(effectKey));
    for (const [key, { effect, abort }] of this.#inFlight) {
      if (wanted.has(key)) continue;
      if (effect.type === "run_agent") stopAgent(effect.agentId);
      else abort.abort();
    }
  }

  abortAll(): void {
    for (const { abort } of this.#inFlight.values()) abort.abort();
  }

  /** Resolves when all have ended, or after a bound: a program that does not end is left to the kernel. */
  async ended(): Promise<void> {
    let timer: Timer | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, endMs);
    });
    await Promise.race([Promise.allSettled([...this.#inFlight.values()].map(({ ended }) => ended)), bound]);
    clearTimeout(timer);
  }
}

/** A tool call's id begins with its agent's: the call itself is forgotten when its agent ends. */
function agentOf(effect: Effect): string | undefined {
  if ("agentId" in effect) return effect.agentId;
  return "toolCallId" in effect ? effect.toolCallId.split("/", 1)[0] : undefined;
}

function isOfMerge(effect: Effect): effect is Extract<Effect, { type: "merge_ticket" | "settle_merge" }> {
  return effect.type === "merge_ticket" || effect.type === "settle_merge";
}
