/**
 * Drives the rules through a whole run without an engine: every effect, every agent's turn and every open gate is answered
 * by a choice from a seed. Ends when nothing can move any more; throws when that never happens.
 */

import { limitInForce } from "../../src/domain/budget.ts";
import type { Command, PlanCommand } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import type { Json } from "../../src/domain/gate.ts";
import { isFinal } from "../../src/domain/readiness.ts";
import { type Effect, reconcile } from "../../src/domain/reconcile.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { Gate } from "../../src/domain/state.ts";
import { Dice } from "../support/dice.ts";
import { settingsWith } from "../support/facts.ts";
import { known, Story, timeAt } from "../support/given.ts";
import { RandomAgents } from "./random-agents.ts";
import { randomEdit } from "./random-edits.ts";
import { beginOf, beginOrchestrator, beginQa, beginTechLead, beginWorker, check, offer, prepare } from "./steps.ts";

const mostMoves = 5_000;

type Move = () => unknown;

export class RandomRun {
  readonly story = new Story();
  readonly #dice: Dice;
  readonly #agents: RandomAgents;
  /** Makes an edit of the plan that will be accepted; a test may look before and after. */
  onEdit: (command: PlanCommand, make: () => void) => void = (_command, make) => make();
  #leversLeft = 6;
  #crashesLeft = 2;

  constructor(seed: number, changes: Parameters<typeof settingsWith>[0] = {}) {
    this.#dice = new Dice(seed);
    this.#agents = new RandomAgents(this.story, this.#dice, () => this.#crash());
    this.story.do(
      { type: "start_engine", version: "1", pid: 1, settings: this.#settings(changes) },
      { type: "create_epic", goal: "Anything.", isStarting: true },
    );
  }

  /** Moves until nothing can. */
  toEnd(): Story {
    for (let count = 0; count < mostMoves; count += 1) {
      const moves = this.#moves();
      if (moves.length === 0) return this.story;
      this.#dice.pick(moves)();
      this.#assertWithinLimits();
    }
    throw new Error(`The run does not end: ${this.story.effects().join(", ")}`);
  }

  #settings(changes: Parameters<typeof settingsWith>[0]): Settings {
    const dice = this.#dice;
    return settingsWith({
      gates: { level: dice.pick(["manual", "guarded", "all"]), allow: ["bun test *"] },
      review: { qa: dice.isLucky(0.5), techLead: dice.isLucky(0.5) },
      workers: { max: 1 + dice.below(3), retries: dice.below(3), maxTurns: 60 },
      budget: dice.isLucky(0.3) ? { runTokens: 2_000 + dice.below(60_000) } : {},
      isLanding: dice.isLucky(0.5),
      ...changes,
    });
  }

