/** @jsxImportSource hono/jsx */
/** Adds every page, its assets, its forms and its live connection to the application. Who may come in is decided before. */
import type { Context, Hono } from "hono";
import { Shell } from "../../../views/shell.tsx";
import { refusal } from "../answer.ts";
import { nonceOf } from "../security-headers.ts";
import { registerActions } from "./actions.ts";
import { registerAssets } from "./assets.ts";
import { registerDocumentActions } from "./document-actions.tsx";
import { liveResponse } from "./live-response.ts";
import type { HeldText } from "./live-session.ts";
import { openPage } from "./open-page.ts";
import type { PageServices } from "./page-services.ts";
import { registerPalette } from "./palette.ts";
import { statusBar, withNonce } from "./partials.tsx";
import { StreamFeed } from "./stream-feed.ts";
import { registerTicketParts } from "./ticket-parts.tsx";
import { registerWaiting } from "./waiting.ts";

/** The page's part of the application. */
export function registerPages(app: Hono, services: PageServices): void {
  registerAssets(app);
  registerActions(app, services);
  registerDocumentActions(app, services);
  registerPalette(app, services);
  registerWaiting(app, services);
  registerTicketParts(app, services);
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
  const { pathname, search } = new URL(c.req.url);
  const path = `${pathname}${search}`;
  const page = openPage(services, path);
  if (!page) {
    const message = "There is no such page, track, ticket or agent. The overview lists those that there are.";
    return refusal(c, 404, "not_found", message);
  }
  const view = {
    title: page.title,
    path,
    token: services.headerToken(c),
    projectName: engine.project.name,
    warnings: engine.warnings,
    feedId: StreamFeed.of(engine).id,
    regions: page.draw(true).regions,
  };
  const shell = <Shell view={view} status={statusBar(engine)} />;
  return c.html(`<!doctype html>${withNonce(nonceOf(c), shell)}`);
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
