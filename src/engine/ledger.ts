/**
 * What happens, and what it folds to: takes commands by the rules, and writes the facts before anything comes of them.
 * Facts that follow each other closely share one transaction: they are taken in at once, and what they let out of the engine
 * waits until they are on disk.
 */
import type { Command } from "../domain/command.ts";
import { decide } from "../domain/decide.ts";
import type { Event, Fact } from "../domain/event.ts";
import { evolve } from "../domain/evolve.ts";
import { follow } from "../domain/follow.ts";
import type { Redactor } from "../domain/redactor.ts";
import type { State } from "../domain/state.ts";
import type { EventLog, LogQuery } from "../log/event-log.ts";
import type { DispatchResult } from "./engine-api.ts";
import type { StreamHub } from "./stream-hub.ts";

export interface LedgerParts {
  /** What the log folds to; it moves on with it. */
  readonly state: State;
  readonly log: EventLog;
  readonly hub: StreamHub;
  readonly redactor: Redactor;
  now(): Date;
  /** Told of events that are on disk now. */
  written(events: readonly Event[]): void;
  /** Told that the log could not be written: nothing that waited for it may happen. */
  failed(error: Error): void;
}

/** How long what is in no hurry waits for company: milliseconds. */
const longestWaitMs = 3;

export class Ledger {
  readonly state: State;
  readonly #parts: LedgerParts;
  #waiting: (() => void)[] = [];
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #isAbandoned = false;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.state = parts.state;
  }

  /** The position of the last event that is on disk. */
  get position(): number {
    return this.#parts.log.position;
  }

  /** Decides on a command and takes in what follows from it; that is on disk with the next `commit`. */
  take(command: Command): DispatchResult {
    const at = this.#parts.now().toISOString();
    // Every fact is made of commands and of earlier facts, so this is the one place before the log, gates and all that reads them:
    // what is shown, what a payload hash covers and what runs are the same redacted bytes.
    const decision = decide(this.state, this.#parts.redactor.json(command), at);
    if (!decision.isAccepted) return decision;
    if (decision.facts.length === 0) return { isAccepted: true, events: [] };
    const events = this.#add(decision.facts, at);
    for (let count = 0; count < 100_000; count += 1) {
      const facts = follow(this.state);
      if (facts.length === 0) break;
      events.push(...this.#add(facts, at));
    }
    return { isAccepted: true, events };
  }

  /** Writes the last fact of a process, on disk when this returns. */
  end(reason: string): void {
    this.#add([{ type: "engine.stopped", reason }], this.#parts.now().toISOString());
    this.commit();
  }

  /** Puts on disk all that was taken in, in one transaction, then does what waited for it. Throws what the log throws. */
  commit(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = this.#immediate = undefined;
    if (this.#isAbandoned || !this.#parts.log.hasAdded) return;
    try {
      this.#parts.written(this.#parts.log.commit());
    } catch (error) {
      this.abandon();
      this.#parts.failed(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    for (const action of this.#waiting.splice(0)) action();
  }

  /** Commits now; of a failure only `failed` is told. */
  publish(): void {
    try {
      this.commit();
    } catch (error) {
      if (!this.#isAbandoned) throw error;
    }
  }

  /** Commits at the end of this turn of the event loop; with `canWait` a little later, unless there is another commit before. */
  commitSoon(canWait: boolean): void {
    if (!this.#parts.log.hasAdded) return;
    if (canWait) this.#timer ??= setTimeout(() => this.publish(), longestWaitMs);
    else this.#immediate ??= setImmediate(() => this.publish());
  }

  /** Writes nothing more, and lets nothing out that waits. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#waiting = [];
  }

  /** Does something once all that was taken in so far is on disk: at once, when it is. */
  afterwards(action: () => void): void {
    if (this.#parts.log.hasAdded) this.#waiting.push(action);
    else action();
  }

  /** Events on disk. */
  read(query: LogQuery): Event[] {
    return this.#parts.log.read(query);
  }

  #add(facts: readonly Fact[], at: string): Event[] {
    const events = this.#parts.log.add(facts, at);
    for (const event of events) {
      evolve(this.state, event);
      this.#parts.hub.follow(this.state, event);
    }
    return events;
  }
}
