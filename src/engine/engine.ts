/**
 * Makes it happen: takes commands, writes facts to the log, folds them, and sets going whatever the state asks for. The
 * only writer of the log. Everything it is doing can be derived again from the log at any moment.
 */
import type { Command } from "../domain/command.ts";
import { decide } from "../domain/decide.ts";
import type { Event, Fact } from "../domain/event.ts";
import { evolve } from "../domain/evolve.ts";
import { follow } from "../domain/follow.ts";
import { openedBy } from "../domain/gate-rules.ts";
import { type Effect, effectKey, reconcile } from "../domain/reconcile.ts";
import { makeRedactor, type Redactor } from "../domain/redactor.ts";
import type { Settings } from "../domain/settings.ts";
import { emptyState, heldUntilMs, type State } from "../domain/state.ts";
import { AgentDesk } from "./agent-desk.ts";
import { agentStart } from "./agent-start.ts";
import { DocumentSync } from "./document-sync.ts";
import { carryOut, effectSubject } from "./effect-table.ts";
import type { Delta, DispatchResult, EngineApi, EventQuery, LiveStream } from "./engine-api.ts";
import type { EffectContext, EngineParts } from "./engine-parts.ts";
import { PositionNotice } from "./position-notice.ts";
import { secretsOf } from "./secrets.ts";
import { StreamHub } from "./stream-hub.ts";
import { Supervisor } from "./supervisor.ts";
import { WakeTimer } from "./wake-timer.ts";

const followLimit = 100_000;

export class Engine implements EngineApi {
  readonly #parts: EngineParts;
  readonly #state: State;
  readonly #redactor: Redactor;
  readonly #hub: StreamHub;
  readonly #desk: AgentDesk;
  readonly #supervisor: Supervisor;
  readonly #documents: DocumentSync;
  readonly #inFlight = new Map<
    string,
    { readonly effect: Effect; readonly abort: AbortController; readonly ended: Promise<void> }
  >();
  readonly #notice = new PositionNotice(() => this.#state.position);
  readonly #wake = new WakeTimer(() => this.#scheduleStep());
  readonly #stopping = new AbortController();
  #settledWaiters: (() => void)[] = [];
  #isStepPending = false;
  #isClosed = false;
  #stopped: Promise<void> | null = null;

