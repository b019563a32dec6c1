/** @jsxImportSource hono/jsx */
/** Adds every page, its assets, its forms and its live connection to the application. Who may come in is decided before. */
import type { Context, Hono } from "hono";
import { Shell } from "../../../views/shell.tsx";
import { refusal } from "../answer.ts";
import { registerActions } from "./actions.ts";
import { registerAssets } from "./assets.ts";
import { liveResponse } from "./live-response.ts";
import { openPage } from "./open-page.ts";
import type { PageServices } from "./page-services.ts";
import { statusBar } from "./partials.tsx";

const paths = [
  "/",
  "/tracks/:trackId",
  "/tickets/:ticketId",
  "/streams",
  "/gates",
  "/usage",
  "/context",
  "/comms",
  "/events",
  "/settings",
];

/** The page's part of the application. */
export function registerPages(app: Hono, services: PageServices): void {
  registerAssets(app);
  registerActions(app, services);
  for (const path of paths) app.get(path, (c) => showPage(c, services));
  app.get("/live", (c) => {
    const page = openPage(services, c.req.query("page") ?? "/");
    if (!page) return refusal(c, 404, "not_found", "There is no such page.");
    return liveResponse(services, page, AbortSignal.any([c.req.raw.signal, services.closing]));
  });
}

function showPage(c: Context, services: PageServices): Response | Promise<Response> {
  const { engine } = services;
  const { pathname, search } = new URL(c.req.url);
  const path = `${pathname}${search}`;
  const page = openPage(services, path);
  if (!page)
    return refusal(
      c,
      404,
      "not_found",
      "There is no such track, ticket or agent. The overview lists those that there are.",
    );
  const view = {
    title: page.title,
    path,
    token: services.headerToken(c),
    projectName: engine.project.name,
    warnings: engine.warnings,
    regions: page.draw(true).regions,
  };
  return c.html(`<!doctype html>${(<Shell view={view} status={statusBar(engine)} />).toString()}`);
}
