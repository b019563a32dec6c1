/**
 * Thirty-two workers that never end, against random caps. The provider's own bill, at the prices of the config, is added up
 * after each answer. It fails when money is not held before a call (parallel calls then pass the cap together), when what is
 * held is less than what an answer can cost, or when the cap stops nothing.
 */
import { Dice } from "../support/dice.ts";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { type Proof, type Tally, within } from "./proof.ts";

const workerCount = 32;
const maxTokens = 1_000;
const boundMs = 60_000;
const usd = { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 };
const price = `input = ${usd.input}\noutput = ${usd.output}\ncache_read = ${usd.cacheRead}\ncache_write = ${usd.cacheWrite}`;
const tiers = { orchestrator: "one", tech_lead: "two", worker: "three-a", qa: "four" };
const config = Object.fromEntries([
  ...Object.values(tiers).map((model) => [`prices."${model}"`, price]),
  ...Object.entries(tiers).map(([tier, model]) => [`tiers.${tier}`, `model = "${model}"\nmax_tokens = ${maxTokens}`]),
  ["workers", `max = ${workerCount}`],
]);

export const budget: Proof = {
  name: "budget",
  promise: `${workerCount} runaway workers: the provider's bill is never above the cap, call by call.`,
  async prove(tally, { isLong, seed }) {
    const dice = new Dice(seed);
    const caps = Array.from({ length: isLong ? 20 : 3 }, () => 0.8 * 8 ** dice.roll());
    for (const cap of caps) await runAway(tally, dice, Number(cap.toFixed(4)));
    tally.note = `caps ${caps.map((cap) => `$${cap.toFixed(2)}`).join(", ")}`;
  },
};

async function runAway(tally: Tally, dice: Dice, cap: number): Promise<void> {
  const keys = Array.from({ length: workerCount }, (_unset, index) => `run${index}x`);
  const plan = trackPlan(
    "alpha",
    keys.map((key) => ticketPlan(key)),
  );
  // Answers as long as `max_tokens` allows are what makes calls that were let through together dear.
  const words = () => "word ".repeat(Math.floor((dice.roll() * (maxTokens * 4 - 400)) / 5));
  const site = await makeSite(
    crew([plan], { worker: () => call("glob", { pattern: `src/${dice.below(1_000)}*.ts` }, words()) }),
    { config },
  );
  const run = site.start([...runAll, "--max-usd", String(cap)]);
  const ended = await within(run.finished, boundMs);
  if (ended === null) {
    run.kill("SIGKILL");
    await run.finished;
    return tally.fail(`With a cap of $${cap} the run did not end in ${boundMs / 1000} s.`);
  }
  const spent = countCalls(tally, site, cap);
  const isStopped = ended.exitCode === 4 && summaryOf(ended).outcome === "budget";
  tally.trial(`the end at a cap of $${cap}`, [
    ...(isStopped ? [] : [`exit ${ended.exitCode}, where a runaway must meet its budget: ${ended.err.slice(-300)}`]),
    ...(spent > cap / 10 ? [] : [`only $${spent} was spent: nothing ran away`]),
  ]);
}

/** Each answer is a trial: the bill up to it is within the cap. */
function countCalls(tally: Tally, site: Site, cap: number): number {
  let spent = 0;
  for (const { usage, ask } of site.provider.answered) {
    spent +=
      (usage.input_tokens * usd.input +
        usage.output_tokens * usd.output +
        usage.cache_read_input_tokens * usd.cacheRead +
        usage.cache_creation_input_tokens * usd.cacheWrite) /
      1_000_000;
    tally.trial(`call ${ask.index}`, spent <= cap ? [] : [`the bill is $${spent}, the cap $${cap}`]);
  }
  return spent;
}