  #moves(): Move[] {
    const { state } = this.story;
    const effects = reconcile(state);
    const moves: Move[] = effects
      .filter((effect) => effect.type !== "run_agent")
      .map((effect) => () => this.#carryOut(effect));
    for (const agent of state.agents.values()) {
      if (this.#agents.canMove(agent)) moves.push(() => this.#agents.turn(agent));
    }
    for (const gate of state.gates.values()) if (gate.status === "open") moves.push(() => this.#answer(gate));
    if (state.isPaused) moves.push(() => this.story.do({ type: "unpause_engine", by: "person" }));
    else if (moves.length > 0 && this.#dice.isLucky(0.08)) moves.push(...this.#levers());
    return moves;
  }

  #levers(): Move[] {
    const { story } = this;
    const tickets = [...story.state.tickets.values()];
    const moves: Move[] = [];
    if (this.#crashesLeft > 0) moves.push(() => this.#crash());
    if (this.#leversLeft <= 0) return moves;
    const lever = (command: Command) => () => {
      this.#leversLeft -= 1;
      story.do(command);
    };
    moves.push(lever({ type: "pause_engine", by: "person" }));
    moves.push(() => this.#editPlan());
    for (const ticket of tickets) {
      const { ticketId } = ticket;
      const { name } = ticket.stage;
      if (!isFinal(ticket)) moves.push(lever({ type: "cancel_ticket", ticketId, reason: "" }));
      else if (name !== "completed") moves.push(lever({ type: "retry_ticket", ticketId, by: "person" }));
      if (name !== "completed" && name !== "skipped") moves.push(lever({ type: "skip_ticket", ticketId, reason: "" }));
    }
    return moves;
  }

  #editPlan(): void {
    const command = randomEdit(this.story.state, this.#dice);
    if (!command || !decide(this.story.state, command, timeAt(1)).isAccepted) return;
    this.#leversLeft -= 1;
    this.onEdit(command, () => this.story.do(command));
  }

  /** The process dies and starts again: threads ask anew for what they were waiting for. */
  #crash(): boolean {
    if (this.#crashesLeft === 0) return false;
    this.#crashesLeft -= 1;
    const { state } = this.story;
    this.story.do({ type: "start_engine", version: "1", pid: 2, settings: state.settings });
    for (const call of [...state.toolCalls.values()]) {
      if (state.agents.get(call.agentId)?.status !== "running" || !state.toolCalls.has(call.toolCallId)) continue;
      this.story.do({
        type: "request_tool",
        agentId: call.agentId,
        toolCallId: call.toolCallId,
        name: "bash",
        input: {},
      });
    }
    return true;
  }

  #answer(gate: Gate): void {
    const { gateId, payloadHash, kind, payload } = gate;
    if (this.#dice.isLucky(0.2))
      this.story.do({ type: "decline_gate", gateId, payloadHash, reason: "No.", by: "person" });
    else {
      const isEdited = kind === "command" && this.#dice.isLucky(0.3);
      const edited: Json = isEdited && isRecord(payload) ? { ...payload, command: "edited" } : payload;
      this.story.do({ type: "approve_gate", gateId, payloadHash, payload: edited, by: "person" });
    }
    const again = decide(this.story.state, { type: "approve_gate", gateId, payloadHash, by: "person" }, timeAt(1));
    if (again.isAccepted) throw new Error(`The gate ${gateId} was decided twice.`);
  }

  #carryOut(effect: Effect): void {
    if (this.#dice.isLucky(0.02)) return this.#failEffect(effect);
    const { story } = this;
    switch (effect.type) {
      case "run_agent":
        return;
      case "begin_orchestrator":
        return void beginOrchestrator(story, effect.epicId);
      case "prepare_track":
        return void story.do({ ...effect, type: "record_prepared_track", branch: "branch", baseCommit: "base" });
      case "begin_tech_lead":
        return void beginTechLead(story, effect.trackId);
      case "prepare_attempt":
        return void prepare(story, effect.ticketId);
      case "begin_worker":
        return void beginWorker(story, effect.ticketId);
      case "offer_command":
        return void offer(story, effect.toolCallId);
      case "run_command":
        return this.#runCommand(effect.toolCallId);
      case "run_check":
        return void check(story, effect.ticketId, this.#exitCode());
      case "begin_diagnosis":
        return void beginQa(story, effect.ticketId, "diagnosis");
      case "begin_verdict":
        return void beginQa(story, effect.ticketId, "verdict");
      case "prompt_review":
        return this.#promptReview(effect.ticketId);
      case "offer_merge":
        return void story.do({
          ...effect,
          commit: "ticket-commit",
          trackCommit: "base",
          resultTree: "tree",
          diff: "",
        });
      case "merge_ticket":
        return this.#merge(effect.ticketId);
      case "settle_merge":
        return void story.do({ type: "abandon_merge", ticketId: effect.ticketId });
      case "prepare_landing":
        return this.#prepareLanding(effect.trackId);
      case "land_track":
        return this.#land(effect.trackId);
      default:
        return effect satisfies never;
    }
  }

  #failEffect(effect: Effect): void {
    const reason = "The disk is full.";
    const { story } = this;
    if ("epicId" in effect)
      story.do({ type: "record_effect_failure", subject: "epic", subjectId: effect.epicId, reason });
    else if ("trackId" in effect)
      story.do({ type: "record_effect_failure", subject: "track", subjectId: effect.trackId, reason });
    else if ("ticketId" in effect)
      story.do({ type: "record_effect_failure", subject: "ticket", subjectId: effect.ticketId, reason });
    else if ("toolCallId" in effect) {
      const agent = story.state.agents.get(story.state.toolCalls.get(effect.toolCallId)?.agentId ?? "");
      story.do({ type: "record_effect_failure", subject: "ticket", subjectId: agent?.ticketId ?? "", reason });
    }
  }

  #exitCode(): number {
    return this.#dice.isLucky(0.7) ? 0 : 1;
  }

  #runCommand(toolCallId: string): void {
    const { story } = this;
    if (story.state.toolCalls.get(toolCallId)?.status === "allowed")
      return void story.do(beginOf(toolCallId, { treeHash: this.#dice.pick(["tree", "tree", "tree", "other"]) }));
    const exitCode = this.#exitCode();
    story.do({ type: "record_command", toolCallId, exitCode, isTimedOut: false, durationMs: 1, output: "" });
  }

  #promptReview(ticketId: string): void {
    const { trackId } = this.story.ticket(ticketId);
    const lead = known(
      [...this.story.state.agents.values()].find((agent) => agent.role === "tech_lead" && agent.trackId === trackId),
      "tech lead",
    );
    this.story.do({ type: "prompt_agent", agentId: lead.agentId, purpose: "review", ticketId, message: ["Review."] });
  }

  #merge(ticketId: string): void {
    const { story } = this;
    if (this.#dice.isLucky(0.15)) return void story.do({ type: "record_conflict", ticketId, files: ["src/a.ts"] });
    const trackCommit = this.#dice.pick(["base", "base", "base", "moved"]);
    if (story.ticket(ticketId).stage.name === "queued")
      story.do({
        type: "begin_merge",
        ticketId,
        trackCommit,
        ticketCommit: "ticket-commit",
        resultTree: "tree",
      });
    // What a person saw is not so any more: it is shown again.
    if (story.ticket(ticketId).stage.name === "queued") return;
    const exitCode = this.#exitCode();
    check(story, ticketId, exitCode, "merged");
    if (exitCode === 0) story.do({ type: "record_merge", ticketId, commit: "merge", treeHash: "tree" });
  }

  #prepareLanding(trackId: string): void {
    if (this.#dice.isLucky(0.2))
      return void this.story.do({ type: "refuse_landing", trackId, reason: "The tree is dirty." });
    const commits = { fromCommit: "a", toCommit: "b", diffstat: "" };
    this.story.do({ type: "record_prepared_landing", trackId, branch: "main", ...commits });
  }

  #land(trackId: string): void {
    if (this.#dice.isLucky(0.2))
      return void this.story.do({ type: "refuse_landing", trackId, reason: "The tree is dirty." });
    this.story.do({ type: "record_landing", trackId, branch: "main", commit: "b" });
  }

  #assertWithinLimits(): void {
    const { state } = this.story;
    const limit = limitInForce(state, "runTokens", "run") ?? Number.POSITIVE_INFINITY;
    let held = 0;
    for (const reservation of state.reservations.values()) held += reservation.tokens;
    if (state.runSpend.tokens + held > limit)
      throw new Error(`${state.runSpend.tokens} + ${held} is more than ${limit}.`);
  }
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
