/**
 * Takes a run of many tickets from its plan to its end by the rules and the log alone: what the engine asks for is answered at
 * once with what a good worker, a green check and a clean merge would say. Every command is a transaction of its own with all that
 * follows from it, as in the engine.
 */
import type { Command } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Fact } from "../../src/domain/event.ts";
import { evolve } from "../../src/domain/evolve.ts";
import { follow } from "../../src/domain/follow.ts";
import { type Effect, reconcile } from "../../src/domain/reconcile.ts";
import { defaultSettings } from "../../src/domain/settings.ts";
import { emptyState, type State } from "../../src/domain/state.ts";
import { EventLog } from "../../src/log/event-log.ts";

export type Shape = "layers" | "chain";

const trackId = "bench_20260101";
const sha = "a".repeat(40);
const at = "2026-01-01T00:00:00.000Z";
const layer = 100;

/** What one run took. */
export interface Scheduled {
  readonly events: number;
  readonly transactions: number;
  /** Milliseconds from the first ticket's start to the last one's end, and the part of it that the log took. */
  readonly ms: number;
  readonly logMs: number;
}

/** Runs them all; throws when one does not end well. */
export function schedule(shape: Shape, ticketCount: number, path: string): Scheduled {
  const log = EventLog.open(path);
  const state = emptyState();
  let logMs = 0;
  let transactions = 0;
  const add = (facts: readonly Fact[]): void => {
    const startedAt = performance.now();
    const events = log.add(facts, at);
    logMs += performance.now() - startedAt;
    for (const event of events) evolve(state, event);
  };
  const write = (facts: readonly Fact[]): void => {
    add(facts);
    for (let more = follow(state); more.length > 0; more = follow(state)) add(more);
    const startedAt = performance.now();
    log.commit();
    transactions += 1;
    logMs += performance.now() - startedAt;
  };
  try {
    write(planFacts(shape, ticketCount));
    logMs = 0;
    transactions = 0;
    const [before, startedAt] = [log.position, performance.now()];
    write([{ type: "track.started", trackId }]);
    write([{ type: "track.prepared", trackId, branch: "b", baseCommit: sha }]);
    for (;;) {
      const effects = reconcile(state);
      const commands = effects.flatMap((effect) => answers(state, effect));
      if (commands.length === 0) break;
      for (const command of commands) {
        const decision = decide(state, command, at);
        if (!decision.isAccepted) throw new Error(`${command.type}: ${decision.rejection.message}`);
        write(decision.facts);
      }
    }
    const ms = performance.now() - startedAt;
    if (state.tracks.get(trackId)?.status !== "completed") throw new Error("The run did not end well.");
    return { events: log.position - before, transactions, ms, logMs };
  } finally {
    log.close();
  }
}

function planFacts(shape: Shape, count: number): Fact[] {
  const settings = {
    ...defaultSettings,
    gates: { level: "all" as const, allow: [] },
    review: { qa: false, techLead: false },
    workers: { ...defaultSettings.workers, max: layer },
  };
  const track = { key: "bench", title: "Bench", goal: "Go.", acceptanceCriteria: [], modules: [], dependsOn: [] };
  return [
    { type: "settings.applied", settings },
    { type: "track.created", trackId, ...track, kind: "feature" },
    ...Array.from({ length: count }, (_, index) => ticketFact(index, needsOf(shape, index))),
  ];
}

/** Each ticket of a layer needs two of the layer before it; each of a chain the one before it. */
function needsOf(shape: Shape, index: number): string[] {
  if (shape === "chain") return index === 0 ? [] : [ticketName(index - 1)];
  if (index < layer) return [];
  const above = index - layer;
  const beside = above - (above % layer) + ((above + 1) % layer);
  return [ticketName(above), ticketName(beside)];
}

function ticketName(index: number): string {
  return `T-${String(index + 1).padStart(3, "0")}`;
}

function ticketFact(index: number, dependsOn: string[]): Fact {
  const ticketId = ticketName(index);
  return {
    type: "ticket.created",
    ticketId,
    trackId,
    key: ticketId,
    title: `Do ${ticketId}`,
    description: "A piece.",
    targetFiles: [`src/${ticketId}.ts`],
    contextFiles: [],
    dependsOn,
    acceptanceCriteria: [],
    phase: "Phase 1: Work",
    priority: "medium",
    isStepMode: false,
  };
}

/** What comes of an effect whose worker, check or merge answers at once. */
function answers(state: State, effect: Effect): Command[] {
  const base = "ticketId" in effect ? { ticketId: effect.ticketId } : { ticketId: "" };
  const { ticketId } = base;
  const check = {
    ticketId,
    command: "true",
    exitCode: 0,
    isTimedOut: false,
    durationMs: 1,
    treeHash: sha,
    commit: sha,
  };
  const attempt = state.tickets.get(ticketId)?.attempts.length ?? 0;
  switch (effect.type) {
    case "prepare_attempt":
      return [
        {
          type: "record_prepared_attempt",
          ticketId,
          attempt,
          worktree: ticketId,
          branch: "b",
          baseCommit: sha,
          prompt: "Do it.",
          context: "",
        },
      ];
    case "begin_worker":
      return [
        {
          type: "begin_agent",
          role: "worker",
          purpose: "work",
          streamId: `Tier 3 (Worker): ${ticketId}`,
          trackId,
          ticketId,
          attempt,
          model: "m",
          provider: "default",
          maxTokens: 1000,
          system: "",
          message: ["Do it."],
        },
      ];
    case "run_agent":
      return [{ type: "end_agent", agentId: effect.agentId, text: "Done." }];
    case "run_check":
      return [
        { type: "begin_check", ticketId, subject: "ticket", command: "true", commit: sha },
        { type: "record_check", ...check, subject: "ticket", output: "", diff: "" },
      ];
    case "merge_ticket":
      return [
        { type: "begin_merge", ticketId, trackCommit: sha, ticketCommit: sha, resultTree: sha },
        { type: "begin_check", ticketId, subject: "merged", command: "true" },
        { type: "record_check", ...check, subject: "merged", output: "", diff: "" },
        { type: "record_merge", ticketId, commit: sha, treeHash: sha },
      ];
    default:
      return [];
  }
}
