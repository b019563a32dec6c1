/** A stretch of the log for a page, and the way to its neighbours. */

import type { PageLinks } from "../../../views/log-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";

/** A stretch of the log: its newest end, or the one after the position that the address names, with links to both sides. */
export function eventWindow(engine: EngineApi, path: string, query: URLSearchParams, size: number, type: string) {
  const end = engine.state().position;
  const newest = Math.max(0, end - size);
  const asked = Number.parseInt(query.get("after") ?? "", 10);
  const after = Number.isNaN(asked) ? newest : Math.min(Math.max(0, asked), newest);
  const found = engine.events({ after, limit: size, ...(type === "" ? {} : { type }) });
  const link = (position: number): string => {
    const next = new URLSearchParams(query);
    next.set("after", String(position));
    return `${path}?${next}`;
  };
  const links: PageLinks = {
    newer: after < newest ? link(Math.min(newest, after + size)) : null,
    older: after > 0 ? link(Math.max(0, after - size)) : null,
  };
  return { events: found.filter((event) => event.position <= after + size), links };
}
