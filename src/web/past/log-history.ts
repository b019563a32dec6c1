/**
 * States of the past: what an engine's log folds to up to any position. It reads beside the engine and writes nothing. The log
 * is folded once; on the way copies are kept, evenly spread and few, so that any position is a short fold from one of them.
 * It works in slices: the engine goes on in between.
 */
import { copyState, entryCount } from "../../domain/copy-state.ts";
import type { Event } from "../../domain/event.ts";
import { evolve } from "../../domain/evolve.ts";
import { emptyState, type State } from "../../domain/state.ts";
import type { EngineApi } from "../../engine/engine-api.ts";
import { PastEngine } from "./past-engine.ts";
import { TimeLineRecord } from "./time-line-record.ts";

/** Events that are folded at a time, which takes some milliseconds. */
const sliceLength = 200;
/** Copies along the whole log; above that every second one leaves. And copies around where somebody looked last. */
const mostCheckpoints = 64;
const firstStride = 256;
const mostRecent = 24;
/** Of a project with very many tickets fewer are kept: all copies together have about so many entries, or are that few. */
const mostEntries = 1_000_000;
const fewest = 8;
const recentPerStride = 16;
/** Copies that are made on the way to a position: whoever looks at it goes on to its neighbours, most often back. */
const recentSteps = 4;

const histories = new WeakMap<EngineApi, LogHistory>();

export class LogHistory {
  readonly #engine: EngineApi;
  /** What there is to a time line, as far as the log has been read. */
  readonly record = new TimeLineRecord();
  /** The fold of the log as far as it has been read. */
  readonly #head: State = emptyState();
  #growing: Promise<void> | null = null;
  #stride = firstStride;
  /** By position. Nobody changes a state that is in here. */
  #checkpoints: State[] = [];
  /** The one that was used last comes last. */
  #recent: State[] = [];

  /** The one history of an engine. */
  static of(engine: EngineApi): LogHistory {
    const history = histories.get(engine) ?? new LogHistory(engine);
    histories.set(engine, history);
    return history;
  }

  private constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** How many states are kept now. */
  get keptCount(): number {
    return this.#checkpoints.length + this.#recent.length;
  }

  /** The engine as it stood after the event at a position, which the log must have. */
  async at(position: number): Promise<PastEngine> {
    await this.readTo(position);
    return new PastEngine(this.#engine, await this.#stateAt(position), this);
  }

  /** Reads and folds the log up to a position, where that has not been done. */
  async readTo(position: number): Promise<void> {
    while (this.#head.position < position) {
      this.#growing ??= this.#grow(position).finally(() => {
        this.#growing = null;
      });
      await this.#growing;
    }
  }

  async #grow(position: number): Promise<void> {
    await this.#fold(this.#head, position, (event) => {
      this.record.note(this.#head, event);
      if (event.position % this.#stride === 0) this.#keep(copyState(this.#head));
    });
  }

  #keep(checkpoint: State): void {
    this.#checkpoints.push(checkpoint);
    if (this.#checkpoints.length <= this.#room(mostCheckpoints)) return;
    this.#stride *= 2;
    this.#checkpoints = this.#checkpoints.filter((state) => state.position % this.#stride === 0);
  }

  async #stateAt(position: number): Promise<State> {
    const nearest = this.#nearest(position);
    const state = nearest.position === position && nearest !== this.#head ? nearest : copyState(nearest);
    const spacing = Math.max(1, Math.floor(this.#stride / recentPerStride));
    await this.#fold(state, position, (event) => {
      const left = position - event.position;
      if (left > 0 && left <= recentSteps * spacing && event.position % spacing === 0) this.#remember(copyState(state));
    });
    this.#remember(state);
    return state;
  }

  /** The kept state that is nearest to a position and not after it. */
  #nearest(position: number): State {
    const kept = [...this.#checkpoints, ...this.#recent, this.#head].filter((state) => state.position <= position);
    return kept.reduce((best, state) => (state.position > best.position ? state : best), emptyState());
  }

  #remember(state: State): void {
    this.#recent = [...this.#recent.filter(({ position }) => position !== state.position), state].slice(
      -this.#room(mostRecent),
    );
  }

  #room(most: number): number {
    return Math.min(most, Math.max(fewest, Math.floor(mostEntries / (1 + entryCount(this.#head)))));
  }

  /** Folds a state on, up to a position; others come between its slices. */
  async #fold(state: State, position: number, after: (event: Event) => void): Promise<void> {
    while (state.position < position) {
      const query = { after: state.position, before: position + 1, limit: sliceLength };
      const events = this.#engine.events(query);
      if (events.length === 0) throw new Error(`The log has no event at position ${state.position + 1}.`);
      for (const event of events) {
        evolve(state, event);
        after(event);
      }
      if (state.position < position) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
