/** Every path that the application answers, from its own tables: a route that is added is tried without being listed. */
import { Hono } from "hono";
import { apiRoutes } from "../../src/web/api/routes.ts";
import type { PageServices } from "../../src/web/pages/page-services.ts";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { pageLinks } from "../../views/page-links.ts";
import { FakeEngine } from "../support/fake-engine.ts";

/** These refuse of their own accord, which cannot be told from the guard: an unknown one-time token, a session that asks for one. */
const refusing = ["/login", "/api/login-tokens"];

/** Paths whose named parts are filled with a name that nothing has, so that what passes the guard finds nothing to change. */
export function appPaths(): readonly string[] {
  const routes = [...routedPaths(), ...apiRoutes.map(({ path }) => path), ...pageLinks.map(({ href }) => href)];
  const known = routes.filter((path) => !path.includes("*") && !refusing.includes(path));
  return [...new Set(known.map((path) => path.replace(/:\w+/g, "nobody")))];
}

const settingsEditor: NonNullable<PageServices["settingsEditor"]> = {
  fault: () => Promise.resolve(null),
  change: () => Promise.resolve({ isDone: true, message: "" }),
};

function routedPaths(): string[] {
  const pages = new Hono();
  registerPages(pages, {
    engine: new FakeEngine(),
    toolsFor: () => [],
    headerToken: () => "",
    closing: new AbortController().signal,
    heartbeatMs: 60_000,
    // Some routes are there only where settings can be saved.
    settingsEditor,
  });
  return ["/healthz", ...pages.routes.map(({ path }) => path)];
}
