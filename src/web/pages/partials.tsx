/** @jsxImportSource hono/jsx */
/** Pieces of a page as htmx takes them: `<hx-partial>`s that name their target. Contents come from components only. */

import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { visible } from "../../../views/format.ts";
import { Nonce } from "../../../views/nonce.ts";
import { RegionView } from "../../../views/shell.tsx";
import { StatusBar } from "../../../views/status-bar.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { activityCounts } from "../../projections/activity-count.ts";
import { usageRow } from "../../projections/usage.ts";
import { openGateCount } from "../../projections/view-gates.ts";
import { nowMsOf } from "../past/past-engine.ts";
import type { Drawing } from "./page.ts";

/** The HTML of every region of a drawing by its element id, the status bar included; what htmx may act on has the nonce. */
export function regionHtml(engine: EngineApi, drawing: Drawing, nonce: string): ReadonlyMap<string, string> {
  const parts = new Map([["status", withNonce(nonce, statusBar(engine))]]);
  for (const region of drawing.regions) parts.set(region.id, withNonce(nonce, <RegionView region={region} />));
  return parts;
}

/** The HTML of what is drawn in an answer with this nonce. */
export function withNonce(nonce: string, content: Child): string {
  return (<Nonce.Provider value={nonce}>{content}</Nonce.Provider>).toString();
}

export function statusBar(engine: EngineApi) {
  const state = engine.state();
  const total = usageRow([state.spendTotal]);
  const activity = activityCounts(state, engine.streams().values(), nowMsOf(engine));
  return (
    <StatusBar
      status={{
        openGateCount: openGateCount(state),
        isPaused: state.isPaused,
        activity,
        costUsd: total.costUsd ?? 0,
        isUnpriced: total.unpricedCallCount > 0,
      }}
    />
  );
}

/** Redraws one element as a whole; what has not changed inside it is left alone. */
export function morphPartial(elementId: string, html: string): string {
  return `<hx-partial hx-target="#${elementId}" hx-swap="outerMorph">${html}</hx-partial>`;
}

/** Puts markup into an element, or in the place of it, whatever a person has typed there. */
export function elementPartial(elementId: string, html: string, swap: "innerHTML" | "outerHTML"): string {
  return `<hx-partial hx-target="#${elementId}" hx-swap="${swap}">${html}</hx-partial>`;
}

/** Puts a text into an element, in place of what it held. */
export function textPartial(elementId: string, text: string): string {
  return `<hx-partial hx-target="#${elementId}" hx-swap="innerHTML">${escaped(text)}</hx-partial>`;
}

/** One SSE message. `position` becomes its id; streamed text has none. */
export function sseMessage(html: string, position: number | null): string {
  const id = position === null ? "" : `id: ${position}\n`;
  const data = html
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("");
  return `${id}${data}\n`;
}

function escaped(text: string): string {
  return html`${visible(text)}`.toString();
}
