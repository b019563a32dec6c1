/** @jsxImportSource hono/jsx */
/** Adds every page, its assets, its forms and its live connection to the application. Who may come in is decided before. */
import type { Context, Hono } from "hono";
import { Shell } from "../../../views/shell.tsx";
import { refusal } from "../answer.ts";
import { askedPosition, hasPast } from "../past/asked-position.ts";
import { LogHistory } from "../past/log-history.ts";
import { atPosition, withPastLinks } from "../past/past-links.ts";
import { asOf, pastBar } from "../past/past-page.tsx";
import { pastServices } from "../past/past-services.ts";
import { nonceOf } from "../security-headers.ts";
import { registerActions } from "./actions.ts";
import { registerAssets } from "./assets.ts";
import { registerDocumentActions } from "./document-actions.tsx";
import { liveResponse } from "./live-response.ts";
import type { HeldText } from "./live-session.ts";
import { openPage } from "./open-page.ts";
import { frameOf } from "./page-frame.ts";
import type { PageServices } from "./page-services.ts";
import { registerPalette } from "./palette.ts";
import { statusBar, withNonce } from "./partials.tsx";
import { registerTicketParts } from "./ticket-parts.tsx";
import { registerTimeLine } from "./time-line-page.tsx";
import { registerWaiting } from "./waiting.ts";

/** The page's part of the application. */
export function registerPages(app: Hono, services: PageServices): void {
  registerAssets(app);
  registerActions(app, services);
  registerDocumentActions(app, services);
  registerPalette(app, services);
  registerWaiting(app, services);
  registerTicketParts(app, services);
  registerTimeLine(app, services);
  app.get("/live", (c) => {
    const page = openPage(services, c.req.query("page") ?? "/");
    if (!page) return refusal(c, 404, "not_found", "There is no such page.");
    const signal = AbortSignal.any([c.req.raw.signal, services.closing]);
    return liveResponse(services, page, signal, { nonce: pageNonce(c), held: heldText(c) });
  });
  app.get("*", (c) => showPage(c, services));
}

function showPage(c: Context, services: PageServices): Response | Promise<Response> {
  const { engine } = services;
  const url = new URL(c.req.url);
  const asked = hasPast(url.pathname) ? askedPosition(url.searchParams, engine.state().position) : null;
  if (typeof asked === "number") return showPast(c, services, url, asked);
  if (asked !== null) return refusal(c, asked.status, asked.code, asked.message);
  const path = `${url.pathname}${url.search}`;
  const page = openPage(services, path);
  if (!page) {
    const message = "There is no such page, track, ticket or agent. The overview lists those that there are.";
    return refusal(c, 404, "not_found", message);
  }
  const { title } = page;
  const view = { ...frameOf(c, services), title, path, regions: page.draw(true).regions };
  const shell = <Shell view={view} status={statusBar(engine)} />;
  return c.html(`<!doctype html>${withNonce(nonceOf(c), shell)}`);
}

/** The same page as it was at a position: nothing on it acts, and its links stay there. */
async function showPast(c: Context, services: PageServices, url: URL, position: number): Promise<Response> {
  const { engine } = services;
  const past = await LogHistory.of(engine).at(position);
  const path = `${url.pathname}${url.search}`;
  const page = openPage(pastServices(services, past), path);
  if (!page) {
    const message = `At position ${position} there was no such page, track, ticket or agent: it may have come later.`;
    return refusal(c, 404, "not_found", message);
  }
  const drawing = page.draw(true);
  const head = pastBar(past, url, drawing, engine.state().position);
  const title = `${page.title} at ${position}`;
  const view = { ...frameOf(c, services), title, path, warnings: past.warnings, head, regions: drawing.regions };
  const shell = asOf(past, <Shell view={view} status={statusBar(past)} />);
  const html = withPastLinks(withNonce(nonceOf(c), shell), position, atPosition(position));
  return c.html(`<!doctype html>${html}`);
}

/**
 * The nonce of the page that asks for its live connection, as its script says it. htmx checks elements of a message against
 * the page's nonce, and unlike the answer to a form it does not translate one that a message brings.
 */
function pageNonce(c: Context): string {
  const said = c.req.header("x-signalbox-nonce") ?? "";
  return /^[A-Za-z0-9_-]{16,64}$/.test(said) ? said : "";
}

/** The text that a browser has already, as its script says it: `<feed> <pane>=<offset>,<pane>=<offset>`. */
function heldText(c: Context): HeldText | null {
  const [feedId = "", list = ""] = (c.req.header("x-signalbox-held") ?? "").split(" ");
  if (feedId === "") return null;
  const offsets = list.split(",").map((one): [string, number] => {
    const [pane = "", offset = ""] = one.split("=");
    return [pane, Number(offset)];
  });
  return { feedId, offsets: new Map(offsets.filter(([, offset]) => Number.isSafeInteger(offset) && offset >= 0)) };
}
