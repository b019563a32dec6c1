/** @jsxImportSource hono/jsx */
/** What a ticket's page has no room for: the whole text of one event, one file of a diff. Each is a page that can be linked to. */

import type { Context, Hono } from "hono";
import { EventText } from "../../../views/event-text.tsx";
import { Hunks } from "../../../views/file-diffs.tsx";
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { eventText } from "../../projections/event-text.ts";
import { type DiffFile, diffFiles } from "../../projections/view-diff.ts";
import { refusal } from "../answer.ts";
import { shownHunks } from "./diff-lines.ts";
import { type OpenPage, region } from "./page.ts";
import type { PageServices } from "./page-services.ts";
import { elementPartial } from "./partials.tsx";

/** The page of a part of a ticket; null when there is no such part. */
export function ticketPartPage(
  engine: EngineApi,
  ticketId: string,
  part: string,
  query: URLSearchParams,
): OpenPage | null {
  if (part === "output") return outputPage(engine, ticketId, query);
  return part === "diff" ? diffPage(engine, ticketId, query) : null;
}

function outputPage(engine: EngineApi, ticketId: string, query: URLSearchParams): OpenPage | null {
  const event = eventOf(engine, ticketId, query.get("at"));
  const text = event && eventText(event);
  if (!text) return null;
  return still(`${ticketId}: ${text.title}`, <EventText text={text} ticketId={ticketId} />);
}

function diffPage(engine: EngineApi, ticketId: string, query: URLSearchParams): OpenPage | null {
  const file = fileOf(engine, ticketId, query);
  if (!file) return null;
  return still(
    `${ticketId}: ${file.path}`,
    <>
      <p>
        <a href={`/tickets/${encodeURIComponent(ticketId)}`}>{ticketId}</a>
      </p>
      <div class="diff whole">
        <Hunks hunks={shownHunks(file)} />
      </div>
    </>,
  );
}

/** What happened does not change: such a page has nothing to redraw. */
function still(title: string, content: ReturnType<typeof Hunks>): OpenPage {
  const regions = [region("part", title, content, { isHeadingShown: false })];
  return { title, draw: () => ({ panes: [], regions }) };
}

/** Adds the route from which a folded file gets its lines when it is opened. */
export function registerTicketParts(app: Hono, { engine }: PageServices): void {
  app.get("/tickets/:ticketId/diff-lines", (c: Context) => {
    const file = fileOf(engine, c.req.param("ticketId") ?? "", new URL(c.req.url).searchParams);
    if (!file) return refusal(c, 404, "not_found", "There is no such file in a diff of this ticket.");
    const lines = <Hunks hunks={shownHunks(file)} />;
    return c.html(elementPartial(`${file.elementId}-lines`, lines.toString(), "innerHTML"));
  });
}

function fileOf(engine: EngineApi, ticketId: string, query: URLSearchParams): DiffFile | null {
  const event = eventOf(engine, ticketId, query.get("at"));
  if (event?.type !== "check.completed") return null;
  const { files } = diffFiles(event.diff, String(event.position));
  return files.find(({ index }) => String(index) === query.get("file")) ?? null;
}

/** The event at a position, if it is one of the ticket or of its agents. */
function eventOf(engine: EngineApi, ticketId: string, at: string | null): Event | null {
  const position = Number(at ?? "");
  if (!Number.isSafeInteger(position) || position < 1) return null;
  const [event] = engine.events({ after: position - 1, limit: 1 });
  if (event?.position !== position) return null;
  if ("ticketId" in event && event.ticketId === ticketId) return event;
  const agent = "agentId" in event && event.agentId ? engine.state().agents.get(event.agentId) : undefined;
  return agent?.ticketId === ticketId ? event : null;
}
