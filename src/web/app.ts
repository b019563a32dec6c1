/** The whole web application: headers and guard in front of every route, then login, API, pages, and words for what is not there. */

import type { Context, MiddlewareHandler } from "hono";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { EngineApi } from "../engine/engine-api.ts";
import type { ToolsFor } from "../projections/agent-request.ts";
import { headerToken } from "./access.ts";
import { refusal } from "./answer.ts";
import { guard, sessionCookie } from "./guard.ts";
import { registerLogin } from "./login.ts";
import { securityHeaders } from "./security-headers.ts";
import type { TrustQuestion } from "./trust-question.ts";
import type { WebServices } from "./web-services.ts";

/** The largest body that a request may have. */
export const maxBodyBytes = 1024 * 1024;

/** What the pages get from the server. */
export interface PageSupport {
  readonly engine: EngineApi;
  readonly toolsFor: ToolsFor;
  /** The token that a page puts in `<meta name="signalbox-token">`; "" where the caller came with the API token. */
  readonly headerToken: (c: Context) => string;
  /** Aborted when the server stops: live streams must end then. */
  readonly closing: AbortSignal;
  /** How long a live connection may be silent before a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  readonly trust?: TrustQuestion;
}

/** Adds the pages to an application of their own, when the first of them is asked for. */
export type AddPages = (app: Hono, support: PageSupport) => void | Promise<void>;

/** Builds the application; it is served with `app.fetch` and tried with `app.request`. */
export function createApp(services: WebServices, addPages?: AddPages): Hono {
  const app = new Hono();
  app.use(securityHeaders());
  app.use(guard(services));
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (c) => refusal(c, 413, "too_large", "The request's body is larger than 1 MB; send less."),
    }),
  );
  app.use(freshTrust(services));
  app.get("/healthz", (c) => c.json({ ok: true }));
  registerLogin(app, services);
  addLate(app, "/api/*", services, async (api) => {
    const [{ mountRoutes }, { apiRoutes }] = await Promise.all([
      import("./api/mount-routes.ts"),
      import("./api/routes.ts"),
    ]);
    mountRoutes(api, services, apiRoutes);
  });
  if (addPages) addLate(app, "*", services, (pages) => addPages(pages, pageSupport(services)));
  return withWords(app, services);
}

/** What is asked for is shown as it stands when it is shown. */
function freshTrust({ trust }: WebServices): MiddlewareHandler {
  return async (_c, next) => {
    await trust?.refresh();
    return next();
  };
}

/** Routes behind headers and guard that take longer to load than a server takes to start: the first request for one loads them. */
function addLate(app: Hono, path: string, services: WebServices, add: (late: Hono) => void | Promise<void>): void {
  let loading: Promise<Hono> | null = null;
  const load = async () => {
    const late = withWords(new Hono(), services);
    await add(late);
    return late;
  };
  app.all(path, async (c) => {
    loading ??= load();
    return (await loading).fetch(c.req.raw);
  });
}

/** What is said where there is nothing, or where we failed. */
function withWords(app: Hono, services: WebServices): Hono {
  app.notFound((c) => refusal(c, 404, "not_found", "There is nothing at this address."));
  app.onError((failure, c) => {
    services.reportFailure(failure);
    return refusal(c, 500, "internal", "Signalbox failed to answer; the cause is in its own output on the terminal.");
  });
  return app;
}

function pageSupport(services: WebServices): PageSupport {
  const { engine, toolsFor, closing, heartbeatMs, trust } = services;
  const tokenOf = (c: Context): string => {
    const session = sessionCookie(c, services);
    return session !== undefined && services.access.isSession(session) ? headerToken(session) : "";
  };
  return { engine, toolsFor, closing, heartbeatMs, headerToken: tokenOf, ...(trust && { trust }) };
}
