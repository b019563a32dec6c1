/**
 * Every fault that the simulator can make, at each of the four roles, against the running binary. It fails when a run hangs, when
 * one that ended says no reason, when a ticket is done with other content than its worker wrote whole, when a redirect was
 * followed, or when the fault was never met.
 */
import { FaultKind, parseFault } from "../../src/simulator/fault.ts";
import { redirectPath } from "../../src/simulator/http-answer.ts";
import { parseScenario, type ScenarioInput } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { Dice } from "../support/dice.ts";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { inLanes, type Proof, within } from "./proof.ts";

const statuses = ["400", "401", "402", "403", "404", "408", "409", "413", "429", "500", "502", "503", "504", "529"];
const waits = ["429:1:retry-after=1", "429:1:retry-after=date+1", "429:1:retry-after=garbage", "429:1:retry-after=-4"];
const kinds = [...FaultKind.options, ...statuses].map((kind) => `${kind}:1`);
const models = { orchestrator: "one", tech_lead: "two", worker: "three-a", qa: "four" };
const laneCount = 6;
const boundMs = 120_000;
const lastingBoundMs = 300_000;
/** The faults that end with a watchdog are always in the sample. */
const silent = ["hang:1", "stall:1", "pings:1", "slow_loris:1"];
const sampleSize = 24;
const content = "hello\n";
/** Silence is given up after 3 s, pings alone after 15 s, a provider that fails after its breaker's first half minute. */
const impatience = "stall_s = 3\npatience_s = 1";

export const providerFaults: Proof = {
  name: "provider-faults",
  promise: "Every provider fault at every role: done, or ended with a reason, within a bound.",
  async prove(tally, { isLong, seed }) {
    const dice = new Dice(seed);
    const everywhere = [...kinds, ...waits].flatMap((kind) =>
      Object.values(models).map((model) => ({ spec: `${kind}:model=${model}`, bound: boundMs })),
    );
    const lasting = statuses.map((kind) => ({ spec: `${kind}:*:model=three`, bound: lastingBoundMs }));
    const sampled = [...kinds, ...waits].map((kind) => ({ kind, order: silent.includes(kind) ? -1 : dice.roll() }));
    const quick = sampled
      .toSorted((a, b) => a.order - b.order)
      .slice(0, sampleSize)
      .map(({ kind }) => ({ spec: `${kind}:model=${dice.pick(Object.values(models))}`, bound: boundMs }));
    const chosen = isLong ? [...lasting, ...everywhere] : quick;
    tally.note = isLong ? "" : `of ${everywhere.length + lasting.length}`;
    await inLanes(chosen, laneCount, async ({ spec, bound }) => tally.trial(spec, await faultsOf(spec, bound)));
  },
};

async function faultsOf(spec: string, bound: number): Promise<string[]> {
  const simulator = await startSimulator({ scenario: parseScenario(scenario), faults: parseFault(spec) });
  try {
    const config = { provider: `base_url = "${simulator.url}"\n${impatience}`, workers: "retries = 1" };
    const site = await makeSite(() => ({ text: "" }), { config });
    const run = site.start([...runAll, "--land"]);
    const ended = await within(run.finished, bound);
    if (ended === null) {
      run.kill("SIGKILL");
      await run.finished;
      return [`it did not end in ${bound / 1000} s`];
    }
    return [...(await endFaults(site, ended)), ...metFaults(simulator, spec)];
  } finally {
    await simulator.stop();
  }
}

async function endFaults(site: Site, run: Finished): Promise<string[]> {
  const { outcome, tickets } = summaryOf(run);
  // A worker whose write was not run is told so, and this one lets it be: then nothing of it may be on disk.
  const written = await site.repository.read("src/greeting.txt").catch(() => "nothing");
  const half = [content, "nothing"].includes(written) ? [] : [`the file holds ${JSON.stringify(written.slice(0, 40))}`];
  if (run.exitCode === 0) {
    const isWhole = outcome === "done" && tickets.every(({ status }) => status === "completed");
    return isWhole ? half : [...half, `exit 0, outcome ${outcome}`];
  }
  const lastWords = run.err.trimEnd().split("\n").at(-1) ?? "";
  const wordless = tickets.filter(({ status, reason }) => status === "blocked" && !reason);
  return [
    ...half,
    ...(run.exitCode === 1 && ["failed", "blocked"].includes(outcome)
      ? []
      : [`exit ${run.exitCode}, outcome ${outcome}`]),
    ...(lastWords.length > 20 ? [] : [`the last words are "${lastWords}"`]),
    ...wordless.map(({ ticketId }) => `${ticketId} is blocked without a reason`),
  ];
}

function metFaults({ requests }: Simulator, spec: string): string[] {
  const [kind = ""] = spec.split(":");
  const isMet = requests.some(({ fault, status }) => fault === kind || String(status) === kind);
  return [
    ...(isMet ? [] : ["the fault was never met"]),
    ...(requests.some(({ path }) => path === redirectPath) ? ["the redirect was followed"] : []),
  ];
}

const scenario: ScenarioInput = {
  rules: [
    {
      when: { role: "orchestrator" },
      reply: {
        toolUse: [
          {
            name: "propose_tracks",
            input: {
              tracks: [{ key: "greet", title: "Greet", goal: "Say hello.", acceptance_criteria: ["It says hello"] }],
            },
          },
        ],
      },
    },
    {
      when: { tool: "propose_tickets" },
      reply: {
        toolUse: [
          {
            name: "propose_tickets",
            input: {
              tickets: [
                {
                  key: "write",
                  title: "Write the greeting",
                  description: "Put it into src/greeting.txt.",
                  target_files: ["src/greeting.txt"],
                  acceptance_criteria: ["The file says hello"],
                },
              ],
            },
          },
        ],
      },
    },
    { when: { tool: "accept_ticket" }, reply: { toolUse: [{ name: "accept_ticket", input: {} }] } },
    {
      when: { tool: "report_verdict" },
      reply: { toolUse: [{ name: "report_verdict", input: { verdict: "pass", diagnosis: "The criteria are met." } }] },
    },
    { when: { tool: null }, reply: { text: "The file does not say hello." } },
    {
      when: { role: "worker" },
      replies: [
        { text: "I write.", toolUse: [{ name: "write", input: { file_path: "src/greeting.txt", content } }] },
        { text: "It says hello." },
      ],
    },
  ],
};
