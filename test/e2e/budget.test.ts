/** Budgets: money is held before a call, so what the provider counts never passes the limit. */
import { afterAll, expect, test } from "bun:test";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, type Site } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const price = "input = 10.0\noutput = 50.0\ncache_read = 1.0\ncache_write = 12.5";
const config = Object.fromEntries([
  ...["one", "two", "three-a", "three-b", "three-c", "four"].map((model) => [`prices."${model}"`, price]),
  ...["orchestrator", "tech_lead", "worker", "qa"].map((tier) => [
    `tiers.${tier}`,
    `model = "${{ orchestrator: "one", tech_lead: "two", worker: "three-a", qa: "four" }[tier]}"\nmax_tokens = 1000`,
  ]),
]);
const planned = (keys: readonly string[]) => [
  trackPlan(
    "alpha",
    keys.map((key) => ticketPlan(key)),
  ),
];
const tracks = planned(["ant", "ape"]);

function spentUsd(site: Site): number {
  const sums = site.provider.answered.map(
    ({ usage }) =>
      usage.input_tokens * 10 +
      usage.output_tokens * 50 +
      usage.cache_read_input_tokens * 1 +
      usage.cache_creation_input_tokens * 12.5,
  );
  return sums.reduce((all, one) => all + one, 0) / 1_000_000;
}

test.concurrent("counts money by the prices of the config", async () => {
  const site = await makeSite(crew(tracks), { config });
  const run = await site.run(runAll);
  expect(run.exitCode).toBe(0);
  expect(costOf(run)).toBeCloseTo(spentUsd(site), 9);
});

test.concurrent("stops a run before its limit is passed, whatever runs in parallel", async () => {
  const site = await makeSite(crew(planned(["ant", "ape", "asp", "elk", "emu", "eel"])), { config });
  const run = await site.run([...runAll, "--max-usd", "0.3"]);
  expect(run.exitCode).toBe(4);
  expect(summaryOf(run).outcome).toBe("budget");
  expect(run.err).toMatch(/budget/i);
  expect(spentUsd(site)).toBeLessThanOrEqual(0.3);
  expect(spentUsd(site)).toBeGreaterThan(0.05);
  expect(costOf(run)).toBeCloseTo(spentUsd(site), 9);
  const resumed = await site.run(["resume", "--approve", "all", "--max-usd", "5", "--json"]);
  expect(resumed.exitCode).toBe(0);
});

test.concurrent("asks with a gate where somebody decides, and goes on when the limit is raised", async () => {
  const site = await makeSite(crew(tracks), { config });
  const guarded = ["--approve", "guarded", "--trust", "--json", "--max-usd", "0.1"];
  let run = await site.run(["run", "--epic", "Reach the goal", ...guarded]);
  const kinds: string[] = [];
  for (let count = 0; count < 12 && run.exitCode !== 0; count += 1) {
    for (const { gateId, kind, payload } of JSON.parse((await site.run(["gates", "--json"])).out)) {
      kinds.push(kind);
      if (kind === "budget") expect(payload).toMatchObject({ limit: "runUsd" });
      if (kind === "budget") expect(run.exitCode).toBe(4);
      expect((await site.run(["gates", "approve", gateId])).exitCode).toBe(0);
    }
    run = await site.run(["resume", ...guarded]);
  }
  expect(kinds).toContain("budget");
  expect(run.exitCode).toBe(0);
});

test.concurrent("takes back the question when the next start has a higher limit", async () => {
  const site = await makeSite(crew(tracks), { config });
  const args = (limit: string) => ["--approve", "guarded", "--trust", "--json", "--max-usd", limit];
  let run = await site.run(["run", "--epic", "Reach the goal", ...args("0.1")]);
  for (let count = 0; count < 2 && run.exitCode === 3; count += 1) {
    for (const { gateId } of JSON.parse((await site.run(["gates", "--json"])).out))
      await site.run(["gates", "approve", gateId]);
    run = await site.run(["resume", ...args("0.1")]);
  }
  expect(run.exitCode).toBe(4);
  const resumed = await site.run(["resume", ...args("9")]);
  expect(resumed.exitCode).toBe(3);
  const gates = JSON.parse((await site.run(["gates", "--json"])).out);
  expect(gates.map(({ kind }: { kind: string }) => kind)).toEqual(["land"]);
});

function costOf(run: Finished): number {
  const { total } = summaryOf(run).usage as { total: { costUsd: number } }; // The contract's shape; a wrong one fails the test.
  return total.costUsd;
}
