/** @jsxImportSource hono/jsx */
/** The pages about what happened and what it cost: usage, context, comms, events, settings. */

import { raw } from "hono/html";
import { ContextList, ContextParts } from "../../../views/context-view.tsx";
import { CallList, EventList, FilterForm, type PageLinks } from "../../../views/log-view.tsx";
import { PricesView, SettingsView } from "../../../views/settings-view.tsx";
import { BudgetView, TierTable, UsageTableView } from "../../../views/usage-table.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { apiUsage } from "../../projections/usage.ts";
import { contextDetail, contextRows } from "../../projections/view-context.ts";
import { callRows, eventRows } from "../../projections/view-events.ts";
import { priceRows, settingRows } from "../../projections/view-settings.ts";
import { budgetRows, usageTables } from "../../projections/view-usage.ts";
import { EventTail } from "./event-tail.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";

/** Rows of a page, and how far a page looks when a filter leaves most events out. A call's bodies are large. */
const pageSize = 100;
const callPageSize = 50;
const filteredWindow = 2_000;
const recentCalls = 4_000;

export function usagePage(engine: EngineApi): OpenPage {
  return {
    title: "Usage",
    draw() {
      const state = engine.state();
      const tables = usageTables(state).map((table) =>
        region(
          `usage-${table.title.toLowerCase().replaceAll(" ", "-")}`,
          table.title,
          <UsageTableView table={table} />,
          { span: table.title === "By ticket" || table.title === "By attempt" ? "side" : "main" },
        ),
      );
      return {
        panes: [],
        regions: [
          region("budget", "Budget", <BudgetView rows={budgetRows(state)} />),
          region("usage-tiers", "By tier", <TierTable usage={apiUsage(state)} />, { span: "main" }),
          ...tables,
        ],
      };
    },
  };
}

/** Every agent's context, or one agent's part by part; null when there is no such agent. */
export function contextPage(engine: EngineApi, agentId: string | null): OpenPage | null {
  if (agentId === null) {
    const calls = new EventTail(engine, { type: "call.started" }, Math.max(0, engine.state().position - recentCalls));
    return {
      title: "Context",
      draw: () => ({
        panes: [],
        regions: [
          region("context", "Agents", <ContextList rows={contextRows(engine.state(), calls.read(), 60)} />, {
            isHeadingShown: false,
          }),
        ],
      }),
    };
  }
  const known = engine.state().agents.get(agentId);
  if (!known) return null;
  const events = new EventTail(engine, { agentId });
  return {
    title: "Context",
    draw() {
      const state = engine.state();
      const detail = contextDetail(state, state.agents.get(agentId) ?? known, events.read());
      return { panes: [], regions: [region("context", "Next request", <ContextParts detail={detail} />)] };
    },
  };
}

export function eventsPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const type = query.get("type") ?? "";
  return {
    title: "Events",
    draw() {
      const window = type === "" ? pageSize : filteredWindow;
      const { events, links } = eventWindow(engine, "/events", query, window, type);
      return {
        panes: [],
        regions: [
          region(
            "event-filter",
            "Filter",
            <FilterForm action="/events" name="type" label="Type" value={type} hint="ticket.*" />,
            { isHeadingShown: false },
          ),
          region("events", "Events", <EventList rows={eventRows(events)} links={links} />, { isHeadingShown: false }),
        ],
      };
    },
  };
}

export function commsPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const stream = query.get("stream") ?? "";
  return {
    title: "Comms",
    draw: redrawnOn(engine, "call.*", () => {
      const { events, links } = eventWindow(engine, "/comms", query, filteredWindow, "call.*");
      const rows = callRows(events, stream, callPageSize);
      return {
        panes: [],
        regions: [
          region(
            "comms-filter",
            "Filter",
            <FilterForm action="/comms" name="stream" label="Stream" value={stream} hint="T-001" />,
            { isHeadingShown: false },
          ),
          // As a string, so that only a new call costs the escaping of all bodies.
          region("comms", "Provider traffic", raw((<CallList rows={rows} links={links} />).toString()), {
            isHeadingShown: false,
          }),
        ],
      };
    }),
  };
}

/** The same drawing until the log has a new event of this type: a live page is drawn after every event, whatever its type. */
function redrawnOn(engine: EngineApi, type: string, draw: () => Drawing): () => Drawing {
  let drawn: { readonly position: number; readonly drawing: Drawing } | null = null;
  return () => {
    const { position } = engine.state();
    const isNew = drawn === null || engine.events({ after: drawn.position, limit: 1, type }).length > 0;
    drawn = { position, drawing: drawn === null || isNew ? draw() : drawn.drawing };
    return drawn.drawing;
  };
}

export function settingsPage(engine: EngineApi, sources: ReadonlyMap<string, string> = new Map()): OpenPage {
  return {
    title: "Settings",
    draw() {
      const { settings } = engine.state();
      return {
        panes: [],
        regions: [
          region("settings", "Settings in force", <SettingsView rows={settingRows(settings, sources)} />, {
            span: "main",
          }),
          region("prices", "Prices, US dollars a million tokens", <PricesView rows={priceRows(settings, sources)} />, {
            span: "side",
          }),
        ],
      };
    },
  };
}

/** A stretch of the log: its newest end, or the one after the position that the address names, with links to both sides. */
function eventWindow(engine: EngineApi, path: string, query: URLSearchParams, size: number, type: string) {
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
