/** Whatever models, people, checks and crashes do, a run ends, and its log tells it again. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Event, Fact } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/evolve.ts";
import { isFinal } from "../../src/domain/readiness.ts";
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
