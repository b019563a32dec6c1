/** An engine in memory: the real rules over a list of events, with no threads, no disk and no effects. */
import type { Command } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Event, Fact } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { emptyState, type State } from "../../src/domain/state.ts";
import { DocumentSync } from "../../src/engine/document-sync.ts";
import type { Delta, DispatchResult, EngineApi, EventQuery } from "../../src/engine/engine-api.ts";
import { MemoryDocuments } from "./memory-documents.ts";

const at = "2026-01-02T03:04:05.000Z";

export class FakeEngine implements EngineApi {
  readonly project = { root: "/tmp/sample", name: "sample" };
  readonly warnings: string[] = [];
  readonly log: Event[] = [];
  readonly disk = new MemoryDocuments();
  readonly documents = new DocumentSync(this.disk, this, (problem) => this.warnings.push(problem));
  readonly liveStreams = new Map<string, LiveStream>();
  /** Commands that were dispatched, in order. */
  readonly dispatched: Command[] = [];
  /** Answers a command instead of the rules, when it gives something. */
  script: (command: Command) => DispatchResult | null = () => null;
  readonly #positionListeners = new Set<(position: number) => void>();
  readonly #deltaListeners = new Set<(delta: Delta) => void>();
  #state: State = emptyState();

  /** Writes facts down as they are. */
  add(...facts: readonly Fact[]): readonly Event[] {
    const events = facts.map((fact, index): Event => ({ ...fact, position: this.log.length + 1 + index, at }));
    for (const event of events) {
      this.log.push(event);
      this.#state = evolve(this.#state, event);
    }
    for (const listener of this.#positionListeners) listener(this.log.length);
    return events;
  }

  /** Streams a piece of text. */
  say(delta: Delta): void {
    for (const listener of this.#deltaListeners) listener(delta);
  }

  /** How many listen now. */
  get listenerCount(): number {
    return this.#positionListeners.size + this.#deltaListeners.size;
  }

  state(): State {
    return this.#state;
  }

  dispatch(command: Command): DispatchResult {
    this.dispatched.push(command);
    const scripted = this.script(command);
    if (scripted) return scripted;
    const decision = decide(this.#state, command, at);
    if (!decision.isAccepted) return decision;
    return { isAccepted: true, events: this.add(...decision.facts) };
  }

  events(query: EventQuery): readonly Event[] {
    const glob = query.type === undefined ? null : new Bun.Glob(query.type);
    const isWanted = (event: Event) =>
      event.position > query.after &&
      event.position < (query.before ?? Number.POSITIVE_INFINITY) &&
      (glob === null || glob.match(event.type)) &&
      (query.agentId === undefined || ("agentId" in event && event.agentId === query.agentId)) &&
      (query.ticketId === undefined || ("ticketId" in event && event.ticketId === query.ticketId)) &&
      (query.trackId === undefined || ("trackId" in event && event.trackId === query.trackId));
    return this.log.filter(isWanted).slice(0, query.limit);
  }

  streams(): ReadonlyMap<string, LiveStream> {
    return this.liveStreams;
  }

  onPosition(listener: (position: number) => void): () => void {
    this.#positionListeners.add(listener);
    return () => this.#positionListeners.delete(listener);
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    this.#deltaListeners.add(listener);
    return () => this.#deltaListeners.delete(listener);
  }
}
