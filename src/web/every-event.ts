/** All events that match, read from the log in pages: the bodies of all calls at once would fill the memory. */
import type { Event } from "../domain/event.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import type { EventFilter } from "./api/event-stream.ts";

const pageSize = 500;

export function* everyEvent(engine: EngineApi, filter: EventFilter): Generator<Event> {
  for (let after = 0; ; ) {
    const page = engine.events({ after, limit: pageSize, ...filter });
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.position ?? after;
  }
}
