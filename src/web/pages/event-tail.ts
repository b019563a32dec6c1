/** The events of one query, kept so that a live page reads only what is new. Bounded: the oldest leave first. */
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import type { EventFilter } from "../api/event-stream.ts";

const batchLimit = 1_000;
const keptLimit = 5_000;

export class EventTail {
  readonly #engine: EngineApi;
  readonly #query: EventFilter;
  #position: number;
  #events: Event[] = [];

  constructor(engine: EngineApi, query: EventFilter, after = 0) {
    this.#engine = engine;
    this.#query = query;
    this.#position = after;
  }

  /** All events of the query up to now, in log order. */
  read(): readonly Event[] {
    const end = this.#engine.state().position;
    while (this.#position < end) {
      const batch = this.#engine.events({ ...this.#query, after: this.#position, limit: batchLimit });
      this.#events.push(...batch);
      this.#position = batch.length < batchLimit ? end : (batch.at(-1)?.position ?? end);
    }
    if (this.#events.length > keptLimit) this.#events = this.#events.slice(-keptLimit);
    return this.#events;
  }
}