  /** Folds the log and, unless it rests, starts: what a crash left unfinished goes on. */
  static start(parts: EngineParts, settings: Settings): Engine {
    const engine = new Engine(parts, settings);
    if (parts.isResting) return engine;
    engine.#supervisor.warm();
    engine.dispatch({ type: "start_engine", version: parts.version, pid: process.pid, settings });
    for (const trackId of engine.#state.tracks.keys()) engine.#documents.mark(trackId);
    engine.#openByRule();
    return engine;
  }

  /** Gates that opened under stricter settings: a person who starts with milder ones has decided them. */
  #openByRule(): void {
    for (const gate of [...this.#state.gates.values()]) {
      const by = gate.status === "open" ? openedBy(this.#state, gate) : null;
      const { gateId, payloadHash } = gate;
      if (by !== null) this.dispatch({ type: "approve_gate", gateId, payloadHash, by });
    }
  }

  private constructor(parts: EngineParts, settings: Settings) {
    this.#parts = parts;
    this.#redactor = makeRedactor(secretsOf(parts, settings));
    this.#hub = new StreamHub(this.#redactor);
    let state = emptyState();
    for (const event of parts.log.replay()) {
      state = evolve(state, event);
      this.#hub.replay(state, event);
    }
    this.#state = state;
    this.#documents = new DocumentSync(parts.documents, () => this.#state, parts.report);
    this.#supervisor = new Supervisor(() => parts.spawnThread(), {
      message: (message) => {
        this.#desk.handle(message);
        // A request that cannot be answered now leaves no fact, yet it may be the last thing that moved.
        if (this.#desk.isParked(message.type === "ready" ? "" : message.agentId)) this.#scheduleStep();
      },
      stray: (message) => this.#desk.stray(message),
      crash: (agentId, reason) => this.#desk.crash(agentId, reason),
    });
    this.#desk = new AgentDesk({
      state: () => this.#state,
      dispatch: (command) => this.dispatch(command),
      post: (message) => this.#supervisor.post(message),
      appendText: (streamId, text) => this.#hub.append(streamId, text),
      report: parts.report,
    });
  }

  get project(): { readonly root: string; readonly name: string } {
    return this.#parts.project;
  }

  get warnings(): readonly string[] {
    return this.#parts.warnings;
  }

  state(): State {
    return this.#state;
  }

  events(query: EventQuery): readonly Event[] {
    return this.#isClosed ? [] : this.#parts.log.read(query);
  }

  streams(): ReadonlyMap<string, LiveStream> {
    return this.#hub.streams;
  }

  onPosition(listener: (position: number) => void): () => void {
    return this.#notice.listen(listener);
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    return this.#hub.onDelta(listener);
  }

  dispatch(command: Command): DispatchResult {
    if (this.#isClosed) return stopped;
    const at = this.#parts.now().toISOString();
    // Every fact is made of commands and of earlier facts, so this is the one place before the log, gates and all that reads them:
    // what is shown, what a payload hash covers and what runs are the same redacted bytes.
    const decision = decide(this.#state, this.#redactor.json(command), at);
    if (!decision.isAccepted) return decision;
    if (decision.facts.length === 0) return { isAccepted: true, events: [] };
    const events = this.#write(decision.facts, at);
    for (let count = 0; count < followLimit; count += 1) {
      const facts = follow(this.#state);
      if (facts.length === 0) break;
      events.push(...this.#write(facts, at));
    }
    this.#notice.schedule();
    this.#scheduleStep();
    return { isAccepted: true, events };
  }

  /** Resolves when nothing is in flight and nothing can move by itself: at the end, at a gate, at a limit, or stopped. */
  whenSettled(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settledWaiters.push(resolve);
      this.#scheduleStep();
    });
  }

  /** Ends threads and commands, writes the last fact, and closes the log. What was under way goes on at the next start. */
  stop(reason: string): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    this.#stopping.abort();
    this.#wake.clear();
    this.#supervisor.terminate();
    this.#desk.forget();
    for (const { abort } of this.#inFlight.values()) abort.abort();
    await Promise.allSettled([...this.#inFlight.values()].map(({ ended }) => ended));
    await this.#documents.settled();
    if (!this.#parts.isResting) {
      this.#write([{ type: "engine.stopped", reason }], this.#parts.now().toISOString());
      this.#notice.close();
    }
    this.#isClosed = true;
    this.#parts.log.close();
    this.#parts.release();
    for (const resolve of this.#settledWaiters.splice(0)) resolve();
  }

  #write(facts: readonly Fact[], at: string): Event[] {
    const events = this.#parts.log.append(facts, at);
    for (const event of events) {
      evolve(this.#state, event);
      this.#hub.follow(this.#state, event);
      this.#documents.follow(event);
    }
    return events;
  }

  /** One step for any number of changes in the same turn of the event loop. */
  #scheduleStep(): void {
    if (this.#isStepPending || this.#parts.isResting || this.#stopping.signal.aborted) return;
    this.#isStepPending = true;
    setImmediate(() => {
      this.#isStepPending = false;
      if (!this.#stopping.signal.aborted) this.#step();
    });
  }

  #step(): void {
    this.#desk.answerParked();
    const effects = reconcile(this.#state);
    for (const effect of effects) if (!this.#isUnderWay(effect)) this.#begin(effect);
    // A pause ends nothing: what it only keeps from beginning is wanted still.
    this.#endStale(this.#state.isPaused ? reconcile({ ...this.#state, isPaused: false }) : effects);
    this.#wake.set(this.#state.heldModels.values(), this.#parts.now().getTime());
    if (this.#isSettled()) this.#tellSettled();
  }

  /** Whether it is being done already, or must wait: a track has one place where merges are checked out and checked. */
  #isUnderWay(effect: Effect): boolean {
    if (effect.type !== "merge_ticket") return this.#inFlight.has(effectKey(effect));
    const trackOf = ({ ticketId }: { ticketId: string }) => this.#state.tickets.get(ticketId)?.trackId;
    for (const { effect: other } of this.#inFlight.values())
      if (other.type === "merge_ticket" && trackOf(other) === trackOf(effect)) return true;
    return false;
  }

  #begin(effect: Effect): void {
    const key = effectKey(effect);
    const abort = new AbortController();
    const { signal } = abort;
    const work = effect.type === "run_agent" ? this.#runAgent(effect.agentId) : carryOut(this.#context(signal), effect);
    const ended = work
      .catch((error: unknown) => this.#recordFailure(effect, error, signal))
      .finally(() => {
        this.#inFlight.delete(key);
        this.#scheduleStep();
      });
    this.#inFlight.set(key, { effect, abort, ended });
  }

  /** What comes of an effect that is no longer wanted is not taken: a later effect of the same name may be under way. */
  #context(signal: AbortSignal): EffectContext {
    return {
      parts: this.#parts,
      signal,
      state: () => this.#state,
      dispatch: (command) => (signal.aborted ? stopped : this.dispatch(command)),
      record: (command) => this.dispatch(command),
      read: (query) => this.#parts.log.read(query),
      documentsWritten: () => this.#documents.settled(),
    };
  }

  async #runAgent(agentId: string): Promise<void> {
    const agent = this.#state.agents.get(agentId);
    if (!agent) return;
    const events = this.#parts.log.read({ after: 0, limit: Number.MAX_SAFE_INTEGER, agentId });
    await this.#supervisor.run(agentStart(this.#parts, this.#state, agent, events));
  }

  /** What the state no longer asks for is ended: its ticket was cancelled, say. */
  #endStale(asked: readonly Effect[]): void {
    const wanted = new Set(asked.map(effectKey));
    for (const [key, { effect, abort }] of this.#inFlight) {
      if (wanted.has(key)) continue;
      if (effect.type === "run_agent") this.#supervisor.stop(effect.agentId, "It is no longer needed.");
      else abort.abort();
    }
  }

  #recordFailure(effect: Effect, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const reason = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? error.stack : undefined;
    this.#parts.report(`${effectKey(effect)} failed: ${stack ?? reason}`);
    if (effect.type !== "run_agent") {
      this.dispatch({ type: "record_effect_failure", ...effectSubject(this.#state, effect), reason });
      return;
    }
    const { agentId } = effect;
    const trace = stack === undefined ? {} : { stack };
    this.dispatch({ type: "fail_agent", agentId, code: "start", reason, isRetryable: false, ...trace });
  }

  #isSettled(): boolean {
    const now = this.#parts.now().getTime();
    for (const { effect } of this.#inFlight.values()) {
      if (effect.type !== "run_agent" || !this.#desk.isParked(effect.agentId)) return false;
      const agent = this.#state.agents.get(effect.agentId);
      if (agent?.status !== "running") return false;
      if (this.#desk.wantsCall(effect.agentId) && heldUntilMs(this.#state, agent) > now) return false;
    }
    return true;
  }

  #tellSettled(): void {
    if (this.#settledWaiters.length === 0) return;
    void this.#documents.settled().then(() => {
      if (!this.#isSettled() || this.#isStepPending) return;
      for (const resolve of this.#settledWaiters.splice(0)) resolve();
    });
  }
}

const stopped: DispatchResult = {
  isAccepted: false,
  rejection: { code: "conflict", message: "The engine is stopping." },
};
