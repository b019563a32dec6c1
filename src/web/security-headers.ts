/**
 * Headers on every answer: nothing foreign may be loaded, nothing of ours may be framed, sniffed, read from elsewhere or
 * cached, but for assets under an address that names their text. Scripts run, and htmx acts, only by a nonce that each
 * answer draws anew.
 */
import { randomBytes } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";

const headers: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
};

const nonces = new WeakMap<Request, string>();

/** The nonce of the answer to this request: what its scripts and its forms carry. */
export function nonceOf(c: Context): string {
  const { raw } = c.req;
  const nonce = nonces.get(raw) ?? randomBytes(18).toString("base64url");
  nonces.set(raw, nonce);
  return nonce;
}

/** Sets the headers after everything else, so that no route can weaken them. */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    c.res.headers.set("cache-control", isNamedAsset(c) ? "private, max-age=31536000, immutable" : "no-store");
    c.res.headers.set("content-security-policy", contentSecurityPolicy(nonceOf(c)));
  };
}

/** Assets hold nothing of the project, and a page asks for them by a hash of what they hold. */
function isNamedAsset(c: Context): boolean {
  return c.res.status === 200 && c.req.path.startsWith("/assets/") && c.req.query("v") !== undefined;
}

/** `htmx` is the one policy through which markup may reach the document: hx-csp makes it, and no other can be made. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types htmx",
  ].join("; ");
}
