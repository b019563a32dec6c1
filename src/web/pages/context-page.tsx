/** @jsxImportSource hono/jsx */
/** What agents know, as pages: all of them, one part by part, one piece in full, and the exact text of a request. */

import {
  ContextHead,
  ContextParts,
  PieceList,
  PieceText,
  RequestText,
  TrimPreview,
} from "../../../views/context-detail.tsx";
import { ContextList, EstimateErrors } from "../../../views/context-view.tsx";
import type { Markup } from "../../../views/region.ts";
import { contextOf, correctionFor } from "../../domain/evolve-context.ts";
import { wireText } from "../../domain/next-request.ts";
import type { Agent } from "../../domain/state.ts";
import { Role } from "../../domain/stream-id.ts";
import { contextMap } from "../../projections/context-map.ts";
import { modelErrors } from "../../projections/estimate-error.ts";
import { contextPageOf } from "../../projections/view-context.ts";
import { EventTail } from "./event-tail.ts";
import { type Drawing, type OpenPage, region } from "./page.ts";
import type { PageServices } from "./page-services.ts";

/** Every agent's context, or one agent's; null when there is no such agent or piece. */
export function contextPage(services: PageServices, query: URLSearchParams): OpenPage | null {
  const agentId = query.get("agent");
  if (agentId === null) return listPage(services, query);
  if (!services.engine.state().agents.has(agentId)) return null;
  const mapOf = mapper(services);
  const told = () => mapOf(services.engine.state().agents.get(agentId));
  const key = query.get("piece");
  if (key !== null)
    return pieceDrawing(told, key) === null ? null : { title: "Context", draw: () => pieceDrawing(told, key) ?? gone };
  const draw = query.get("view") === "request" ? () => requestDrawing(told) : () => detailDrawing(services, told);
  return { title: "Context", draw };
}

type Told = ReturnType<typeof contextMap>;

const gone: Drawing = { panes: [], regions: [region("context-piece", "Piece", <p class="quiet">It has moved on.</p>)] };

function listPage(services: PageServices, query: URLSearchParams): OpenPage {
  const { engine } = services;
  const role = Role.safeParse(query.get("role")).data ?? null;
  const page = Number.parseInt(query.get("page") ?? "1", 10) || 1;
  const mapOf = mapper(services);
  return {
    title: "Context",
    draw() {
      const state = engine.state();
      const list = contextPageOf(state, { role, page }, (agent) => mapOf(agent).map);
      return {
        panes: [],
        regions: [
          region("context", "Agents", <ContextList list={list} role={role} />, { isHeadingShown: false }),
          region("context-errors", "How good the estimates are", <EstimateErrors models={modelErrors(state)} />),
        ],
      };
    },
  };
}

/** Maps of agents, each made anew only when its own events, what it waits to send, or what is known of its model have changed. */
function mapper({ engine, toolsFor }: PageServices): (agent: Agent | undefined) => Told {
  const known = new Map<string, { readonly tail: EventTail; key: readonly unknown[]; told: Told | null }>();
  return (agent) => {
    if (!agent) throw new Error("An agent left the state, which nothing does.");
    const entry = known.get(agent.agentId) ?? {
      tail: new EventTail(engine, { agentId: agent.agentId }),
      key: [],
      told: null,
    };
    known.set(agent.agentId, entry);
    const state = engine.state();
    const events = entry.tail.read();
    const unsent = engine.unsent?.(agent.agentId) ?? null;
    const track = state.tracks.get(agent.trackId ?? "");
    const learnt = [contextOf(state, agent.agentId), correctionFor(state, agent), state.settings, track];
    const key = [agent, events.at(-1), unsent, ...learnt];
    if (entry.told && key.every((part, at) => part === entry.key[at])) return entry.told;
    entry.key = key;
    entry.told = contextMap({ state, agent, events, unsent, toolsFor });
    return entry.told;
  };
}

function detailDrawing(services: PageServices, told: () => Told): Drawing {
  const { map } = told();
  const state = services.engine.state();
  const models = modelErrors(state).filter(({ model }) => model === map.model);
  const canCount = services.engine.count !== undefined;
  return {
    panes: [],
    regions: [
      region("context", "Request", <ContextHead map={map} canCount={canCount} />, { isHeadingShown: false }),
      region("context-parts", "Parts", <ContextParts map={map} />, { span: "main" }),
      region("context-trim", map.wouldTrim ? "Trimmed" : "Trimmed next", <TrimPreview map={map} />, { span: "side" }),
      region("context-pieces", "Messages", <PieceList map={map} />),
      region("context-errors", "How good the estimates are", <EstimateErrors models={models} />),
    ],
  };
}

function pieceDrawing(told: () => Told, key: string): Drawing | null {
  const { map } = told();
  const piece = map.pieces.find((each) => each.key === key);
  return piece ? one("context-piece", "Piece", <PieceText map={map} piece={piece} />) : null;
}

function requestDrawing(told: () => Told): Drawing {
  const { map, told: request } = told();
  const { text } = wireText(request.request.body);
  return one("context-request", "Request", <RequestText map={map} text={text} />);
}

function one(id: string, label: string, content: Markup): Drawing {
  return { panes: [], regions: [region(id, label, content, { isHeadingShown: false })] };
}
