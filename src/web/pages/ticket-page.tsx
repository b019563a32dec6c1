/** @jsxImportSource hono/jsx */
/** One ticket as a page. */

import { AttemptCosts } from "../../../views/attempt-costs.tsx";
import { type AttemptDiff, AttemptsView, DecisionsView } from "../../../views/attempts-view.tsx";
import { ForkView } from "../../../views/fork-view.tsx";
import { LanesView } from "../../../views/stream-pane.tsx";
import { TicketEditor, TicketHead, TicketLevers } from "../../../views/ticket-view.tsx";
import { TranscriptView } from "../../../views/transcript-view.tsx";
import type { Event } from "../../domain/event.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { diffFiles } from "../../projections/view-diff.ts";
import { type ForkFormView, forkForm } from "../../projections/view-fork.ts";
import { ticketFormView } from "../../projections/view-plan.ts";
import { type AttemptView, type TicketDetail, ticketDetail } from "../../projections/view-ticket.ts";
import { transcript } from "../../projections/view-transcript.ts";
import type { Forker } from "../forker.ts";
import { pastOf } from "../past/past-engine.ts";
import { shownHunks } from "./diff-lines.ts";
import { gateRegion } from "./gate-region.tsx";
import { drawLanes } from "./lanes.ts";
import { type OpenPage, region } from "./page.ts";
import { TicketTail } from "./ticket-tail.ts";

/** One ticket with its evidence; null when there is no such ticket. The query says which turns of which attempt are shown. */
export function ticketPage(
  engine: EngineApi,
  ticketId: string,
  query = new URLSearchParams(),
  forker?: Forker,
): OpenPage | null {
  const known = engine.state().tickets.get(ticketId);
  if (!known) return null;
  const events = new TicketTail(engine, ticketId);
  const diffs = new KeptDiffs();
  return {
    title: `${ticketId} ${known.title}`,
    draw(hasStreamText) {
      const state = engine.state();
      const told = events.read();
      const ticket = state.tickets.get(ticketId) ?? known;
      const detail = ticketDetail(state, ticket, told);
      const lanes = drawLanes(engine, hasStreamText, 4, { ticketId });
      const inUse = lanes.lanes.filter((lane) => lane.panes.length > 0);
      const shown = { attempts: detail.attempts, diffs: diffs.of(detail.attempts) };
      return {
        panes: lanes.panes,
        redrawAtMs: lanes.redrawAtMs,
        regions: [
          region("ticket", "Ticket", <TicketHead ticket={detail} />, { span: "main", isHeadingShown: false }),
          ...(pastOf(engine) ? [] : [leverRegion(detail, ticketFormView(state, ticket))]),
          region("decisions", "Decisions", <DecisionsView decisions={detail.decisions} />, { span: "side" }),
          ...gateRegion(engine, { ticketId }),
          region("lanes", "Streams", <LanesView lanes={inUse} size="large" />),
          region("attempts", "Attempts", <AttemptsView ticketId={ticketId} {...shown} />),
          region("transcript", "Transcript", <TurnsOf detail={detail} events={told} query={query} />),
          region("costs", "Cost", <AttemptCosts {...detail} />),
          ...forkRegion(forkForm(state, ticket, detail.attempts), forker),
        ],
      };
    },
  };
}

function leverRegion(detail: TicketDetail, form: ReturnType<typeof ticketFormView>) {
  const levers = (
    <>
      <TicketLevers ticket={detail} />
      <TicketEditor ticket={form} trackId={detail.trackId} />
    </>
  );
  return region("levers", "Levers", levers, { span: "side" });
}

/** Where this server can fork, the way to do it, and what was forked. */
function forkRegion(form: ForkFormView | null, forker: Forker | undefined) {
  if (!form || !forker) return [];
  return [region("fork", "Fork", <ForkView form={form} forks={forker.list(form.ticketId)} />, { span: "side" })];
}

interface TurnsProps {
  readonly detail: TicketDetail;
  readonly events: readonly Event[];
  readonly query: URLSearchParams;
}

/** The turns of the attempt that the address names, else of the last. */
function TurnsOf({ detail, events, query }: TurnsProps) {
  const begun = detail.attempts.filter(({ agentId }) => agentId !== null);
  const asked = begun.find(({ attempt }) => String(attempt) === query.get("attempt")) ?? begun[0];
  if (!asked) return <p class="quiet">No worker has begun yet.</p>;
  const turns = transcript(events, new Set([asked.agentId ?? ""]), query.get("before"));
  const attempts = begun.map(({ attempt }) => attempt).reverse();
  return <TranscriptView transcript={turns} ticketId={detail.ticketId} attempt={asked.attempt} attempts={attempts} />;
}

/** Diffs are read and coloured once: they change with a check, and a page is drawn after every event. */
class KeptDiffs {
  readonly #kept = new Map<number, AttemptDiff>();

  of(attempts: readonly AttemptView[]): ReadonlyMap<number, AttemptDiff> {
    const positions = new Set(attempts.map(({ diffPosition }) => diffPosition));
    for (const position of this.#kept.keys()) if (!positions.has(position)) this.#kept.delete(position);
    const changed = attempts.filter(({ diff }) => diff !== "");
    return new Map(changed.map((attempt) => [attempt.attempt, this.#read(attempt)]));
  }

  #read({ diff: text, diffPosition }: AttemptView): AttemptDiff {
    const known = this.#kept.get(diffPosition);
    if (known) return known;
    const diff = diffFiles(text, String(diffPosition));
    const open = diff.files.filter(({ isOpen }) => isOpen);
    const read = { diff, shown: new Map(open.map((file) => [file.index, shownHunks(file)])) };
    this.#kept.set(diffPosition, read);
    return read;
  }
}
