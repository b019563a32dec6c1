/**
 * The shape of a test of the rules: facts in, facts or a rejection out. Positions and times are made here, one second
 * apart, so that no test names a clock.
 */
import { expect } from "bun:test";
import type { Command, Rejection } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Event, EventOf, Fact, FactType } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { follow } from "../../src/domain/follow.ts";
import { type Effect, reconcile } from "../../src/domain/reconcile.ts";
import { emptyState, type State, type Ticket, type Track } from "../../src/domain/state.ts";

/** What a fact or a rejection must at least say. */
type Expected =
  | ({ readonly type: FactType } & Readonly<Record<string, unknown>>)
  | { readonly code: Rejection["code"] };

const mostSteps = 10_000;

/** The time of a position: one second a fact. */
export function timeAt(position: number): string {
  return new Date(Date.UTC(2026, 0, 1) + position * 1000).toISOString();
}

/** A log that grows: what a whole run looks like to the rules, without an engine. */
export class Story {
  readonly events: Event[] = [];
  readonly state: State = emptyState();

  /** Writes facts down, without what follows from them. */
  write(...facts: readonly Fact[]): this {
    for (const fact of facts) {
      const position = this.events.length + 1;
      const event: Event = { ...fact, position, at: timeAt(position) };
      this.events.push(event);
      evolve(this.state, event);
    }
    return this;
  }

  /** Writes facts down, and all that follows from them. */
  tell(...facts: readonly Fact[]): this {
    return this.write(...facts).settle();
  }

  /** Applies `follow` until the state is at rest. */
  settle(): this {
    for (let count = 0; count < mostSteps; count += 1) {
      const facts = follow(this.state);
      if (facts.length === 0) return this;
      this.write(...facts);
    }
    throw new Error("follow never comes to rest");
  }

  /** Commands that must be accepted; throws with the rejection's words otherwise. */
  do(...commands: readonly Command[]): this {
    for (const command of commands) {
      const decision = decide(this.state, command, timeAt(this.events.length + 1));
      if (!decision.isAccepted) throw new Error(`${command.type} was refused: ${decision.rejection.message}`);
      this.tell(...decision.facts);
    }
    return this;
  }

  /** The rejection of a command that must be refused. */
  refusal(command: Command): Rejection {
    const decision = decide(this.state, command, timeAt(this.events.length + 1));
    if (decision.isAccepted) throw new Error(`${command.type} was accepted`);
    return decision.rejection;
  }

  /** Every event of a type so far. */
  all<T extends FactType>(type: T): EventOf<T>[] {
    // The filter keeps exactly the events whose type is T.
    return this.events.filter((event) => event.type === type) as EventOf<T>[];
  }

  /** The last event of a type. */
  last<T extends FactType>(type: T): EventOf<T> {
    return known(this.all(type).at(-1), `an event ${type}`);
  }

  ticket(ticketId: string): Ticket {
    return known(this.state.tickets.get(ticketId), `the ticket ${ticketId}`);
  }

  track(trackId: string): Track {
    return known(this.state.tracks.get(trackId), `the track ${trackId}`);
  }

  /** What the state asks for now, as `type subject`. */
  effects(): string[] {
    return reconcile(this.state).map(effectLine);
  }
}

/** `type subject` of an effect. */
export function effectLine(effect: Effect): string {
  return Object.values(effect).join(" ");
}

/** Throws when a test's premise does not hold. */
export function known<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`There is no ${what}.`);
  return value;
}

/** The state that facts fold to, with everything that follows from them. */
export function settled(...facts: readonly Fact[]): Story {
  return new Story().tell(...facts);
}

/** The story of commands, each of which must be accepted. */
export function run(...commands: readonly Command[]): Story {
  return new Story().do(...commands);
}

/** `given(facts).when(command).then(facts or rejection)`. */
export function given(...facts: readonly Fact[]) {
  const story = new Story().write(...facts);
  return {
    when(command: Command) {
      const decision = decide(story.state, command, timeAt(story.events.length + 1));
      const outcome = decision.isAccepted ? [...decision.facts] : [decision.rejection];
      return {
        outcome,
        /** Exactly these facts in this order, each with at least these fields; or one rejection. */
        // biome-ignore lint/suspicious/noThenProperty: the last word of given, when, then; nobody awaits it.
        then(...expected: readonly Expected[]): void {
          expect(outcome).toMatchObject([...expected]);
          expect(outcome.length).toBe(expected.length);
        },
      };
    },
  };
}
