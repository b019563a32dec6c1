/**
 * One random life of an engine: everything that takes time is held until the dice let it go on, people decide and pull levers
 * at random moments, the clock jumps, and the power fails. What must always hold is checked after each step; `faults` says what
 * did not. After a random number of steps the storm is over (no fault comes any more), and then the run must end.
 */

import { limitInForce } from "../../src/domain/budget.ts";
import type { Command } from "../../src/domain/command.ts";
import { isFinal } from "../../src/domain/readiness.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { Gate } from "../../src/domain/state.ts";
import { decidedTwice, mergedWithoutCheck, ranWithoutLeave, repeatedCommands } from "./agent-ledger.ts";
import { Dice } from "./dice.ts";
import { EngineRig, loopTurn } from "./engine-rig.ts";
import type { EngineWorld } from "./engine-world.ts";
import { editWorktree, history } from "./fake-repository.ts";
import { auditLeave } from "./leave-audit.ts";
import { diskFault, randomSettings, randomWorld } from "./random-world.ts";

const mostSteps = 4_000;
const longestStorm = 600;
const twoDaysSeconds = 2 * 86_400;
/** Turns of the event loop, not time: on a busy machine the real disk may take very many of them. */
const mostIdleTurns = 2_000_000;

export class EngineSimulation {
  readonly faults: string[] = [];
  readonly #dice: Dice;
  readonly #world: EngineWorld;
  #settings: Partial<Settings>;
  #held: { readonly label: string; readonly release: () => void }[] = [];
  readonly #released = new Set<string>();
  #rig: EngineRig;
  #leversLeft = 5;
  #cutsLeft = 3;
  #jumpsLeft = 2;
  #stormSteps: number;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.#stormSteps = this.#dice.below(longestStorm);
    this.#world = randomWorld(this.#dice, { hold: (label) => this.#hold(label), isStormy: () => this.#stormSteps > 0 });
    this.#settings = randomSettings(this.#dice);
    this.#rig = new EngineRig({ world: this.#world, settings: this.#settings });
  }

  /** Plays until nothing can move any more. */
  async play(): Promise<EngineRig> {
    this.#rig.do({ type: "create_epic", goal: "Anything.", isStarting: true });
    for (let step = 0; step < mostSteps; step += 1) {
      await this.#quiet();
      this.#stormSteps -= 1;
      this.#check(this.#dice.isLucky(0.05));
      const moves = this.#moves();
      if (moves.length > 0) await this.#dice.pick(moves)();
      else if (await this.#isOver()) return this.#end();
    }
    throw new Error(`The run never ends; held: ${this.#held.map(({ label }) => label).join(", ")}`);
  }

  #hold(label: string): Promise<void> {
    this.#released.delete(label);
    return new Promise((release) => this.#held.push({ label, release }));
  }

  /** Waits until the engine has done all that it can do without the world. */
  async #quiet(): Promise<void> {
    let calmTurns = 0;
    let seen = "";
    for (let turn = 0; turn < mostIdleTurns && calmTurns < 4; turn += 1) {
      await loopTurn();
      const now = `${this.#rig.state.position} ${this.#held.length}`;
      calmTurns = now === seen && !this.#isReading() ? calmTurns + 1 : 0;
      seen = now;
    }
  }

  /** Whether the engine reads from the real disk, the one thing here that no test holds. */
  #isReading(): boolean {
    const { state } = this.#rig;
    return [...state.tickets.values()].some(
      ({ ticketId, stage }) =>
        (stage.name === "preparing" && this.#released.has(`prepareAttempt ${ticketId}`)) ||
        (stage.name === "diagnosing" && !state.isPaused && !this.#hasQa(ticketId)),
    );
  }

  #hasQa(ticketId: string): boolean {
    const agents = [...this.#rig.state.agents.values()];
    return agents.some((agent) => agent.role === "qa" && agent.ticketId === ticketId && agent.status === "running");
  }

  #moves(): (() => Promise<void> | void)[] {
    const { state } = this.#rig;
    const moves: (() => Promise<void> | void)[] = this.#held.map((held) => () => this.#release(held));
    for (const gate of this.#rig.openGates()) moves.push(() => this.#decide(gate));
    if (state.isPaused) moves.push(() => this.#rig.do({ type: "unpause_engine", by: "person" }));
    if (moves.length === 0 || this.#stormSteps <= 0 || !this.#dice.isLucky(0.08)) return moves;
    if (this.#leversLeft > 0) moves.push(...this.#levers());
    if (this.#jumpsLeft > 0) moves.push(() => this.#jump());
    if (this.#cutsLeft > 0)
      moves.push(
        () => this.#cutPower(),
        () => this.#restart(),
      );
    return moves;
  }

  #jump(): void {
    this.#jumpsLeft -= 1;
    this.#world.jumpClock(this.#dice.pick([-twoDaysSeconds, -60, 3_600, twoDaysSeconds]));
  }

  /** Who starts it again may do so with another level. */
  #nextSettings(): Partial<Settings> {
    if (this.#dice.isLucky(0.5)) return this.#settings;
    const { gates, isLanding } = randomSettings(this.#dice);
    this.#settings = { ...this.#settings, gates, isLanding };
    return this.#settings;
  }

  #release(held: { readonly label: string; readonly release: () => void }): void {
    this.#released.add(held.label);
    this.#held = this.#held.filter((other) => other !== held);
    held.release();
  }

  #decide(gate: Gate): void {
    if (gate.kind !== "budget" && this.#dice.isLucky(0.12)) return this.#rig.decline(gate, "I would rather not.");
    const isEdited = gate.kind === "command" && this.#dice.isLucky(0.3);
    if (isEdited) this.#rig.approve(gate, { ...Object(gate.payload), command: `edit ${gate.ticketId} --edited` });
    else this.#rig.approve(gate);
    const { gateId, payloadHash } = gate;
    const again = this.#rig.engine.dispatch({ type: "approve_gate", gateId, payloadHash, by: "person" });
    if (again.isAccepted) this.faults.push(`${gateId} was approved twice`);
  }

  #levers(): (() => void)[] {
    const lever = (command: Command) => () => {
      this.#leversLeft -= 1;
      this.#rig.do(command);
    };
    const levers = [lever({ type: "pause_engine", by: "person" }), () => this.#changeSandbox()];
    const rule = [...this.#rig.state.rules.values()].find(({ revokedAt }) => revokedAt === null);
    if (rule) levers.push(lever({ type: "revoke_rule", ruleId: rule.ruleId, by: "person" }));
    else levers.push(lever({ type: "add_rule", pattern: "edit T-001 *", by: "person" }));
    for (const ticket of this.#rig.state.tickets.values()) {
      const { ticketId, stage } = ticket;
      if (stage.name === "working") levers.push(() => this.#editBehind(ticketId));
      if (!isFinal(ticket)) levers.push(lever({ type: "cancel_ticket", ticketId, reason: "" }));
      else if (stage.name !== "completed") levers.push(lever({ type: "retry_ticket", ticketId, by: "person" }));
      if (stage.name === "blocked") levers.push(lever({ type: "skip_ticket", ticketId, reason: "" }));
    }
    return levers;
  }

  /** Somebody else's hand in a worktree: what waits there or is approved is not what was shown. */
  #editBehind(ticketId: string): void {
    this.#leversLeft -= 1;
    editWorktree(this.#world.disk, ticketId);
  }

  #changeSandbox(): void {
    this.#leversLeft -= 1;
    const { environment, sandbox } = this.#world.profile;
    this.#world.profile = { environment, sandbox: { ...sandbox, network: !sandbox.network } };
  }

  #cutPower(): void {
    this.#cutsLeft -= 1;
    const events = this.#rig.cutPower();
    this.#held = [];
    this.#released.clear();
    this.#rig = new EngineRig({ world: this.#world, settings: this.#nextSettings(), events });
  }

  async #restart(): Promise<void> {
    this.#cutsLeft -= 1;
    let next: EngineRig | null = null;
    const restarting = this.#rig.restart({ settings: this.#nextSettings() }).then((rig) => {
      next = rig;
    });
    while (next === null) {
      for (const held of this.#held.splice(0)) held.release();
      await loopTurn();
    }
    await restarting;
    this.#released.clear();
    this.#rig = next;
  }

  #check(isFolding: boolean): void {
    const { state } = this.#rig;
    const limit = limitInForce(state, "runTokens", "run") ?? Number.POSITIVE_INFINITY;
    let taken = state.runSpend.tokens;
    for (const held of state.reservations.values()) taken += held.tokens;
    if (taken > limit) this.faults.push(`${taken} tokens are held or spent, the limit is ${limit}`);
    if (isFolding && !this.#rig.isFoldEqual()) this.faults.push(`the fold differs at ${state.position}`);
  }

  /** Whether the engine has settled; false when it was only slow to ask for what it needs next. */
  async #isOver(): Promise<boolean> {
    let isSettled = false;
    const settling = this.#rig.engine.whenSettled().then(() => {
      isSettled = true;
    });
    for (let turn = 0; turn < mostIdleTurns; turn += 1) {
      await loopTurn();
      if (this.#held.length > 0) return false;
      if (!isSettled) continue;
      await settling;
      return this.#moves().length === 0;
    }
    throw new Error("The engine does not settle although nothing is left to do.");
  }

  #end(): EngineRig {
    this.#check(true);
    this.faults.push(...this.#leftovers(), ...this.#wrongs());
    return this.#rig;
  }

  /** What still moves at the end. A limit that nobody may raise leaves its tickets waiting, and says so. */
  #leftovers(): string[] {
    const { state } = this.#rig;
    if (state.reachedLimits.size > 0) return [];
    const tickets = [...state.tickets.values()].filter((ticket) => !isFinal(ticket));
    const tracks = [...state.tracks.values()].filter(({ status }) => status === "planning" || status === "in_progress");
    const agents = [...state.agents.values()].filter((agent) => agent.status === "running");
    return [
      ...tickets.map(({ ticketId, stage }) => `${ticketId} is left ${stage.name}`),
      ...tracks.map(({ trackId, status }) => `${trackId} is left ${status}`),
      ...agents.map(({ streamId }) => `${streamId} is left running`),
      ...[...state.reservations.keys()].map((callId) => `${callId} is still held`),
    ];
  }

  #wrongs(): string[] {
    const { events, reports } = this.#rig;
    return [
      ...auditLeave(events),
      ...decidedTwice(events),
      ...ranWithoutLeave(events).map((id) => `${id} ran without leave`),
      ...repeatedCommands(events).map((id) => `${id} was repeated`),
      ...mergedWithoutCheck(events).map((id) => `${id} was merged without a green check of the merged tree`),
      ...this.#branchFaults(),
      ...reports.filter((report) => !report.includes(diskFault)),
    ];
  }

  /** Where the branches do not say what the log says. */
  #branchFaults(): string[] {
    const { disk } = this.#world;
    const { tickets, tracks } = this.#rig.state;
    const faults: string[] = [];
    for (const { trackId, landing } of tracks.values()) {
      const tip = disk.tracks[trackId]?.tip ?? "";
      const commits = history(disk, tip);
      const merged = new Set([...commits].map((commit) => disk.commits[commit]?.label));
      if (landing.name === "landed" && !history(disk, disk.head).has(tip)) faults.push(`${trackId} is not in main`);
      for (const { ticketId, stage, trackId: home } of tickets.values()) {
        if (home !== trackId) continue;
        const own = disk.tickets[ticketId]?.tip ?? "";
        if (stage.name === "completed" && !commits.has(own)) faults.push(`${ticketId} is not in its track`);
        const isTold = this.#rig.all("merge.completed").some((event) => event.ticketId === ticketId);
        if (stage.name !== "completed" && !isTold && merged.has(`merge ${ticketId}`))
          faults.push(`${ticketId} is in its track, but ${stage.name}`);
      }
    }
    return faults;
  }
}
