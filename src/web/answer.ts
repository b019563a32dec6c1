/** How the server says no: JSON for the API, a small readable page for people. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Rejection } from "../domain/command.ts";
import { noticePage } from "./notice-page.tsx";
import { nonceOf } from "./security-headers.ts";

/** The status that a refused command's code stands for. */
export const rejectionStatus = { not_found: 404, conflict: 409, stale: 409, invalid: 422 } as const satisfies Record<
  Rejection["code"],
  number
>;

/** Whether an answer goes to a program: everything under `/api`, and whoever asks for JSON. */
export function wantsJson(c: Context): boolean {
  if (c.req.path === "/api" || c.req.path.startsWith("/api/")) return true;
  const accept = c.req.header("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** An error of the API's shape, or the same words on a page. */
export function refusal(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  { hasLogin = false }: { readonly hasLogin?: boolean } = {},
): Response | Promise<Response> {
  if (wantsJson(c)) return c.json({ error: { code, message } }, status);
  return c.html(html`<!DOCTYPE html>${noticePage({ status, message, hasLogin, nonce: nonceOf(c) })}`, status);
}
