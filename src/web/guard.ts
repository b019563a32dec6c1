/**
 * The guard in front of every route, in the order of the contract: Host, Origin, Sec-Fetch-Site, who asks, and for a
 * change the header token. No CORS headers exist, and OPTIONS is a request like any other.
 *
 * A `Sec-Fetch-Site` that is absent passes: programs and old browsers send none. A rebound name is stopped by Host, a
 * cross-site page by the SameSite=Strict cookie, a change by its header token; so its absence opens nothing.
 */
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { refusal, wantsJson } from "./answer.ts";
import type { WebServices } from "./web-services.ts";

/** Paths that need no session: the health check, the login, and the static files of the login page. */
const openPaths: ReadonlySet<string> = new Set([
  "/healthz",
  "/login",
  "/assets/login.js",
  "/assets/style.css",
  "/assets/icon.svg",
]);

export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly code: string;
  readonly message: string;
  /** The words for a person on a page, where they differ. */
  readonly pageMessage?: string;
}

/** What the guard looks at. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly headerToken: string | undefined;
}

/** Refuses what may not pass. */
export function guard(services: WebServices): MiddlewareHandler {
  return async (c, next) => {
    const refused = judge(services, visitOf(c, services));
    if (!refused) return next();
    // A person who follows a link from elsewhere lands here: from this page, which is ours, the way in is open.
    const hasLogin = refused.status === 401 || refused.code === "cross_site";
    const message = wantsJson(c) ? refused.message : (refused.pageMessage ?? refused.message);
    return refusal(c, refused.status, refused.code, message, { hasLogin });
  };
}

/** The whole decision; null lets the visit pass. */
export function judge({ access, names }: Pick<WebServices, "access" | "names">, visit: Visit): Refusal | null {
  if (visit.host === undefined || !names.hosts.has(visit.host)) return wrongHost(names.apiUrl);
  if (visit.origin !== undefined && !names.origins.has(visit.origin)) return foreignOrigin;
  if (!["same-origin", "none", undefined].includes(visit.fetchSite)) return crossSite;
  if (openPaths.has(visit.path)) return null;
  if (hasBearer(access, visit)) return null;
  if (visit.cookie === undefined || !access.isSession(visit.cookie)) return notLoggedIn;
  if (isRead(visit.method)) return null;
  if (visit.headerToken !== undefined && access.isHeaderToken(visit.cookie, visit.headerToken)) return null;
  return noHeaderToken;
}

/** The session cookie of a request, if it has one. */
export function sessionCookie(c: Context, services: Pick<WebServices, "names">): string | undefined {
  return getCookie(c, services.names.cookieName);
}

/** Whether the request carries the API token. */
export function hasBearer(access: WebServices["access"], visit: Pick<Visit, "authorization">): boolean {
  const token = /^Bearer +(\S+)$/i.exec(visit.authorization ?? "")?.[1];
  return token !== undefined && access.isApiToken(token);
}

function visitOf(c: Context, services: WebServices): Visit {
  return {
    method: c.req.method,
    path: c.req.path,
    host: c.req.header("host"),
    origin: c.req.header("origin"),
    fetchSite: c.req.header("sec-fetch-site"),
    authorization: c.req.header("authorization"),
    cookie: sessionCookie(c, services),
    headerToken: c.req.header("x-signalbox-token"),
  };
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function wrongHost(apiUrl: string): Refusal {
  const message = `This server does not answer under that name. Use ${apiUrl}, or the address that "signalbox url" prints.`;
  return { status: 421, code: "wrong_host", message };
}

const foreignOrigin: Refusal = {
  status: 403,
  code: "foreign_origin",
  message: "Another site sent this request. Only Signalbox's own pages and programs with the API token may.",
};

const crossSite: Refusal = {
  status: 403,
  code: "cross_site",
  message: "Another site or program opened this address. Go on from here, or type the address into the browser.",
};

const notLoggedIn: Refusal = {
  status: 401,
  code: "unauthorized",
  pageMessage: "You are not logged in here.",
  message:
    'Nobody is logged in here. Run "signalbox url" in the project and open the address that it prints; programs send "Authorization: Bearer <token>" with the token from .signalbox/token.',
};

const noHeaderToken: Refusal = {
  status: 403,
  code: "no_header_token",
  message: "A change needs the page's header token or the API token. Reload the page and try again.",
  pageMessage:
    "A change carries a token that the page's script adds. Go back and try again; without JavaScript the command line does the same: signalbox gates, pause, retry, skip, cancel.",
};
