/**
 * The engine behind a page whose project's config nobody has accepted yet: it shows the log, takes no command and starts
 * nothing. Once the config is accepted the real one takes its place, for the same listeners, in the same process.
 */
import type { Command } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import type { LiveStream } from "../domain/live-stream.ts";
import type { State } from "../domain/state.ts";
import type { Delta, DispatchResult, DocumentsApi, EventQuery } from "../engine/engine-api.ts";
import type { RunningEngine } from "./compose.ts";
import type { PendingTrust } from "./pending-trust.ts";

const refused = {
  isAccepted: false,
  rejection: {
    code: "conflict",
    message:
      "Nothing runs yet: this project's own config (conductor/signalbox.toml) waits for you to accept it. Do so on the page, with POST /api/trust, or start with --trust.",
  },
} as const satisfies DispatchResult;

export class WaitingEngine implements RunningEngine {
  #engine: RunningEngine;
  readonly #release: () => void;
  readonly #positionListeners = new Set<(position: number) => void>();
  readonly #deltaListeners = new Set<(delta: Delta) => void>();
  readonly #failed = Promise.withResolvers<Error>();
  #trust: PendingTrust | null = null;
  #isGoing = false;
  #isStopped = false;

  /** Starts with an engine that rests; `release` gives back the project's lock at the end. */
  constructor(resting: RunningEngine, release: () => void) {
    this.#engine = resting;
    this.#release = release;
    this.#watch(resting);
  }

  /** Says which question it waits for. */
  waitFor(trust: PendingTrust): this {
    this.#trust = trust;
    return this;
  }

  /** The real engine takes over. */
  async goOnWith(next: RunningEngine): Promise<void> {
    const resting = this.#engine;
    if (this.#isStopped) return next.stop("interrupted");
    this.#engine = next;
    this.#isGoing = true;
    this.#watch(next);
    next.onPosition((position) => this.#tell(position));
    next.onDelta((delta) => {
      for (const listener of this.#deltaListeners) listener(delta);
    });
    await resting.stop("the config was accepted");
    this.#tell(next.state().position);
  }

  get trust(): PendingTrust {
    if (!this.#trust) throw new Error("The engine waits for no question.");
    return this.#trust;
  }

  get project(): { readonly root: string; readonly name: string } {
    return this.#engine.project;
  }

  get warnings(): readonly string[] {
    return this.#engine.warnings;
  }

  get documents(): DocumentsApi {
    const { documents } = this.#engine;
    if (this.#isGoing) return documents;
    return {
      read: (trackId, name) => documents.read(trackId, name),
      edit: () => ({ outcome: "refused", rejection: refused.rejection }),
      settled: () => documents.settled(),
    };
  }

  state(): State {
    return this.#engine.state();
  }

  dispatch(command: Command): DispatchResult {
    return this.#isGoing ? this.#engine.dispatch(command) : refused;
  }

  events(query: EventQuery): readonly Event[] {
    return this.#engine.events(query);
  }

  streams(): ReadonlyMap<string, LiveStream> {
    return this.#engine.streams();
  }

  unsent(agentId: string): readonly Json[] | null {
    return this.#engine.unsent?.(agentId) ?? null;
  }

  async count(provider: string, body: { readonly [key: string]: Json }): Promise<number | null> {
    return this.#isGoing ? ((await this.#engine.count?.(provider, body)) ?? null) : null;
  }

  onPosition(listener: (position: number) => void): () => void {
    this.#positionListeners.add(listener);
    return () => this.#positionListeners.delete(listener);
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    this.#deltaListeners.add(listener);
    return () => this.#deltaListeners.delete(listener);
  }

  whenSettled(): Promise<void> {
    return this.#engine.whenSettled();
  }

  whenFailed(): Promise<Error> {
    return this.#failed.promise;
  }

  async stop(reason: string): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#trust?.close();
    await this.#engine.stop(reason);
    this.#release();
  }

  /** The engine that has made room cannot fail any more, whatever becomes of its log. */
  #watch(engine: RunningEngine): void {
    void engine.whenFailed().then((error) => {
      if (this.#engine === engine) this.#failed.resolve(error);
    });
  }

  #tell(position: number): void {
    for (const listener of this.#positionListeners) listener(position);
  }
}
