/** The events of one ticket, with the failures of its agents: those name the agent alone, and hold the stack. */
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { EventTail } from "./event-tail.ts";

export class TicketTail {
  readonly #engine: EngineApi;
  readonly #ticketId: string;
  readonly #own: EventTail;
  readonly #failures = new Map<string, EventTail>();

  constructor(engine: EngineApi, ticketId: string) {
    this.#engine = engine;
    this.#ticketId = ticketId;
    this.#own = new EventTail(engine, { ticketId });
  }

  /** All of them up to now, in log order. */
  read(): readonly Event[] {
    for (const agent of this.#engine.state().agents.values()) {
      if (agent.ticketId !== this.#ticketId || agent.status !== "failed" || this.#failures.has(agent.agentId)) continue;
      this.#failures.set(agent.agentId, new EventTail(this.#engine, { agentId: agent.agentId, type: "agent.failed" }));
    }
    const own = this.#own.read();
    if (this.#failures.size === 0) return own;
    const failures = [...this.#failures.values()].flatMap((tail) => tail.read());
    return [...own, ...failures].sort((a, b) => a.position - b.position);
  }
}
