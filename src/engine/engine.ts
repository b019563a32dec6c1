/**
 * Makes it happen: takes commands, writes facts to the log, folds them, and sets going whatever the state asks for. The
 * only writer of the log. Everything it is doing can be derived again from the log at any moment.
 */
import type { Command } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { freeAtMs } from "../domain/model-hold.ts";
import { type Effect, effectKey, reconcile } from "../domain/reconcile.ts";
import { makeRedactor, type Redactor } from "../domain/redactor.ts";
import type { Settings } from "../domain/settings.ts";
import type { State } from "../domain/state.ts";
import { diskFault } from "../log/log-fault.ts";
import { AgentDesk } from "./agent-desk.ts";
import { agentStart } from "./agent-start.ts";
import { DocumentSync } from "./document-sync.ts";
import { carryOut, failureCommand, traceOf } from "./effect-table.ts";
import { EffectsUnderWay } from "./effects-under-way.ts";
import type { Delta, DispatchResult, EngineApi, EventQuery } from "./engine-api.ts";
import { type EffectContext, type EngineParts, stopped } from "./engine-parts.ts";
import { Ledger } from "./ledger.ts";
import { LogFold } from "./log-fold.ts";
import { openByRule } from "./open-by-rule.ts";
import { PositionNotice } from "./position-notice.ts";
import { countRequest } from "./request-count.ts";
import { secretsOf } from "./secrets.ts";
import { StreamHub } from "./stream-hub.ts";
import { Supervisor } from "./supervisor.ts";
import { WakeTimer } from "./wake-timer.ts";

export class Engine implements EngineApi {
  readonly project: EngineParts["project"];
  readonly warnings: readonly string[];
  readonly #parts: EngineParts;
  readonly #fold: LogFold;
  readonly #state: State;
  readonly #redactor: Redactor;
  readonly #hub: StreamHub;
  readonly #desk: AgentDesk;
  readonly #supervisor: Supervisor;
  readonly documents: DocumentSync;
  readonly #underWay = new EffectsUnderWay();
  readonly #ledger: Ledger;
  readonly #notice = new PositionNotice(() => this.#ledger.position);
  readonly #wake = new WakeTimer(() => this.#scheduleStep());
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<Error>();
  #settledWaiters: PromiseWithResolvers<void>[] = [];
  readonly count: NonNullable<EngineApi["count"]> = (...asked) => countRequest(this.#parts, this.#fold, ...asked);
  readonly whenBegun = (): Promise<void> => this.#fold.begun;
  readonly refusal: NonNullable<EngineApi["refusal"]> = () => this.#fold.refusal;
  readonly unsent = (agentId: string): readonly Json[] | null => this.#desk.unsent(agentId);
  #isStepPending = false;
  #isClosed = false;
  #failure: Error | null = null;
  #stopped: Promise<void> | null = null;

  /** Folds the log and, unless it rests, starts: what a crash left unfinished goes on, once the log is proven. */
  static start(parts: EngineParts, settings: Settings): Engine {
    const engine = new Engine(parts, settings);
    engine.#fold.whenProven(engine.#stopping.signal, engine, () => {
      engine.dispatch({ type: "start_engine", version: parts.version, pid: process.pid, settings });
      engine.documents.begin();
      openByRule(engine);
    });
    if (engine.#failure) throw engine.#failure;
    return engine;
  }

