/** @jsxImportSource hono/jsx */
/** The time line as a page: one strip over the log, and below it another page as it was at the place where one is in it. */
import type { Context, Hono } from "hono";
import { StreamWords } from "../../../views/past-bar.tsx";
import { RegionList, Shell } from "../../../views/shell.tsx";
import {
  type LineChoice,
  type LineNow,
  TimeLineNow,
  TimeLineSteps,
  TimeLineView,
  TimeLineViews,
} from "../../../views/time-line.tsx";
import type { State } from "../../domain/state.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { isEnded, neighbours, type Scope, spentUsd, type TimeLine } from "../../projections/time-line.ts";
import { refusal } from "../answer.ts";
import { askedPosition, type PositionFault } from "../past/asked-position.ts";
import { LogHistory } from "../past/log-history.ts";
import { type LinePlace, lineHref, onTimeLine, pathOfView } from "../past/moment-view.ts";
import type { PastEngine } from "../past/past-engine.ts";
import { withPastLinks } from "../past/past-links.ts";
import { asOf, momentOf, wordsOf } from "../past/past-page.tsx";
import { pastServices } from "../past/past-services.ts";
import { nonceOf } from "../security-headers.ts";
import { openPage } from "./open-page.ts";
import { type Drawing, region } from "./page.ts";
import { frameOf } from "./page-frame.ts";
import type { PageServices } from "./page-services.ts";
import { morphPartial, statusBar, withNonce } from "./partials.tsx";

/** Adds `/timeline`, and `/timeline/moment`: what changes on it with a move. */
export function registerTimeLine(app: Hono, services: PageServices): void {
  app.get("/timeline", async (c) => {
    const asked = await read(c, services);
    return "status" in asked ? refusal(c, asked.status, asked.code, asked.message) : whole(c, services, asked);
  });
  app.get("/timeline/moment", async (c) => {
    const asked = await read(c, services);
    return "status" in asked ? refusal(c, asked.status, asked.code, asked.message) : moment(c, asked);
  });
}

/** What an address asks for, read and drawn as far as both answers need it. */
interface Asked {
  readonly place: LinePlace;
  readonly scope: Scope;
  readonly line: TimeLine;
  readonly now: LineNow;
  readonly past: PastEngine;
  readonly drawing: Drawing;
}

async function read(c: Context, services: PageServices): Promise<Asked | PositionFault> {
  const { engine } = services;
  const query = new URL(c.req.url).searchParams;
  const last = engine.state().position;
  const history = LogHistory.of(engine);
  await history.readTo(last);
  const scope = scopeOf(engine.state(), query.get("scope") ?? "");
  if (scope === null) return missing("The address names a part of the log that there is not: no such goal or track.");
  const end = history.record.extentOf(scope)?.to ?? last;
  const asked = query.has("at") || last === 0 ? askedPosition(query, last) : end;
  if (asked === null) return missing("The log is empty: there is nothing on its time line yet.");
  if (typeof asked !== "number") return asked;
  const place = { position: asked, view: query.get("view") ?? "overview", scope: query.get("scope") ?? "" };
  const path = pathOfView(place.view);
  if (path === null)
    return missing(
      "The address names a view that there is not: overview, streams, gates, usage, context, track:ID or ticket:ID.",
    );
  const past = await history.at(asked);
  const drawing = openPage(pastServices(services, past), path)?.draw(true) ?? notYet(asked);
  const line = history.record.lineOf(scope, asked);
  const now = nowOf({ engine, past, place, scope, line });
  return { place, scope, line, now, past, drawing };
}

function missing(message: string): PositionFault {
  return { status: 404, code: "not_found", message };
}

/** The line goes on where its subject had not begun: nobody should fall off it. */
function notYet(position: number): Drawing {
  const words = <p class="quiet">{`At position ${position} this was not there yet. Move on to see it.`}</p>;
  return { panes: [], regions: [region("not-yet", "Not there yet", words)] };
}

function scopeOf(state: State, text: string): Scope | null {
  if (text === "") return { name: "log" };
  const [kind, ...rest] = text.split(":");
  const id = rest.join(":");
  if (kind === "epic" && state.epics.has(id)) return { name: "epic", epicId: id };
  return kind === "track" && state.tracks.has(id) ? { name: "track", trackId: id } : null;
}

interface NowSource extends Pick<Asked, "past" | "place" | "scope" | "line"> {
  readonly engine: EngineApi;
}

