/**
 * The lines of a cassette, told from the log event by event: the log holds what was asked and what came of it, so nothing
 * else has to listen. The same events give the same lines.
 */
import { toolsFor } from "../../agents/tools/toolset.ts";
import { conversationOf } from "../../domain/conversation.ts";
import type { Event, EventOf } from "../../domain/event.ts";
import type { Json } from "../../domain/gate.ts";
import { Message } from "../../domain/message-block.ts";
import { nextRequest, wireText } from "../../domain/next-request.ts";
import type { CassetteLine, ExchangeLine, RecordedResponse } from "../../simulator/cassette.ts";
import { messagesAfter } from "../../simulator/cassette-tape.ts";
import { type FormedRequest, RequestForms } from "../../simulator/request-form.ts";
import { integrationName } from "../../workspace/names.ts";
import { personLines } from "./person-lines.ts";
import { PlanLevers } from "./plan-levers.ts";
import { SettingsLevers } from "./settings-levers.ts";

type Settled = EventOf<"call.settled"> | EventOf<"call.failed">;

/** The last exchange of an agent: what its next one goes on from. */
interface Before {
  readonly exchange: number;
  readonly messages: readonly Json[];
  readonly texts: readonly string[];
}

/** Ends of calls that say nothing of the provider: the agent was stopped, or its thread was lost. */
const notAnswered: ReadonlySet<string> = new Set(["stopped", "lost"]);

export class CassetteLines {
  readonly #forms: RequestForms;
  readonly #eventsOf = new Map<string, Event[]>();
  readonly #attempts = new Map<string, number | null>();
  readonly #gates = new Map<string, EventOf<"gate.opened">>();
  readonly #prefixes = new Map<string, number>();
  readonly #before = new Map<string, Before>();
  readonly #tracks = new Map<string, EventOf<"track.created">>();
  readonly #toldTracks = new Set<string>();
  #levers = new PlanLevers();
  readonly #settings = new SettingsLevers();
  #exchangeCount = 0;
  /** Requests that are told otherwise than they were sent, because another version of the program sent them. */
  roughCount = 0;

  constructor(folder: string) {
    this.#forms = new RequestForms(folder);
  }

  /** Takes what was before the recording: it has no lines, but later ones may be about its tracks. */
  skip(events: readonly Event[]): void {
    for (const event of events) this.take(event);
    this.#levers = new PlanLevers();
    this.#toldTracks.clear();
    this.#prefixes.clear();
    this.#before.clear();
    this.#exchangeCount = 0;
    this.roughCount = 0;
  }

  /** Takes the next event, and gives the lines that it adds. */
  take(event: Event): CassetteLine[] {
    return [...this.#levers.take(event), ...this.#settings.take(event), ...this.#linesOf(event)];
  }

  #linesOf(event: Event): CassetteLine[] {
    if ("agentId" in event && event.agentId !== undefined) this.#keep(event.agentId, event);
    switch (event.type) {
      case "agent.started":
        this.#attempts.set(event.agentId, event.attempt ?? null);
        return [];
      case "call.settled":
      case "call.failed":
        return this.#exchangeLines(event);
      case "command.completed":
        return [{ type: "command", subject: event.ticketId, exitCode: event.exitCode }];
      case "check.completed": {
        const subject = event.subject === "merged" ? integrationName(event.trackId) : event.ticketId;
        return [{ type: "command", subject, exitCode: event.exitCode }];
      }
      case "merge.completed":
        return [{ type: "merged", track: event.trackId, ticket: event.ticketId, tree: event.treeHash }];
      case "gate.opened":
        this.#gates.set(event.gateId, event);
        return [];
      case "track.created":
        this.#tracks.set(event.trackId, event);
        // One that an epic brought is proposed again.
        return event.epicId === undefined ? this.#importLines([event.trackId]) : this.#tell(event.trackId);
      case "run.started":
        return event.trackIds.length === 0
          ? []
          : [...this.#importLines(event.trackIds), { type: "work", kind: "start", trackIds: event.trackIds }];
      default:
        return personLines(event, this.#gates);
    }
  }

  /** Tracks that the lines have not told of yet, with what they need. */
  #importLines(trackIds: readonly string[]): CassetteLine[] {
    return trackIds.flatMap((trackId) => {
      const created = this.#tracks.get(trackId);
      if (!created || this.#toldTracks.has(trackId)) return [];
      this.#tell(trackId);
      const { type: _type, position: _position, at: _at, epicId: _epicId, ...track } = created;
      return [...this.#importLines(track.dependsOn), { type: "work" as const, kind: "import" as const, track }];
    });
  }

  #tell(trackId: string): CassetteLine[] {
    this.#toldTracks.add(trackId);
    return [];
  }

  #keep(agentId: string, event: Event): void {
    const known = this.#eventsOf.get(agentId);
    if (known) known.push(event);
    else this.#eventsOf.set(agentId, [event]);
  }

  #exchangeLines(settled: Settled): CassetteLine[] {
    if (settled.type === "call.failed" && notAnswered.has(settled.code)) return [];
    const events = this.#eventsOf.get(settled.agentId) ?? [];
    const started = events.find((event) => event.type === "agent.started");
    const call = events.findLast((event) => event.type === "call.started" && event.callId === settled.callId);
    if (started?.type !== "agent.started" || call?.type !== "call.started") return [];
    const request = this.#requestOf(events, started, call);
    const { prefix, lines } = this.#prefixOf(request);
    const exchange = this.#exchangeLine(request, { started, call, settled, prefix });
    return [...lines, exchange];
  }

