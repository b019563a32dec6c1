/** A world whose plan, models, checks, merges and disk behave as a seed says: mostly well, sometimes as badly as can be. */
import type { Json } from "../../src/domain/gate.ts";
import type { GateLevel, Settings } from "../../src/domain/settings.ts";
import type { Dice } from "./dice.ts";
import { bash, EngineWorld, type Plan, type PlannedTicket, subjectOf } from "./engine-world.ts";
import type { ModelTurn, Reply } from "./scripted-thread.ts";

export const diskFault = "The disk is full: make room, then retry.";

/** What a random world asks of whoever plays it. */
export interface Play {
  /** Says when each step that takes time may go on. */
  hold(label: string): Promise<void>;
  /** Whether faults may come still. Once they may not, all that is left must come to an end. */
  isStormy(): boolean;
}

/** A random plan, and a world that is random in all else. */
export function randomWorld(dice: Dice, { hold, isStormy }: Play): EngineWorld {
  const world = new EngineWorld(randomPlan(dice));
  const strikes = (chance: number) => isStormy() && dice.isLucky(chance);
  world.pace = async (label) => {
    await hold(label);
    if (!label.startsWith("call") && !label.startsWith("backoff") && strikes(0.005)) throw new Error(diskFault);
  };
  world.model = (turn) => (isStormy() ? randomReply(dice, world, turn) : world.answer(turn));
  world.hasConflict = () => strikes(0.1);
  world.check = async ({ cwd }) => {
    await hold(`check ${cwd}`);
    return { exitCode: strikes(0.15) ? 1 : 0, output: "1 fail" };
  };
  world.runCommand = async ({ command }) => {
    await hold(`command ${command}`);
    return { exitCode: strikes(0.1) ? 1 : 0 };
  };
  return world;
}

export function randomSettings(dice: Dice) {
  return {
    gates: {
      level: dice.pick<GateLevel>(["manual", "guarded", "guarded", "all"]),
      allow: dice.pick<string[]>([[], ["edit *"]]),
    },
    review: { qa: dice.isLucky(0.5), techLead: dice.isLucky(0.5) },
    workers: { max: 1 + dice.below(3), retries: dice.below(3), maxTurns: 60 },
    budget: dice.isLucky(0.3) ? { runTokens: 17_000 + dice.below(60_000) } : {},
    isLanding: dice.isLucky(0.7),
  } satisfies Partial<Settings>;
}

function randomPlan(dice: Dice): Plan {
  const titles = ["alpha", "beta"].slice(0, 1 + dice.below(2));
  return Object.fromEntries(titles.map((title) => [title, randomTickets(dice)]));
}

function randomTickets(dice: Dice): PlannedTicket[] {
  const keys = ["a", "b", "c", "d", "e"].slice(0, 1 + dice.below(5));
  return keys.map((key, index) => ({
    key,
    dependsOn: keys.slice(0, index).filter(() => dice.isLucky(0.3)),
    phase: dice.pick(["First", "First", "Second"]),
    files: [dice.pick(["src/shared.ts", "src/*", `src/${key}.ts`, `src/${key}.ts`])],
  }));
}

function randomReply(dice: Dice, world: EngineWorld, turn: ModelTurn): Reply {
  if (dice.isLucky(0.06))
    return { fault: dice.pick(["die", "throw", "garbage", "provider", "retry", "retry", "retry"]) };
  const good = world.answer(turn);
  switch (turn.start.purpose) {
    case "tracks":
      return dice.isLucky(0.1) ? propose("propose_tracks", { tracks: [] }) : good;
    case "tickets":
      return dice.isLucky(0.1) ? propose("propose_tickets", "no JSON at all") : good;
    case "verdict":
      return dice.isLucky(0.2) ? propose("report_verdict", { verdict: "fail", diagnosis: "It is not enough." }) : good;
    case "review":
      return dice.isLucky(0.2) ? propose("request_rework", { reason: "A comma is missing." }) : good;
    case "work":
      return turn.turn < 4 && dice.isLucky(0.2) ? randomWork(dice, turn) : good;
    case "diagnosis":
      return good;
    default:
      return turn.start.purpose satisfies never;
  }
}

function randomWork(dice: Dice, { start }: ModelTurn): Reply {
  const command = bash(`edit ${subjectOf(start)} --again; true`);
  const write = { name: "write", input: { path: "elsewhere.ts", content: "x" } };
  const blocked = { name: "report_blocked", input: { reason: "I cannot go on." } };
  const unknown = { name: "dance", input: {} };
  return { calls: dice.pick([[command], [write], [blocked], [unknown], [command, write]]) };
}

function propose(name: string, input: Json): Reply {
  return { calls: [{ name, input }] };
}
