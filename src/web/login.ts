/** Trades a one-time token for a session cookie, and makes fresh addresses with such a token. */
import type { Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { z } from "zod";
import { sessionSeconds } from "./access.ts";
import { refusal, wantsJson } from "./answer.ts";
import { sessionCookie } from "./guard.ts";
import type { WebServices } from "./web-services.ts";

const LoginForm = z.object({ token: z.string().trim().min(1).max(200) });

/** Adds `/login`. */
export function registerLogin(app: Hono, services: WebServices): void {
  app.get("/login", (c) => {
    const session = sessionCookie(c, services);
    if (session !== undefined && services.access.isSession(session)) return c.redirect("/", 303);
    return refusal(c, 401, "unauthorized", "Enter the one-time token to log in.", { hasLogin: true });
  });
  app.post("/login", (c) => login(c, services));
}

/** The page's address with a one-time token in its fragment, which no server, log or referrer ever sees. */
export function freshUrl(services: Pick<WebServices, "access" | "names">): string {
  return `${services.names.pageUrl}#k=${services.access.newLoginToken()}`;
}

async function login(c: Context, services: WebServices): Promise<Response> {
  const isJson = (c.req.header("content-type") ?? "").includes("application/json");
  const form = LoginForm.safeParse(await fieldsOf(c, isJson));
  const session = form.success ? services.access.login(form.data.token) : null;
  if (session === null) {
    const message = 'That token is unknown, used or older than ten minutes. Run "signalbox url" for a fresh address.';
    if (isJson) return c.json({ error: { code: "bad_token", message } }, 401);
    return refusal(c, 401, "bad_token", message, { hasLogin: true });
  }
  setCookie(c, services.names.cookieName, session, {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    maxAge: sessionSeconds,
  });
  return isJson || wantsJson(c) ? c.json({ isLoggedIn: true }) : c.redirect("/", 303);
}

async function fieldsOf(c: Context, isJson: boolean): Promise<unknown> {
  const text = await c.req.text();
  if (!isJson) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