  #requestOf(
    events: readonly Event[],
    started: EventOf<"agent.started">,
    call: EventOf<"call.started">,
  ): FormedRequest {
    const told = conversationOf(events.filter(({ position }) => position <= call.position));
    const { body, messages } = nextRequest({
      model: call.model,
      maxTokens: started.maxTokens,
      system: told.system,
      tools: toolsFor(told.purpose ?? started.purpose),
      messages: told.messages.flatMap((message) => Message.safeParse(message).data ?? []),
      ownWords: told.ownWords,
      choices: told.choices,
      limitTokens: call.request?.limitTokens ?? Number.MAX_SAFE_INTEGER,
    });
    if (call.request !== undefined && call.request.hash !== wireText(body).hash) this.roughCount += 1;
    const { tools } = body;
    // Messages are plain JSON, as their own schema has read them.
    const plain = messages as unknown as Json[];
    return { model: call.model, system: told.system, tools: Array.isArray(tools) ? tools : [], messages: plain };
  }

  #prefixOf({ system = "", tools = [] }: FormedRequest): { prefix: number; lines: CassetteLine[] } {
    const key = JSON.stringify([system, tools]);
    const known = this.#prefixes.get(key);
    if (known !== undefined) return { prefix: known, lines: [] };
    const prefix = this.#prefixes.size + 1;
    this.#prefixes.set(key, prefix);
    return { prefix, lines: [{ type: "prefix", prefix, system: String(system), tools }] };
  }

  #exchangeLine(
    request: FormedRequest,
    told: {
      readonly started: EventOf<"agent.started">;
      readonly call: EventOf<"call.started">;
      readonly settled: Settled;
      readonly prefix: number;
    },
  ): ExchangeLine {
    const { started, call, settled, prefix } = told;
    const response = responseOf(settled);
    const exchange = ++this.#exchangeCount;
    const before = this.#before.get(started.agentId) ?? null;
    const keep = before === null ? 0 : commonLength(before.texts, request.messages);
    const after = messagesAfter({ request, response });
    const texts = after.map((message) => JSON.stringify(message));
    this.#before.set(started.agentId, { exchange, messages: after, texts });
    return {
      type: "exchange",
      exchange,
      role: started.role,
      stream: started.streamId,
      agent: started.agentId,
      attempt: this.#attempts.get(started.agentId) ?? null,
      turn: call.turn,
      tries: call.tries,
      model: call.model,
      prefix,
      after: keep === 0 ? null : (before?.exchange ?? null),
      keep,
      messages: request.messages.slice(keep),
      hash: this.#forms.of(request).hash,
      ...(call.request?.isCounted ? { counted: call.reservedInputTokens } : {}),
      response,
    };
  }
}

function responseOf(settled: Settled): RecordedResponse {
  const { usage, isUsageKnown } = settled;
  const told = { usage, ...(isUsageKnown === undefined ? {} : { isUsageKnown }) };
  if (settled.type === "call.settled")
    return { kind: "message", content: settled.content, stopReason: settled.stopReason, ...told };
  const { code, reason, status, text, retryInMs } = settled;
  return {
    kind: "failure",
    code,
    reason,
    ...(status === undefined ? {} : { status }),
    ...boundedText(text),
    ...(retryInMs === undefined ? {} : { retryInMs }),
    ...told,
  };
}

const mostText = 10_000;
const mostPiece = 1_000;

/** An answer without end is told by its beginning, and by what it goes on with. */
function boundedText(text: string): { text: string; filler?: { piece: string; length: number } } {
  if (text.length <= mostText) return { text };
  const rest = text.slice(mostText);
  const again = rest.indexOf(rest.slice(0, mostPiece), 1);
  const piece = rest.slice(0, again > 0 && again <= mostPiece ? again : mostPiece);
  return { text: text.slice(0, mostText), filler: { piece, length: rest.length } };
}

function commonLength(texts: readonly string[], messages: readonly Json[]): number {
  const differing = messages.findIndex((message, at) => texts[at] !== JSON.stringify(message));
  return differing < 0 ? messages.length : differing;
}
