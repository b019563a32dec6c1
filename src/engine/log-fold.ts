/**
 * What the log folds to at a start. A long log is folded from a snapshot of an earlier start, when there is one of this very
 * program and of this very log; its rows before that are then checked while the page can already be looked at. Nothing is
 * written and nothing begins before they are.
 */
import type { Rejection } from "../domain/command.ts";
import { evolve } from "../domain/evolve.ts";
import { emptyState, type State } from "../domain/state.ts";
import { LogError } from "../log/log-fault.ts";
import type { Checked } from "../log/log-row.ts";
import { readSnapshot, writeSnapshot } from "../log/snapshot.ts";
import type { EngineParts } from "./engine-parts.ts";
import { partsOf, putTogether } from "./fold-parts.ts";
import type { StreamHub } from "./stream-hub.ts";

/** Where what a log folds to is kept from start to start, and how its rows are checked aside. */
export interface SnapshotPlace {
  readonly path: string;
  /** Names the program to the byte: another one may fold otherwise. */
  readonly program: string;
  /** A snapshot is written once so many events were folded after the one before. */
  readonly everyCount: number;
  /** Checks every row of the log, aside. Rejects with a `LogError`. */
  prove(signal: AbortSignal): Promise<Checked>;
}

const unproven: Rejection = {
  code: "conflict",
  message:
    "The log is long, and its older events are still being checked: nothing can be changed for some seconds. Try again.",
};

type Parts = Pick<EngineParts, "log" | "snapshots" | "report" | "isResting">;

export class LogFold {
  readonly state: State;
  readonly #parts: Parts;
  readonly #hub: StreamHub;
  /** The snapshot's position; 0 without one. */
  readonly #since: number;
  #isProven: boolean;
  readonly #begun = Promise.withResolvers<void>();
  #kept: Promise<void> = Promise.resolve();

  /** Folds the log into a state and an empty hub. Throws `LogError` at the first bad row that it reads. */
  constructor(parts: Parts, hub: StreamHub) {
    this.#parts = parts;
    this.#hub = hub;
    const known = parts.snapshots ? fromSnapshot(parts, parts.snapshots, hub) : null;
    let state = known?.state ?? emptyState();
    for (const event of parts.log.replay(known?.checked)) {
      state = evolve(state, event);
      hub.replay(state, event);
    }
    this.state = state;
    this.#since = known?.checked.position ?? 0;
    this.#isProven = known === null;
  }

  /** Why no command may be taken; null once every row that was folded has been checked. */
  get refusal(): Rejection | null {
    return this.#isProven ? null : unproven;
  }

  /** Whether nothing may be begun: by what the engine was made for, or because the log is not proven yet. */
  get isResting(): boolean {
    return this.#parts.isResting || !this.#isProven;
  }

  /** Resolves once every row has been checked and the engine has gone on; never where that fails. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when a snapshot that is being written is whole. */
  get kept(): Promise<void> {
    return this.#kept;
  }

  /**
   * Goes on, unless the engine rests, once every row has been checked: at once where the whole log was read. What is wrong with the rest is told as a
   * start that reads all would have thrown it. Tells nothing after an abort.
   */
  whenProven(signal: AbortSignal, engine: { fail(error: Error): void }, goOn: () => void): void {
    const proceed = () => {
      this.#kept = this.#keep();
      if (!this.isResting) goOn();
      this.#begun.resolve();
    };
    if (this.#isProven) return proceed();
    this.#prove(signal)
      .then(() => signal.aborted || proceed())
      .catch((error: Error) => signal.aborted || engine.fail(error));
  }

  async #prove(signal: AbortSignal): Promise<void> {
    const { log, snapshots } = this.#parts;
    const proven = await snapshots?.prove(signal);
    // Nothing has been written meanwhile, so both ends are the same one.
    if (proven?.position !== log.checked.position || proven.hash !== log.checked.hash)
      throw new LogError("The event log was changed while it was checked. Start again.", "log_damaged");
    this.#isProven = true;
  }

  /** Writes a snapshot for the next start where this one had much to fold: the state as it is now, in its own time. */
  async #keep(): Promise<void> {
    const { log, snapshots, report } = this.#parts;
    if (!snapshots || log.position - this.#since < snapshots.everyCount) return;
    const { path, program } = snapshots;
    const parts = partsOf(this.state, this.#hub);
    try {
      await writeSnapshot(path, { program, checked: log.checked }, parts);
    } catch (error) {
      report(`The snapshot ${path} could not be written, so the next start takes as long: ${wordsOf(error)}`);
    }
  }
}

/** The state of a snapshot that holds, with the hub filled; null without one. */
function fromSnapshot(
  { log, report }: Parts,
  { path, program }: SnapshotPlace,
  hub: StreamHub,
): { readonly state: State; readonly checked: Checked } | null {
  const snapshot = readSnapshot(path, program);
  if (snapshot.kind === "damaged") report(`The snapshot ${path} was ignored: ${snapshot.how}. The whole log is read.`);
  if (snapshot.kind !== "whole" || !log.has(snapshot.checked)) return null;
  const state = putTogether(snapshot.parts, hub);
  return state && { state, checked: snapshot.checked };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
