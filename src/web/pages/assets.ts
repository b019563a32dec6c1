/** The files that a browser gets: embedded in the compiled binary, read from disk otherwise. */
import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import cspScript from "htmx.org/dist/ext/hx-csp.min.js" with { type: "file" };
import sseScript from "htmx.org/dist/ext/hx-sse.min.js" with { type: "file" };
import htmxScript from "htmx.org/dist/htmx.min.js" with { type: "file" };
import clientScript from "../../../views/client.js" with { type: "file" };
import gateEditsScript from "../../../views/gate-edits.js" with { type: "file" };
import gatesScript from "../../../views/gates.js" with { type: "file" };
import graphScript from "../../../views/graph.js" with { type: "file" };
import icon from "../../../views/icon.svg" with { type: "file" };
import keysScript from "../../../views/keys.js" with { type: "file" };
import loginScript from "../../../views/login.js" with { type: "file" };
import paletteScript from "../../../views/palette.js" with { type: "file" };
import panesScript from "../../../views/panes.js" with { type: "file" };
import sinceScript from "../../../views/since.js" with { type: "file" };
import sliderScript from "../../../views/slider.js" with { type: "file" };
import baseStyle from "../../../views/style/base.css" with { type: "file" };
import contextStyle from "../../../views/style/context.css" with { type: "file" };
import eventsStyle from "../../../views/style/events.css" with { type: "file" };
import frameStyle from "../../../views/style/frame.css" with { type: "file" };
import gatesStyle from "../../../views/style/gates.css" with { type: "file" };
import narrowStyle from "../../../views/style/narrow.css" with { type: "file" };
import overviewStyle from "../../../views/style/overview.css" with { type: "file" };
import pastStyle from "../../../views/style/past.css" with { type: "file" };
import planStyle from "../../../views/style/plan.css" with { type: "file" };
import recordsStyle from "../../../views/style/records.css" with { type: "file" };
import settingsStyle from "../../../views/style/settings.css" with { type: "file" };
import streamsStyle from "../../../views/style/streams.css" with { type: "file" };
import ticketStyle from "../../../views/style/ticket.css" with { type: "file" };
import timeLineStyle from "../../../views/style/time-line.css" with { type: "file" };
import trackStyle from "../../../views/style/track.css" with { type: "file" };
import usageStyle from "../../../views/style/usage.css" with { type: "file" };
import waitingScript from "../../../views/waiting.js" with { type: "file" };

const script = "text/javascript; charset=utf-8";

/** One sheet to the browser, a file for each part of the page here; a later one overrules an earlier one. */
const styles = [
  baseStyle,
  gatesStyle,
  trackStyle,
  planStyle,
  ticketStyle,
  streamsStyle,
  recordsStyle,
  overviewStyle,
  contextStyle,
  usageStyle,
  settingsStyle,
  eventsStyle,
  frameStyle,
  pastStyle,
  timeLineStyle,
  narrowStyle,
];

/** One file to the browser too; they share a scope, and a later one builds on an earlier one. */
const scripts = [
  clientScript,
  sinceScript,
  panesScript,
  keysScript,
  gateEditsScript,
  gatesScript,
  graphScript,
  sliderScript,
  paletteScript,
  waitingScript,
];

const assets: ReadonlyMap<string, { readonly paths: readonly string[]; readonly type: string }> = new Map([
  ["style.css", { paths: styles, type: "text/css; charset=utf-8" }],
  ["client.js", { paths: scripts, type: script }],
  ["login.js", { paths: [loginScript], type: script }],
  ["htmx.js", { paths: [htmxScript, cspScript, sseScript], type: script }],
  ["icon.svg", { paths: [icon], type: "image/svg+xml" }],
]);

let madeVersion: string | null = null;

/** Names the text of all assets: in an address it lets a browser keep what it has for as long as nothing changes. */
export function assetVersion(): string {
  if (madeVersion !== null) return madeVersion;
  const hash = new Bun.CryptoHasher("sha256");
  for (const { paths } of assets.values()) for (const path of paths) hash.update(readFileSync(path));
  madeVersion = hash.digest("hex").slice(0, 16);
  return madeVersion;
}

/** Adds `/assets/<name>`; any other name is left to what comes after. */
export function registerAssets(app: Hono): void {
  app.get("/assets/:name", async (c, next) => {
    const asset = assets.get(c.req.param("name"));
    if (!asset) return next();
    const texts = await Promise.all(asset.paths.map((path) => Bun.file(path).text()));
    return c.body(texts.join("\n"), 200, { "content-type": asset.type });
  });
}
