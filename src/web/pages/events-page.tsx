/** @jsxImportSource hono/jsx */
/** The event log as a page: the newest events, followed as they come, or an older page that stands still. */
import { EventFilterForm, EventList } from "../../../views/log-view.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { eventRows } from "../../projections/view-events.ts";
import { eventWindow, filterFault, filterNames, filtersOf } from "./event-window.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";

export function eventsPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const filters = filtersOf(query);
  const before = positionOf(query.get("before"));
  const only = positionOf(query.get("position"));
  const link = (changes: Readonly<Record<string, string>>): string => {
    const next = new URLSearchParams();
    for (const name of filterNames) if (filters[name] !== "") next.set(name, filters[name]);
    for (const [name, value] of Object.entries(changes)) next.set(name, value);
    return next.size === 0 ? "/events" : `/events?${next}`;
  };
  const draw = (): Drawing => {
    const alone = only === null ? null : engine.events({ after: only - 1, before: only + 1, limit: 1 });
    const { events, olderBefore, searchedCount } = alone
      ? { events: alone, olderBefore: null, searchedCount: null }
      : eventWindow(engine, filters, before);
    const end = engine.state().position;
    const isFollowing = before === null && only === null;
    const links = {
      newest: isFollowing ? null : link({}),
      hold: isFollowing ? link({ before: String(end + 1) }) : null,
      older: olderBefore === null ? null : link({ before: String(olderBefore) }),
    };
    const list = (
      <EventList rows={eventRows(events)} links={links} searchedCount={searchedCount} isAlone={alone !== null} />
    );
    return {
      panes: [],
      regions: [
        region("event-filter", "Filter", <EventFilterForm filters={filters} fault={filterFault(filters)} />, {
          isHeadingShown: false,
        }),
        region("events", "Events", list, { isHeadingShown: false }),
      ],
    };
  };
  // What is past does not change: a page that stands still is drawn once.
  let still: Drawing | null = null;
  return {
    title: "Events",
    draw() {
      if (before === null && only === null) return draw();
      still ??= draw();
      return still;
    },
  };
}

function positionOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
