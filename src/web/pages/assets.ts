/** The files that a browser gets: embedded in the compiled binary, read from disk otherwise. */
import type { Hono } from "hono";
import cspScript from "htmx.org/dist/ext/hx-csp.min.js" with { type: "file" };
import sseScript from "htmx.org/dist/ext/hx-sse.min.js" with { type: "file" };
import htmxScript from "htmx.org/dist/htmx.min.js" with { type: "file" };
import clientScript from "../../../views/client.js" with { type: "file" };
import gatesScript from "../../../views/gates.js" with { type: "file" };
import icon from "../../../views/icon.svg" with { type: "file" };
import loginScript from "../../../views/login.js" with { type: "file" };
import styleSheet from "../../../views/style.css" with { type: "file" };

const script = "text/javascript; charset=utf-8";

const assets: ReadonlyMap<string, { readonly path: string; readonly type: string }> = new Map([
  ["style.css", { path: styleSheet, type: "text/css; charset=utf-8" }],
  ["client.js", { path: clientScript, type: script }],
  ["gates.js", { path: gatesScript, type: script }],
  ["login.js", { path: loginScript, type: script }],
  ["htmx.min.js", { path: htmxScript, type: script }],
  ["hx-csp.min.js", { path: cspScript, type: script }],
  ["hx-sse.min.js", { path: sseScript, type: script }],
  ["icon.svg", { path: icon, type: "image/svg+xml" }],
]);

/** Adds `/assets/<name>`; any other name is left to what comes after. */
export function registerAssets(app: Hono): void {
  app.get("/assets/:name", async (c, next) => {
    const asset = assets.get(c.req.param("name"));
    if (!asset) return next();
    return c.body(await Bun.file(asset.path).arrayBuffer(), 200, { "content-type": asset.type });
  });
}
