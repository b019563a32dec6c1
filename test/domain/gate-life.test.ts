/**
 * The life of a command's gate against a tiny model of it: people answer rightly, wrongly, twice and too late, files change,
 * rules appear, the process restarts. After each step the gates, what ran, and the folded log must be as the model says.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Rejection } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import { fold } from "../../src/domain/evolve.ts";
import { type Json, payloadHash } from "../../src/domain/gate.ts";
import { guarded, preparedTrack, ticket } from "../support/facts.ts";
import { known, type Story, settled, timeAt } from "../support/given.ts";
import { beginOf, surroundings, work } from "./steps.ts";

const sequences = 600;

type Status = "open" | "approved" | "declined" | "withdrawn" | "superseded";

/** All that a gate is: what it shows, where it stands. */
interface ModelGate {
  readonly gateId: string;
  status: Status;
  command: string;
  treeHash: string;
}

interface Model {
  readonly gates: ModelGate[];
  /** The files as they are now. */
  treeHash: string;
  /** What ran, as `command @ tree`. */
  readonly ran: string[];
  isOver: boolean;
}

interface Real {
  readonly story: Story;
  readonly agentId: string;
  readonly toolCallId: string;
}

type Answer = "approve" | "decline" | "edit" | "stale";
type Outcome = "accepted" | Rejection["code"];

/** An answer to any gate that there ever was, the present one most of the time. */
class AnswerGate implements fc.Command<Model, Real> {
  readonly answer: Answer;
  readonly age: number;

  constructor(answer: Answer, age: number) {
    this.answer = answer;
    this.age = age;
  }

  check(model: Readonly<Model>): boolean {
    return model.gates.length > 0;
  }

  run(model: Model, real: Real): void {
    const gate = known(model.gates.at(-1 - Math.min(this.age, model.gates.length - 1)), "gate");
    const isOpen = gate.status === "open";
    const expected: Outcome = !isOpen ? "conflict" : this.answer === "stale" ? "stale" : "accepted";
    expect(this.#give(real, gate)).toBe(expected);
    if (expected === "accepted") this.#follow(model, gate);
    agree(model, real);
  }

  #give({ story }: Real, { gateId }: ModelGate): Outcome {
    const shown = known(story.state.gates.get(gateId), "gate");
    const hash = this.answer === "stale" ? payloadHash({ other: gateId }) : shown.payloadHash;
    const named = { gateId, payloadHash: hash, by: "person" } as const;
    if (this.answer === "decline") return put(story, { ...named, type: "decline_gate", reason: "no" });
    const payload: Json = { command: "edited", cwd: "worktrees/T-001" };
    return put(story, { ...named, type: "approve_gate", ...(this.answer === "edit" ? { payload } : {}) });
  }

  #follow(model: Model, gate: ModelGate): void {
    gate.status = this.answer === "decline" ? "declined" : "approved";
    if (this.answer === "edit") gate.command = "edited";
    model.isOver = this.answer === "decline";
  }

  toString(): string {
    return `${this.answer} the gate ${this.age} before the last`;
  }
}

/** The files change in the worktree, and may change back. */
class ChangeFiles implements fc.Command<Model, Real> {
  readonly treeHash: string;

  constructor(treeHash: string) {
    this.treeHash = treeHash;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    model.treeHash = this.treeHash;
    agree(model, real);
  }

  toString(): string {
    return `the files are ${this.treeHash}`;
  }
}

/** The engine carries out an approved command, and is refused when there is none. */
class Execute implements fc.Command<Model, Real> {
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const gate = model.gates.at(-1);
    const isAllowed = gate?.status === "approved" && model.ran.length === 0;
    const begin = beginOf(real.toolCallId, { treeHash: model.treeHash });
    expect(put(real.story, begin)).toBe(isAllowed ? "accepted" : "conflict");
    if (isAllowed) this.#follow(model, gate);
    agree(model, real);
  }

  #follow(model: Model, gate: ModelGate): void {
    if (gate.treeHash === model.treeHash) {
      model.ran.push(`${gate.command} @ ${gate.treeHash}`);
      return;
    }
    gate.status = "superseded";
    const gateId = `G-${String(model.gates.length + 1).padStart(4, "0")}`;
    model.gates.push({ gateId, status: "open", command: gate.command, treeHash: model.treeHash });
  }

  toString(): string {
    return "execute";
  }
}

/** The engine shows what was asked for: only the first time is there anything to show. */
class Show implements fc.Command<Model, Real> {
  check(): boolean {
    return true;
  }

