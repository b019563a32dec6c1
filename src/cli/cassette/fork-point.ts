/**
 * Where a fork leaves its recording, and what is different there. Everything before it comes from the cassette; the ticket, the
 * track or the turn that it names is asked anew, and so is whatever then differs from the recording. What the change does not
 * touch comes from the cassette also where it was later.
 */
import type { Event } from "../../domain/event.ts";
import { gatePayloads, type Json } from "../../domain/gate.ts";
import { isObject } from "../../domain/message-block.ts";
import type { Gate } from "../../domain/state.ts";
import type { Sender } from "../../simulator/cassette-player.ts";
import type { Exchange, Tape } from "../../simulator/cassette-tape.ts";
import { withoutDay } from "../../simulator/volatile.ts";
import { usageError } from "../cli-error.ts";
import { presentTicket } from "./replay-order.ts";

/** What a person changes; nothing changed asks again from there. */
export interface ForkWish {
  readonly from: string;
  /** What the ticket's worker is told in place of the recorded prompt. */
  readonly prompt?: string | undefined;
  readonly model?: string | undefined;
  /** What is approved in place of the tracks or tickets that were proposed. */
  readonly plan?: Json | undefined;
}

type Place =
  | { readonly kind: "ticket"; readonly ticketId: string }
  | { readonly kind: "plan"; readonly gate: "tracks" | "tickets"; readonly subject: string; readonly stream: string }
  | { readonly kind: "turn"; readonly stream: string; readonly attempt: number | null; readonly turn: number };

export class ForkPoint {
  readonly #place: Place;
  readonly #wish: ForkWish;
  #isReached = false;

  /** Throws (exit 2) where the recording has no such place, or nothing can be changed there. */
  constructor(tape: Tape, wish: ForkWish) {
    this.#wish = wish;
    this.#place = placeOf(tape, wish.from);
    const fault = wishFault(this.#place, wish);
    if (fault !== null) throw usageError(fault);
  }

  /** Whether the replay has left the recording: before that, what differs is a fault. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether a request is asked anew, whatever was recorded. */
  isLive(sender: Sender): boolean {
    const isLive = this.#isAnew(sender);
    this.#isReached ||= isLive;
    return isLive;
  }

  #isAnew({ stream, attempt, turn }: Sender): boolean {
    const place = this.#place;
    switch (place.kind) {
      case "ticket":
        return /^Tier [34] /.test(stream) && stream.endsWith(`: ${place.ticketId}`);
      case "plan":
        return this.#wish.plan === undefined && withoutDay(stream) === withoutDay(place.stream);
      case "turn":
        return (
          withoutDay(stream) === withoutDay(place.stream) &&
          (attempt ?? 0) >= (place.attempt ?? 0) &&
          (turn >= place.turn || (attempt ?? 0) > (place.attempt ?? 0))
        );
      default:
        return place satisfies never;
    }
  }

  /** The ticket whose start is to be shown, once it is there; null for any other event. */
  shownTicket(event: Event): string | null {
    const place = this.#place;
    if (place.kind !== "ticket" || this.#isPlain) return null;
    return event.type === "ticket.created" && event.ticketId === place.ticketId ? event.ticketId : null;
  }

  /** What is approved at a gate in place of what it shows; null where the fork changes nothing. */
  edited(gate: Gate): Json | null {
    const place = this.#place;
    if (this.#isReached) return null;
    if (place.kind === "ticket" && !this.#isPlain && gate.kind === "spawn" && gate.ticketId === place.ticketId) {
      this.#isReached = true;
      const shown = gatePayloads.spawn.parse(gate.payload);
      const { prompt = shown.prompt, model = shown.model } = this.#wish;
      return { ...(isObject(gate.payload) ? gate.payload : {}), prompt, model };
    }
    const isPlan = place.kind === "plan" && gate.kind === place.gate && this.#wish.plan !== undefined;
    if (!isPlan || withoutDay(gate.trackId ?? gate.epicId ?? "") !== place.subject) return null;
    this.#isReached = true;
    return this.#wish.plan ?? null;
  }

  get #isPlain(): boolean {
    return this.#wish.prompt === undefined && this.#wish.model === undefined;
  }
}

function wishFault({ kind }: Place, { prompt, model, plan, from }: ForkWish): string | null {
  const hasWords = prompt !== undefined || model !== undefined;
  if (kind !== "ticket" && hasWords)
    return `--prompt and --model change a ticket's start, and ${from} is none: a conversation that has begun keeps both. Give --from T-001, or another ticket.`;
  if (kind !== "plan" && plan !== undefined)
    return `--plan changes what was proposed for a track or a goal, and ${from} is neither. Give --from a track, or the goal's id.`;
  if (prompt?.trim() === "") return "The prompt is empty. Say what the worker is to do.";
  return model?.trim() === "" ? "The model's name is empty." : null;
}

function placeOf(tape: Tape, from: string): Place {
  const { exchanges } = tape;
  const streams = [...new Set(exchanges.map(({ stream }) => stream))];
  const subjectOf = (stream: string) => stream.slice(stream.indexOf(": ") + 2);
  if (/^T-\d+$/.test(from)) {
    if (!streams.some((stream) => subjectOf(stream) === from)) throw noPlace(from, streams);
    return { kind: "ticket", ticketId: presentTicket(from, tape.lines) };
  }
  const planned = streams.find(
    (stream) => /^Tier [12] /.test(stream) && withoutDay(subjectOf(stream)) === withoutDay(from),
  );
  if (planned !== undefined) {
    const isTracks = planned.startsWith("Tier 1 ");
    const subject = isTracks ? "E-001" : withoutDay(subjectOf(planned));
    return { kind: "plan", gate: isTracks ? "tracks" : "tickets", subject, stream: planned };
  }
  const [, stream = "", number = ""] = /^(.+):(\d+)$/.exec(from) ?? [];
  const turn = Number(number);
  // The last attempt that came so far: it is the one that counted.
  const found = exchanges.findLast((exchange: Exchange) => exchange.stream === stream && exchange.turn === turn);
  if (!found) throw noPlace(from, streams);
  const ticket = /T-\d+$/.exec(stream)?.[0];
  const present = ticket === undefined ? stream : stream.replace(ticket, presentTicket(ticket, tape.lines));
  return { kind: "turn", stream: present, attempt: found.attempt, turn };
}

function noPlace(from: string, streams: readonly string[]) {
  return usageError(
    `The recording has no "${from}". Give a ticket, a track, or STREAM:TURN of one of its streams: ${streams.join(", ")}.`,
  );
}
