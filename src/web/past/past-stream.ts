/**
 * The streams as they stood at a position, told from the log as a restart tells them: a call's text is there once it has
 * settled or failed. What a pane needs beyond the state is read from the log only for the streams that are shown.
 */
import type { Event } from "../../domain/event.ts";
import { evolveAgent } from "../../domain/evolve-agent.ts";
import type { LiveStream } from "../../domain/live-stream.ts";
import { type Agent, emptyState, type Gate, type State } from "../../domain/state.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { StreamHub } from "../../engine/stream-hub.ts";

/** Every stream that had begun, by its id, in the order in which they began. */
export function pastStreams(past: EngineApi): ReadonlyMap<string, LiveStream> {
  const agents = new Map<string, Agent[]>();
  for (const agent of past.state().agents.values())
    agents.set(agent.streamId, [...(agents.get(agent.streamId) ?? []), agent]);
  return new Map([...agents].map(([streamId, ofStream]) => [streamId, new PastStream(past, streamId, ofStream)]));
}

class PastStream implements LiveStream {
  readonly streamId: string;
  readonly #past: EngineApi;
  readonly #agents: readonly Agent[];
  #told: LiveStream | null = null;

  constructor(past: EngineApi, streamId: string, agents: readonly Agent[]) {
    this.#past = past;
    this.streamId = streamId;
    this.#agents = agents;
  }

  /** The one that spoke last. */
  get #agent(): Agent {
    const agent = this.#agents.at(-1);
    if (!agent) throw new Error("A stream without an agent.");
    return agent;
  }

  get role() {
    return this.#agent.role;
  }
  get agentId() {
    return this.#agent.agentId;
  }
  get epicId() {
    return this.#agent.epicId;
  }
  get trackId() {
    return this.#agent.trackId;
  }
  get ticketId() {
    return this.#agent.ticketId;
  }
  get startedAt() {
    return this.#agents[0]?.startedAt ?? "";
  }
  get endedAt() {
    return this.#agent.endedAt;
  }
  /** Of one that has ended the state knows it: a board of a thousand streams reads the log for none of them. */
  get status() {
    const { status } = this.#agent;
    return status === "running" ? this.#tell().status : status === "ended" ? "done" : "failed";
  }
  get reason() {
    return this.#agent.status === "running" ? this.#tell().reason : this.#agent.reason;
  }
  get spans() {
    return this.#tell().spans ?? [];
  }
  get text() {
    return this.#tell().text;
  }
  get endOffset() {
    return this.#tell().endOffset;
  }
  get lastByteMs() {
    return this.#agent.status === "running" ? (this.#tell().lastByteMs ?? 0) : 0;
  }
  get tools() {
    return this.#agent.status === "running" ? (this.#tell().tools ?? null) : null;
  }

  #tell(): LiveStream {
    this.#told ??= this.#replay();
    return this.#told;
  }

  /** Plays what happened to its agents to a hub of its own, as a start of the engine does with all of them. */
  #replay(): LiveStream {
    const hub = new StreamHub();
    const state = emptyState();
    const ids = new Set(this.#agents.map(({ agentId }) => agentId));
    const answers = answersOf(this.#past.state(), ids);
    for (const { gate } of answers) state.gates.set(gate.gateId, gate);
    const events = [...ids].flatMap((agentId) => eventsOf(this.#past, agentId));
    for (const event of events.sort((a, b) => a.position - b.position)) {
      while (answers[0] && answers[0].event.at < event.at) hub.replay(state, answers.shift()?.event ?? event);
      evolveAgent(state, event);
      hub.replay(state, event);
    }
    for (const { event } of answers) hub.replay(state, event);
    const stream = hub.streams.get(this.streamId);
    if (!stream) throw new Error(`The log has no beginning of the stream "${this.streamId}".`);
    return stream;
  }
}

interface Answer {
  readonly gate: Gate;
  readonly event: Event;
}

/** The ends of gates at which these agents waited, by time: an answer names its gate alone, and is not found by an agent. */
function answersOf({ gates }: State, agentIds: ReadonlySet<string>): Answer[] {
  return [...gates.values()]
    .flatMap((gate): Answer[] => {
      const { gateId, kind, agentId, decidedAt } = gate;
      if (agentId === undefined || decidedAt === undefined || !agentIds.has(agentId)) return [];
      return [{ gate, event: { type: "gate.withdrawn", gateId, kind, reason: "", position: 0, at: decidedAt } }];
    })
    .sort((a, b) => (a.event.at < b.event.at ? -1 : 1));
}

function eventsOf(past: EngineApi, agentId: string): readonly Event[] {
  return past.events({ after: 0, limit: Number.MAX_SAFE_INTEGER, agentId });
}
