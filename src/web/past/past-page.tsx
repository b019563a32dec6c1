/** @jsxImportSource hono/jsx */
/** A page as it was at a position of the log: the same drawing of an engine of the past, without levers and without a live connection. */
import type { Child } from "hono/jsx";
import { Past, type PastMoment } from "../../../views/past.ts";
import { PastBar } from "../../../views/past-bar.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { eventWords } from "../../projections/event-words.ts";
import type { Drawing } from "../pages/page.ts";
import { lineHref, viewOfPage } from "./moment-view.ts";
import { atPosition } from "./past-links.ts";

/** What is drawn as of the position that an engine stands at. */
export function asOf(past: EngineApi, content: Child) {
  return <Past.Provider value={momentOf(past)}>{content}</Past.Provider>;
}

export function momentOf(past: EngineApi): PastMoment {
  const { position, lastAt } = past.state();
  return { position, at: lastAt };
}

/** What happened at the position that an engine stands at, and to which ticket or track, in one sentence. */
export function wordsOf(past: EngineApi): string {
  const { position } = past.state();
  const [event] = past.events({ after: position - 1, limit: 1 });
  if (!event) return "";
  const words = eventWords(event);
  const subject = "ticketId" in event ? event.ticketId : "trackId" in event ? event.trackId : undefined;
  return subject === undefined || words.includes(subject) ? words : `${subject}: ${words}`;
}

/** The bar above the page at an address; `last` is where the log ends now. */
export function pastBar(past: EngineApi, url: URL, drawing: Drawing, last: number) {
  const moment = momentOf(past);
  const present = new URL(url);
  present.searchParams.delete("at");
  const place = {
    ...moment,
    words: wordsOf(past),
    last,
    nowHref: `${present.pathname}${present.search}`,
    atHref: (position: number) => atPosition(position)(new URL(url)),
    lineHref: lineHref({ position: moment.position, view: viewOfPage(present) ?? "overview", scope: "" }),
    hasStreams: drawing.panes.length > 0,
  };
  return <PastBar place={place} />;
}