  run(model: Model, { story, ...real }: Real): void {
    const isNew = model.gates.length === 0 && !model.isOver;
    const { toolCallId } = real;
    const command = { type: "offer_command", toolCallId } as const;
    const shown = { ...surroundings, treeHash: model.treeHash };
    expect(put(story, { ...command, surroundings: shown })).toBe(isNew ? "accepted" : "conflict");
    if (isNew) model.gates.push({ gateId: "G-0001", status: "open", command: "make", treeHash: model.treeHash });
    agree(model, { story, ...real });
  }

  toString(): string {
    return "show";
  }
}

/** The agent's thread dies: what it asked for is for nobody. */
class Withdraw implements fc.Command<Model, Real> {
  check(model: Readonly<Model>): boolean {
    return !model.isOver && model.gates.length > 0;
  }

  run(model: Model, real: Real): void {
    const { agentId, story } = real;
    story.do({ type: "fail_agent", agentId, code: "crash", reason: "It died.", isRetryable: false });
    for (const gate of model.gates) if (gate.status === "open") gate.status = "withdrawn";
    model.isOver = true;
    agree(model, real);
    // An approval whose agent is gone is never carried out.
    if (model.ran.length === 0) model.ran.push("never");
  }

  toString(): string {
    return "withdraw";
  }
}

/** The process ends and starts on the log: the thread asks for the same tool call anew, and nothing else changes. */
class Restart implements fc.Command<Model, Real> {
  check(model: Readonly<Model>): boolean {
    return model.ran.length === 0;
  }

  run(model: Model, real: Real): void {
    const { story, agentId, toolCallId } = real;
    story.do({ type: "start_engine", version: "1", pid: 2, settings: story.state.settings });
    const ask = { type: "request_tool", agentId, toolCallId, name: "bash", input: { command: "make" } } as const;
    if (story.state.agents.get(agentId)?.status === "running") story.do(ask);
    agree(model, real);
  }

  toString(): string {
    return "restart";
  }
}

function put(story: Story, command: Parameters<typeof decide>[1]): Outcome {
  const decision = decide(story.state, command, timeAt(story.events.length + 1));
  if (!decision.isAccepted) return decision.rejection.code;
  story.tell(...decision.facts);
  return "accepted";
}

/** What the rules say and what the model says is the same, and the log alone gives it back. */
function agree(model: Model, { story }: Real): void {
  const gates = [...story.state.gates.values()];
  expect(gates.map(({ gateId, status }) => [gateId, status])).toEqual(
    model.gates.map(({ gateId, status }) => [gateId, status]),
  );
  for (const gate of gates) expect(gate.payloadHash).toBe(payloadHash(gate.payload));
  for (const [index, { command, treeHash }] of model.gates.entries())
    expect(gates[index]?.payload).toMatchObject({ command, treeHash });
  const began = story.all("command.started");
  const shown = began.map(({ command, allowedBy }) => {
    const gate = model.gates.find(({ gateId }) => allowedBy === `gate ${gateId}`);
    return `${command} @ ${gate?.treeHash}`;
  });
  expect(shown).toEqual(model.ran.filter((line) => line !== "never"));
  expect(fold(story.events)).toEqual(story.state);
}

function requested(): { model: Model; real: Real } {
  const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
  const agentId = work(story, "T-001");
  const toolCallId = "call";
  story.do({ type: "request_tool", agentId, toolCallId, name: "bash", input: { command: "make" } });
  return {
    model: { gates: [], treeHash: "tree", ran: [], isOver: false },
    real: { story, agentId, toolCallId },
  };
}

test("a gate lives as its model says, through answers, changes, restarts and second tries", () => {
  const answer = fc.constantFrom<Answer>("approve", "approve", "decline", "edit", "stale");
  const age = fc.constantFrom(0, 0, 0, 1, 2);
  const commands = [
    fc.constant(new Show()),
    fc.tuple(answer, age).map(([what, before]) => new AnswerGate(what, before)),
    fc.tuple(answer, age).map(([what, before]) => new AnswerGate(what, before)),
    fc.constantFrom("tree", "tree", "other", "third").map((hash) => new ChangeFiles(hash)),
    fc.constant(new Execute()),
    fc.constant(new Execute()),
    fc.constant(new Restart()),
    fc.constant(new Withdraw()),
  ];
  const seen = new Map<Status | "ran", number>();
  const count = (what: Status | "ran") => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 25, size: "max" }), (steps) => {
      const setup = requested();
      fc.modelRun(() => setup, steps);
      for (const { status } of setup.model.gates) count(status);
      if (setup.model.ran.some((line) => line !== "never")) count("ran");
    }),
    { numRuns: sequences },
  );
  const kinds = ["approved", "declined", "open", "ran", "superseded", "withdrawn"] as const;
  for (const kind of kinds) expect(seen.get(kind) ?? 0).toBeGreaterThan(sequences / 60);
});
