/**
 * Thirty-two workers that never end, against random caps of each kind, some of them killed half way and resumed. The provider's
 * own bill, at the prices of the config, is added up after each answer. It fails when money is not held before a call (parallel
 * calls then pass the cap together), when what is held is less than what an answer can cost, when a crash forgets what was held,
 * or when the cap stops nothing.
 */
import { Dice } from "../support/dice.ts";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import type { Answered } from "../support/foreign-provider.ts";
import { type Proof, type Tally, until, within } from "./proof.ts";

const workerCount = 32;
const maxTokens = 1_000;
const boundMs = 120_000;
/** Limits that the short form tries, from one that the seed picks. */
const sampleSize = 3;
const usd = { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 };
const price = `input = ${usd.input}\noutput = ${usd.output}\ncache_read = ${usd.cacheRead}\ncache_write = ${usd.cacheWrite}`;
const tiers = { orchestrator: "one", tech_lead: "two", worker: "three-a", qa: "four" };
const config = Object.fromEntries([
  ...Object.values(tiers).map((model) => [`prices."${model}"`, price]),
  ...Object.entries(tiers).map(([tier, model]) => [`tiers.${tier}`, `model = "${model}"\nmax_tokens = ${maxTokens}`]),
  ["workers", `max = ${workerCount}`],
]);
const keys = Array.from({ length: workerCount }, (_unset, index) => `run${index}x`);
const plan = trackPlan(
  "alpha",
  keys.map((key) => ticketPlan(key)),
);

/** Limits by their key in the config: the smallest cap that is tried, the factor to the largest, and what counts for it. */
const limits = {
  run_usd: { least: 0.8, factor: 6, scopes: ["all"], billOf: usdOf },
  day_usd: { least: 0.8, factor: 6, scopes: ["all"], billOf: usdOf },
  track_usd: { least: 0.8, factor: 6, scopes: ["track"], billOf: usdOf },
  ticket_usd: { least: 0.1, factor: 3, scopes: keys, billOf: usdOf },
  run_tokens: { least: 40_000, factor: 6, scopes: ["all"], billOf: tokensOf },
} as const;
type Limit = keyof typeof limits;
const limitNames = ["run_usd", "day_usd", "track_usd", "ticket_usd", "run_tokens"] as const;

export const budget: Proof = {
  name: "budget",
  promise: `${workerCount} runaway workers, caps of each kind, with kill -9 and resume: the provider's bill is never above the cap, call by call.`,
  async prove(tally, { isLong, seed }) {
    const dice = new Dice(seed);
    const first = dice.below(limitNames.length);
    const order = [...limitNames.slice(first), ...limitNames.slice(0, first)];
    const trials = isLong ? Array.from({ length: 4 }, () => order).flat() : order.slice(0, sampleSize);
    for (const [index, limit] of trials.entries()) {
      const { least, factor } = limits[limit];
      const cap = Number((least * factor ** dice.roll()).toFixed(limit === "run_tokens" ? 0 : 4));
      await runAway(tally, dice, { limit, cap, isKilled: index % 2 === 0 });
    }
    tally.note = `${isLong ? "all" : order.slice(0, sampleSize).join(", ")}; every second run killed half way`;
  },
};

interface Trial {
  readonly limit: Limit;
  readonly cap: number;
  readonly isKilled: boolean;
}

async function runAway(tally: Tally, dice: Dice, trial: Trial): Promise<void> {
  const { limit, cap, isKilled } = trial;
  // Answers as long as `max_tokens` allows are what makes calls that were let through together dear.
  const words = () => "word ".repeat(Math.floor((dice.roll() * (maxTokens * 4 - 400)) / 5));
  const site = await makeSite(
    crew([plan], { worker: () => call("glob", { pattern: `src/${dice.below(1_000_000)}*.ts` }, words()) }),
    { config: { ...config, budget: `${limit} = ${limit === "run_tokens" ? cap : cap.toFixed(4)}` } },
  );
  const name = `${limit} = ${cap}`;
  const run = site.start(runAll);
  if (isKilled) {
    const share = dice.roll() * 0.6;
    const workerCalls = () => site.provider.answered.filter(({ ask }) => ask.role === "worker");
    await until(() => workerCalls().length > 0 && largestBill(site, limit) >= cap * share, boundMs);
    run.kill("SIGKILL");
    await run.finished;
  }
  const last = isKilled ? site.start(["resume", "--approve", "all", "--trust", "--json"]) : run;
  const ended = await within(last.finished, boundMs);
  if (ended === null) {
    last.kill("SIGKILL");
    await last.finished;
    return tally.fail(`With ${name} the run did not end in ${boundMs / 1000} s.`);
  }
  countCalls(tally, site, trial);
  tally.trial(`the end at ${name}`, [
    ...endFaults(ended),
    ...(largestBill(site, limit) > cap / 10 ? [] : ["hardly anything was spent: nothing ran away"]),
  ]);
}

function endFaults(ended: Finished): string[] {
  if (ended.exitCode === 4 && summaryOf(ended).outcome === "budget") return [];
  return [`exit ${ended.exitCode}, where a runaway must meet its budget: ${ended.err.slice(-300)}`];
}

/** Each answer is a trial: the bill up to it is within the cap. */
function countCalls(tally: Tally, { provider }: Site, { limit, cap }: Trial): void {
  const { scopes, billOf } = limits[limit];
  for (const scope of scopes) {
    let bill = 0;
    for (const answered of provider.answered.filter((one) => isIn(scope, one))) {
      bill += billOf(answered);
      tally.trial(`${limit}: call ${answered.ask.index}`, bill <= cap ? [] : [`the bill is ${bill}, the cap ${cap}`]);
    }
  }
}

function largestBill({ provider }: Site, limit: Limit): number {
  const { scopes, billOf } = limits[limit];
  const bills = scopes.map((scope) =>
    provider.answered.filter((one) => isIn(scope, one)).reduce((sum, one) => sum + billOf(one), 0),
  );
  return Math.max(...bills);
}

/** Whether a call counts for a scope: everything, the one track, or a ticket by its key. */
function isIn(scope: string, { ask }: Answered): boolean {
  if (scope === "all") return true;
  if (scope === "track") return ask.role !== "orchestrator";
  return ask.role !== "orchestrator" && ask.role !== "tech_lead" && ask.first.includes(`the part ${scope}.`);
}

function usdOf({ usage }: Answered): number {
  const micro =
    usage.input_tokens * usd.input +
    usage.output_tokens * usd.output +
    usage.cache_read_input_tokens * usd.cacheRead +
    usage.cache_creation_input_tokens * usd.cacheWrite;
  return micro / 1_000_000;
}

function tokensOf({ usage }: Answered): number {
  return Object.values(usage).reduce((sum: number, tokens: number) => sum + tokens, 0);
}
