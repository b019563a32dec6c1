/** Whatever models, people, checks and crashes do, a run ends, and its log tells it again. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Event, Fact } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/evolve.ts";
import { indexAgent, indexGate, indexOrder, indexTicket, indexTrack } from "../../src/domain/index-work.ts";
import { isFinal } from "../../src/domain/readiness.ts";
import { emptyState, type State } from "../../src/domain/state.ts";
import type { WorkIndex } from "../../src/domain/work-index.ts";
import { outcomeOf } from "../../src/projections/summary.ts";
import type { Story } from "../support/given.ts";
import { RandomRun } from "./random-run.ts";

const seed = Number(process.env.SEED ?? 20260101);

/** Every expectation looks at the same runs, so each is played once. */
const played = new Map<number, Story>();

function storyOf(number: number): Story {
  const story = played.get(number) ?? new RandomRun(number).toEnd();
  played.set(number, story);
  return story;
}

/** Many random runs; a failure names its seed, and `SEED=...` plays the same runs again. */
function eachRun(expectation: (story: Story) => void): void {
  const runs = fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (number) => expectation(storyOf(number)));
  fc.assert(runs, { seed, numRuns: 150, endOnFailure: true });
}

/** The index that a state's records give when they are taken in one after the other. */
function indexed({ tracks, tickets, agents, gates }: State): WorkIndex {
  const state = emptyState();
  for (const track of tracks.values()) {
    state.tracks.set(track.trackId, track);
    indexTrack(state, track);
    indexOrder(state, track);
  }
  for (const ticket of tickets.values()) {
    state.tickets.set(ticket.ticketId, ticket);
    indexTicket(state, undefined, ticket);
  }
  for (const agent of agents.values()) indexAgent(state, agent);
  for (const gate of gates.values()) indexGate(state, gate);
  return state.work;
}

/** Nobody asks in which order tickets came to need a ticket. */
function plainWork(work: WorkIndex) {
  return { ...work, dependents: new Map([...work.dependents].map(([id, others]) => [id, others.toSorted()])) };
}

describe("a random run", () => {
  test("ends with nothing left to do and every ticket at its end, or at a limit", () => {
    eachRun((story) => {
      const { state } = story;
      if (state.reachedLimits.size > 0) return expect(outcomeOf(state)).toMatch(/budget|blocked|done/);
      expect(story.effects()).toEqual([]);
      expect([...state.tickets.values()].filter((ticket) => !isFinal(ticket))).toEqual([]);
      expect([...state.tracks.values()].filter((track) => track.status === "planning")).toEqual([]);
      expect(outcomeOf(state)).toMatch(/done|blocked/);
    });
  });

  test("gives the same state when its log is folded again", () => {
    eachRun(({ events, state }) => {
      const stored: Event[] = JSON.parse(JSON.stringify(events));
      expect(fold(stored)).toEqual(state);
    });
  });

  test("keeps an index of the work that its records alone would give", () => {
    eachRun(({ state }) => expect(plainWork(state.work)).toEqual(plainWork(indexed(state))));
  });

  test("writes only facts that the log's schema knows", () => {
    eachRun(({ events }) => {
      for (const { position: _position, at: _at, ...fact } of events) expect(Fact.parse(fact)).toEqual(fact);
    });
  });

  test("decides no gate twice, and gives no id twice", () => {
    eachRun((story) => {
      const opened = story.all("gate.opened").map((event) => event.gateId);
      const closed = (["gate.approved", "gate.declined", "gate.withdrawn"] as const)
        .flatMap((type) => story.all(type))
        .map((event) => event.gateId);
      for (const ids of [opened, closed, story.all("agent.started").map((event) => event.agentId)])
        expect(new Set(ids).size).toBe(ids.length);
    });
  });

  test("runs no command that a rule or a gate did not allow, and each as it was approved", () => {
    eachRun((story) => {
      for (const started of story.all("command.started")) {
        if (!started.allowedBy.startsWith("gate ")) continue;
        const approved = story.all("gate.approved").find((event) => `gate ${event.gateId}` === started.allowedBy);
        expect(approved?.position).toBeLessThan(started.position);
        expect(approved?.payload).toMatchObject({ command: started.command, cwd: started.cwd });
      }
    });
  });

  test("starts no worker before its gate, and merges nothing whose merged tree was not green", () => {
    eachRun((story) => {
      if (story.state.settings.gates.level === "manual") {
        const starts = story.all("agent.started").filter((event) => event.purpose === "work");
        expect(starts.length).toBeLessThanOrEqual(
          story.all("gate.approved").filter((event) => event.kind === "spawn").length,
        );
      }
      for (const merged of story.all("merge.completed")) {
        const checks = story.all("check.completed").filter((check) => isOf(merged, check));
        expect(checks.at(-1)).toMatchObject({ subject: "merged", exitCode: 0 });
      }
    });
  });
});

type Ref = { readonly ticketId: string; readonly attempt: number; readonly position: number };

function isOf(merged: Ref, check: Ref): boolean {
  return check.ticketId === merged.ticketId && check.attempt === merged.attempt && check.position < merged.position;
}
