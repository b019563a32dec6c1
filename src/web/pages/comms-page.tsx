/** @jsxImportSource hono/jsx */
/** Provider traffic as pages: the calls without their bodies, and one call in full. */

import { CallList, CallView, CommsFilter } from "../../../views/comms-view.tsx";
import type { EventOf } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { type CallFilter, callDetail } from "../../projections/view-comms.ts";
import { readAgent } from "../agent-context.ts";
import { everyEvent } from "../every-event.ts";
import { CallBook } from "./call-book.ts";
import { type OpenPage, region } from "./page.ts";
import type { PageServices } from "./page-services.ts";
import { redrawnOn } from "./redrawn-on.ts";

/** The calls, newest first, or the call that the address names; null when there is no such call. */
export function commsPage(
  services: Pick<PageServices, "engine" | "toolsFor">,
  query: URLSearchParams,
): OpenPage | null {
  const callId = query.get("call");
  return callId === null ? listPage(services.engine, query) : callPage(services, callId);
}

function listPage(engine: EngineApi, query: URLSearchParams): OpenPage {
  const filter = filterOf(query);
  const before = Number.parseInt(query.get("before") ?? "", 10);
  const book = new CallBook(engine, filter, Number.isNaN(before) ? null : Math.max(1, before));
  const link = (to: number | null): string => {
    const { stream, model, status } = filter;
    const given = Object.entries({ stream, model, status, before: to === null ? "" : String(to) });
    const next = new URLSearchParams(given.filter(([, value]) => value !== ""));
    return next.size === 0 ? "/comms" : `/comms?${next}`;
  };
  return {
    title: "Comms",
    draw: redrawnOn(engine, "call.*", () => {
      const { rows, older } = book.read();
      const newest = Number.isNaN(before) ? null : link(null);
      const list = <CallList rows={rows} newest={newest} older={older === null ? null : link(older)} />;
      return {
        panes: [],
        regions: [
          region("comms-filter", "Filter", <CommsFilter filter={filter} />, { isHeadingShown: false }),
          region("comms", "Provider traffic", list, { isHeadingShown: false }),
        ],
      };
    }),
  };
}

function filterOf(query: URLSearchParams): CallFilter {
  const status = query.get("status");
  return {
    stream: query.get("stream") ?? "",
    model: query.get("model") ?? "",
    status: status === "running" || status === "settled" || status === "failed" ? status : "",
  };
}

function callPage(services: Pick<PageServices, "engine" | "toolsFor">, callId: string): OpenPage | null {
  const { engine } = services;
  const started = findCall(engine, callId);
  if (!started) return null;
  return {
    title: callId,
    draw: redrawnOn(engine, "call.*", () => {
      const log = readAgent(services, started.agentId);
      const call = log && callDetail(log, callId);
      const content = call ? <CallView call={call} /> : <p class="quiet">There is no such call.</p>;
      return { panes: [], regions: [region("comms-call", "Call", content, { isHeadingShown: false })] };
    }),
  };
}

/** Calls are numbered in the order of the log: a few looks find one among a million events. */
function findCall(engine: EngineApi, callId: string): EventOf<"call.started"> | null {
  const number = numberOf(callId);
  let [low, high] = [0, engine.state().position];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = nextCall(engine, middle);
    if (found?.callId === callId) return found;
    if (!found || numberOf(found.callId) >= number) high = middle;
    else low = found.position;
  }
  for (const event of everyEvent(engine, { type: "call.started" }))
    if (event.type === "call.started" && event.callId === callId) return event;
  return null;
}

function nextCall(engine: EngineApi, after: number): EventOf<"call.started"> | null {
  const [event] = engine.events({ after, limit: 1, type: "call.started" });
  return event?.type === "call.started" ? event : null;
}

function numberOf(callId: string): number {
  return Number(/\d+$/.exec(callId)?.[0] ?? 0);
}