  private constructor(parts: EngineParts, settings: Settings) {
    this.#parts = parts;
    this.project = parts.project;
    this.warnings = parts.warnings;
    this.#redactor = makeRedactor(secretsOf(parts, settings));
    this.#hub = new StreamHub(this.#redactor, () => parts.now().getTime());
    this.#fold = new LogFold(parts, this.#hub);
    this.#state = this.#fold.state;
    this.#ledger = new Ledger({
      state: this.#state,
      log: parts.log,
      hub: this.#hub,
      redactor: this.#redactor,
      now: () => parts.now(),
      written: (events) => {
        for (const event of events) this.documents.follow(event);
        this.#notice.schedule();
        this.#scheduleStep();
      },
      failed: (error) => this.#close(error),
    });
    this.documents = new DocumentSync(parts.documents, this, parts.report);
    this.#supervisor = new Supervisor(() => parts.spawnThread(), {
      message: (message) => {
        if (!this.#desk.handle(message)) return;
        this.#scheduleStep();
        this.#notice.schedule();
      },
      stray: (message) => this.#desk.stray(message),
      crash: (agentId, reason) => this.#desk.crash(agentId, reason),
      displaced: (agentId, reason) => this.#desk.displace(agentId, reason),
      threadLimit: () => this.#state.settings.workers.threads,
    });
    this.#desk = new AgentDesk({
      state: () => this.#state,
      nowMs: () => parts.now().getTime(),
      dispatch: (command, canWait) => this.#hear(command, canWait),
      afterwards: (action) => this.#ledger.afterwards(action),
      post: (message) => this.#supervisor.post(message),
      appendText: (streamId, text) => this.#hub.append(streamId, text),
      // What threads say to an engine that has failed is nobody's concern any more.
      report: (problem) => this.#failure ?? parts.report(problem),
    });
  }

  /** The state as it is on disk: nobody outside sees what a crash could take back. */
  state(): State {
    this.#ledger.publish();
    return this.#state;
  }

  events(query: EventQuery): readonly Event[] {
    this.#ledger.publish();
    return this.#isClosed ? [] : this.#ledger.read(query);
  }

  streams(): ReturnType<EngineApi["streams"]> {
    return this.#hub.streams;
  }

  onPosition(listener: (position: number) => void): () => void {
    return this.#notice.listen(listener);
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    return this.#hub.onDelta(listener);
  }

  /** Takes a command; what came of it is on disk when this returns. */
  dispatch(command: Command): DispatchResult {
    if (this.#isClosed) return stopped;
    if (this.#fold.refusal) return { isAccepted: false, rejection: this.#fold.refusal };
    try {
      const result = this.#ledger.take(command);
      this.#ledger.commit();
      return result;
    } catch (error) {
      if (!this.#failure) throw error;
      // Whether it is on disk is known only to the next start.
      return { isAccepted: false, rejection: { code: "conflict", message: this.#failure.message } };
    }
  }

  /** Takes what a thread says: it is on disk before anything comes of it, which for what only a reader could miss is a little later. */
  #hear(command: Command, canWait: boolean): DispatchResult {
    if (this.#isClosed) return stopped;
    const result = this.#ledger.take(command);
    this.#ledger.commitSoon(canWait);
    return result;
  }

  /** Resolves when nothing is in flight and nothing can move by itself: at the end, at a gate, at a limit, or stopped. */
  whenSettled(): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#settledWaiters.push(settled);
    if (this.#failure) settled.reject(this.#failure);
    else if (this.#isClosed) settled.resolve();
    this.#scheduleStep();
    return settled.promise;
  }

  /** Resolves with the reason when the engine can do nothing more. It must be stopped then. */
  whenFailed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Ends everything at once, and writes no more than that: nobody knows how much still holds. */
  fail(error: Error): void {
    if (this.#isClosed) return;
    const disk = diskFault(error, "the state of Signalbox");
    if (!disk && !this.#fold.isResting) this.#ledger.end(this.#redactor.text(error.message));
    this.#close(disk ?? error);
  }

  #close(error: Error): void {
    this.#ledger.abandon();
    this.#isClosed = true;
    this.#failure = error;
    this.#halt();
    this.#failed.resolve(error);
    for (const { reject } of this.#settledWaiters.splice(0)) reject(error);
  }

  #halt(): void {
    this.#stopping.abort();
    this.#wake.clear();
    this.#supervisor.terminate();
    this.#desk.forget();
    this.#underWay.abortAll();
  }

  /** Ends threads and commands, writes the last fact, and closes the log. What was under way goes on at the next start. */
  stop(reason: string): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    this.#halt();
    await this.#underWay.ended();
    await Promise.all([this.documents.settled(), this.#fold.kept]);
    await this.#parts.repository.close();
    // A log that failed is left as it is: closing would write to it.
    if (this.#isClosed) return this.#parts.release();
    if (!this.#fold.isResting) {
      this.#ledger.end(reason);
      this.#notice.close();
    }
    this.#isClosed = true;
    this.#parts.log.close();
    this.#parts.release();
    for (const { resolve } of this.#settledWaiters.splice(0)) resolve();
  }

  /** One step for any number of changes in the same turn of the event loop. */
  #scheduleStep(): void {
    if (this.#isStepPending || this.#fold.isResting || this.#stopping.signal.aborted) return;
    this.#isStepPending = true;
    setImmediate(() => {
      this.#isStepPending = false;
      if (!this.#stopping.signal.aborted) this.#step();
    });
  }

  #step(): void {
    // Taken first: whoever is held at this moment may have been refused for it below, and goes on by itself.
    const nowMs = this.#parts.now().getTime();
    this.#desk.answerParked();
    this.#ledger.publish();
    if (this.#isClosed) return;
    const effects = reconcile(this.#state);
    for (const effect of effects) if (!this.#underWay.has(effect, this.#state)) this.#begin(effect);
    // A pause ends nothing: what it only keeps from beginning is wanted still.
    const asked = this.#state.isPaused ? reconcile({ ...this.#state, isPaused: false }) : effects;
    this.#underWay.endStale(asked, (agentId) => this.#supervisor.stop(agentId, "It is no longer needed."));
    this.#wake.set([...freeAtMs(this.#state), ...this.#desk.freeAtMs()], nowMs);
    if (this.#isSettled(nowMs)) this.#tellSettled(nowMs);
  }

  #begin(effect: Effect): void {
    this.#supervisor.warm();
    const abort = new AbortController();
    const { signal } = abort;
    const work = effect.type === "run_agent" ? this.#runAgent(effect.agentId) : carryOut(this.#context(signal), effect);
    const told = work.catch((error: unknown) => this.#recordFailure(effect, error, signal));
    this.#underWay.add(effect, abort, told, () => this.#scheduleStep());
  }

  /** What comes of an effect that is no longer wanted is not taken: a later effect of the same name may be under way. */
  #context(signal: AbortSignal): EffectContext {
    return {
      parts: this.#parts,
      signal,
      state: () => this.#state,
      dispatch: (command) => (signal.aborted ? stopped : this.dispatch(command)),
      record: (command) => this.dispatch(command),
      read: (query) => this.events(query),
      documentsWritten: () => this.documents.settled(),
    };
  }

  async #runAgent(agentId: string): Promise<void> {
    const agent = this.#state.agents.get(agentId);
    if (!agent) return;
    const events = this.events({ after: 0, limit: Number.MAX_SAFE_INTEGER, agentId });
    await this.#supervisor.run(agentStart(this.#parts, this.#state, agent, events));
  }

  #recordFailure(effect: Effect, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    // A full disk is nobody's failure: the work goes on when there is room.
    const disk = diskFault(error, "the work of Signalbox");
    if (disk) return this.#close(disk);
    this.#parts.report(`${effectKey(effect)} failed: ${traceOf(error)}`);
    this.dispatch(failureCommand(this.#state, effect, error));
  }

  #isSettled(nowMs: number): boolean {
    const rests = (effect: Effect) => effect.type === "run_agent" && this.#desk.rests(effect.agentId, nowMs);
    return this.#underWay.effects().every(rests);
  }

  #tellSettled(nowMs: number): void {
    if (this.#settledWaiters.length === 0) return;
    void this.documents.settled().then(() => {
      this.#ledger.publish();
      if (!this.#isSettled(nowMs) || this.#isStepPending) return;
      for (const { resolve } of this.#settledWaiters.splice(0)) resolve();
    });
  }
}
