/** The events of one ticket, with the calls and failures of its agents: those name the agent alone. */
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { EventTail } from "./event-tail.ts";

export class TicketTail {
  readonly #engine: EngineApi;
  readonly #ticketId: string;
  readonly #own: EventTail;
  readonly #ofAgents = new Map<string, readonly EventTail[]>();
  #position = -1;
  #agentCount = 0;
  /** Where each of its lists ended when they were last put together. */
  #ends = "";
  #events: readonly Event[] = [];

  constructor(engine: EngineApi, ticketId: string) {
    this.#engine = engine;
    this.#ticketId = ticketId;
    this.#own = new EventTail(engine, { ticketId });
  }

  /** All of them up to now, in log order; the same list for as long as nothing is new. */
  read(): readonly Event[] {
    const { position, agents } = this.#engine.state();
    if (position === this.#position) return this.#events;
    this.#position = position;
    if (agents.size !== this.#agentCount) this.#meetAgents();
    const tails = [this.#own, ...[...this.#ofAgents.values()].flat()];
    const lists = tails.map((tail) => tail.read());
    const ends = lists.map((list) => list.at(-1)?.position ?? 0).join();
    if (ends !== this.#ends) this.#events = lists.flat().sort((a, b) => a.position - b.position);
    this.#ends = ends;
    return this.#events;
  }

  /** A tech lead is its whole track's: only what it says of this ticket belongs here, and that names the ticket. */
  #meetAgents(): void {
    const { agents } = this.#engine.state();
    this.#agentCount = agents.size;
    for (const { agentId, ticketId, role } of agents.values()) {
      if (ticketId !== this.#ticketId || role === "tech_lead" || this.#ofAgents.has(agentId)) continue;
      const types = ["call.*", "agent.failed"];
      this.#ofAgents.set(
        agentId,
        types.map((type) => new EventTail(this.#engine, { agentId, type })),
      );
    }
  }
}