function nowOf({ engine, past, place, scope, line }: NowSource): LineNow {
  const { position, at } = momentOf(past);
  const step = (words: string, to: number | null) => ({
    words,
    href:
      to === null || to === position || to < line.from || to > line.to ? null : lineHref({ ...place, position: to }),
  });
  const [marks, phases] = [neighbours(line.markPositions, position), neighbours(line.phasePositions, position)];
  return {
    position,
    at,
    last: engine.state().position,
    words: wordsOf(past),
    spentUsd: spentUsd(past.state(), scope),
    isEnded: isEnded(engine.state(), scope),
    steps: [
      step("First", line.from),
      step("Phase before", phases.before),
      step("Mark before", marks.before),
      step("Event before", position - 1),
      step("Next event", position + 1),
      step("Next mark", marks.after),
      step("Next phase", phases.after),
      step("Last", line.to),
    ],
    views: viewChoices(engine.state(), place),
    scopes: scopeChoices(engine.state(), place),
    nowHref: pathOfView(place.view) ?? "/",
  };
}

function viewChoices(state: State, place: LinePlace): LineChoice[] {
  const views = ["overview", "streams", "gates", "usage", "context"];
  if (!views.includes(place.view)) views.push(place.view);
  return views.map((view) => ({
    name: nameOfView(state, view),
    href: lineHref({ ...place, view }),
    isChosen: view === place.view,
  }));
}

/** A part of the project by its title, a page by its name. */
function nameOfView(state: State, view: string): string {
  const [, kind, id = ""] = /^(track|ticket):(.*)$/.exec(view) ?? [];
  if (kind === "track") return state.tracks.get(id)?.title ?? id;
  return kind === "ticket"
    ? `${id} ${state.tickets.get(id)?.title ?? ""}`
    : view.charAt(0).toUpperCase() + view.slice(1);
}

/** As many goals as fit beside the whole; a track has its own line from its page. */
const scopeLimit = 8;

function scopeChoices(state: State, place: LinePlace): LineChoice[] {
  const epics = [...state.epics.keys()].slice(-scopeLimit).map((epicId) => ({ name: epicId, scope: `epic:${epicId}` }));
  const scopes = [{ name: "Whole log", scope: "" }, ...epics];
  if (!scopes.some(({ scope }) => scope === place.scope))
    scopes.push({ name: nameOfView(state, place.scope), scope: place.scope });
  return scopes.map(({ name, scope }) => ({
    name,
    href: lineHref({ ...place, scope }),
    isChosen: scope === place.scope,
  }));
}

function whole(
  c: Context,
  services: PageServices,
  { place, line, now, past, drawing }: Asked,
): Response | Promise<Response> {
  const content = <TimeLineView line={line} now={now} view={place.view} scope={place.scope} />;
  const head = region("time-line", "Time line", content, { isHeadingShown: false });
  const { pathname, search } = new URL(c.req.url);
  const view = {
    ...frameOf(c, services),
    title: "Time line",
    warnings: past.warnings,
    path: `${pathname}${search}`,
    regions: [head],
    foot: <MomentView drawing={drawing} />,
  };
  const shell = asOf(past, <Shell view={view} status={statusBar(past)} />);
  return c.html(`<!doctype html>${linked(withNonce(nonceOf(c), shell), place)}`);
}

/** The parts that differ from one position to the next, as htmx takes them. */
function moment(c: Context, { place, now, past, drawing }: Asked): Response | Promise<Response> {
  const drawn = (content: ReturnType<typeof MomentView>) => linked(withNonce(nonceOf(c), asOf(past, content)), place);
  const parts = [
    morphPartial("status", drawn(statusBar(past))),
    morphPartial("time-now", drawn(<TimeLineNow now={now} />)),
    morphPartial("time-steps", drawn(<TimeLineSteps now={now} />)),
    morphPartial("time-views", drawn(<TimeLineViews now={now} />)),
    morphPartial("moment", drawn(<MomentView drawing={drawing} />)),
  ];
  return c.html(parts.join(""));
}

function linked(html: string, place: LinePlace): string {
  return withPastLinks(html, place.position, onTimeLine(place));
}

function MomentView({ drawing }: { readonly drawing: Drawing }) {
  return (
    <div id="moment" class="moment">
      <RegionList regions={drawing.regions} />
      {drawing.panes.length > 0 ? <StreamWords /> : null}
    </div>
  );
}
