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

/** The page's part of the application. */
export function registerPages(app: Hono, services: PageServices): void {
  registerAssets(app);
  registerActions(app, services);
  app.get("/live", (c) => {
    const page = openPage(services, c.req.query("page") ?? "/");
    if (!page) return refusal(c, 404, "not_found", "There is no such page.");
    return liveResponse(services, page, AbortSignal.any([c.req.raw.signal, services.closing]));
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
    regions: page.draw(true).regions,
  };
  return c.html(`<!doctype html>${(<Shell view={view} status={statusBar(engine)} />).toString()}`);
}
