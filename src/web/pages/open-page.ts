/** From an address to its page: the one table that page requests, live connections and answers to forms all use. */

import type { EngineApi } from "../../engine/engine-api.ts";
import { commsPage } from "./comms-page.tsx";
import { contextPage } from "./context-page.tsx";
import { eventsPage } from "./events-page.tsx";
import { gatesPage } from "./gates-page.tsx";
import { overviewPage } from "./overview-page.tsx";
import type { OpenPage } from "./page.ts";
import type { PageServices } from "./page-services.ts";
import { settingsPage } from "./settings-page.tsx";
import { streamTextPage } from "./stream-text-page.tsx";
import { streamsPage } from "./streams-page.tsx";
import { ticketPage } from "./ticket-page.tsx";
import { ticketPartPage } from "./ticket-parts.tsx";
import { trackPage } from "./track-page.tsx";
import { withTrust } from "./trust-region.tsx";
import { usagePage } from "./usage-page.tsx";

/** The page at a path with its query; null when there is none. */
export function openPage(services: PageServices, address: string): OpenPage | null {
  const page = pageAt(services, address);
  return page && services.trust ? withTrust(page, services.trust) : page;
}

function pageAt(services: PageServices, address: string): OpenPage | null {
  const url = URL.parse(address, "http://localhost");
  if (!url) return null;
  const { engine } = services;
  const [first = "", second, ...rest] = url.pathname.split("/").slice(1);
  const [part, ...beyond] = rest;
  if (beyond.length > 0) return null;
  if (part !== undefined) return first === "tickets" ? ticketPartAt(engine, second ?? "", part, url) : null;
  if (first === "streams" && second === "text") return streamTextPage(engine, url.searchParams);
  if (second !== undefined) return subjectPage(services, first, second, url.searchParams);
  switch (first) {
    case "":
      return overviewPage(engine);
    case "streams":
      return streamsPage(engine, url.searchParams);
    case "gates":
      return gatesPage(engine, services.settingSources);
    case "usage":
      return usagePage(engine, url.searchParams);
    case "context":
      return contextPage(services, url.searchParams);
    case "comms":
      return commsPage(services, url.searchParams);
    case "events":
      return eventsPage(engine, url.searchParams);
    case "settings":
      return settingsPage(services);
    default:
      return null;
  }
}

function ticketPartAt(engine: EngineApi, encodedId: string, part: string, url: URL): OpenPage | null {
  const id = decoded(encodedId);
  return id === null ? null : ticketPartPage(engine, id, part, url.searchParams);
}

function subjectPage(
  { engine, forker }: PageServices,
  kind: string,
  encodedId: string,
  query: URLSearchParams,
): OpenPage | null {
  const id = decoded(encodedId);
  if (id === null) return null;
  if (kind === "tracks") return trackPage(engine, id, query);
  return kind === "tickets" ? ticketPage(engine, id, query, forker) : null;
}

/** Null for an address with a broken percent escape. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
