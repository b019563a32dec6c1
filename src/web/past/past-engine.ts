/**
 * An engine as it stood at one position of its log: the same questions, answered from what had happened by then. It takes no
 * command and tells nobody of anything, because nothing moves any more.
 */

import type { LiveStream } from "../../domain/live-stream.ts";
import type { State } from "../../domain/state.ts";
import type { DispatchResult, DocumentsApi, EngineApi, EventQuery, OpenDocument } from "../../engine/engine-api.ts";
import { pastStreams } from "./past-stream.ts";

export class PastEngine implements EngineApi {
  readonly project: EngineApi["project"];
  /** Warnings are about the server that runs now. */
  readonly warnings: readonly string[] = [];
  readonly documents: DocumentsApi = noDocuments;
  /** What all moments of one past have in common: something to keep under it what is the same at many of them. */
  readonly family: object;
  readonly #engine: EngineApi;
  readonly #state: State;
  #streams: ReadonlyMap<string, LiveStream> | null = null;

  /** `state`: what the engine's log folds to up to the position; nobody may change it any more. */
  constructor(engine: EngineApi, state: State, family: object = {}) {
    this.family = family;
    this.project = engine.project;
    this.#engine = engine;
    this.#state = state;
  }

  state(): State {
    return this.#state;
  }

  dispatch(): DispatchResult {
    const message = "This is the past: nothing can be changed in it. Go back to now first.";
    return { isAccepted: false, rejection: { code: "conflict", message } };
  }

  events(query: EventQuery): ReturnType<EngineApi["events"]> {
    const end = this.#state.position + 1;
    return this.#engine.events({ ...query, before: Math.min(end, query.before ?? end) });
  }

  streams(): ReadonlyMap<string, LiveStream> {
    this.#streams ??= pastStreams(this);
    return this.#streams;
  }

  onPosition(): () => void {
    return () => undefined;
  }

  onDelta(): () => void {
    return () => undefined;
  }
}

/** The engine as one of the past; null for one that runs. */
export function pastOf(engine: EngineApi): PastEngine | null {
  return engine instanceof PastEngine ? engine : null;
}

/** What time it is for whoever looks at an engine (milliseconds since 1970): in the past, that of the last event. */
export function nowMsOf(engine: EngineApi): number {
  return pastOf(engine) ? Date.parse(engine.state().lastAt) : Date.now();
}

const noDocuments: DocumentsApi = {
  read: (): OpenDocument => ({
    text: "",
    hash: "",
    tasks: [],
    fault: "The log does not keep what this file said then.",
  }),
  edit: () => {
    throw new Error("A document of the past cannot be written.");
  },
  settled: async () => undefined,
};
