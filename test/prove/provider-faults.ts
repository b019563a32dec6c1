/**
 * Every fault that the simulator can make, at each of three roles, against the running binary. It fails when a run hangs,
 * when one that ended says no reason, when a ticket is done with other content than its worker wrote whole, or when the
 * fault was never met.
 */
import { FaultKind, parseFault } from "../../src/simulator/fault.ts";
import { parseScenario, type ScenarioInput } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { inLanes, type Proof, within } from "./proof.ts";

/** These end with the watchdog, two minutes later: the long form only. */
const silent = ["hang", "stall", "pings"];
const statuses = ["400", "401", "402", "403", "404", "408", "409", "413", "429", "500", "502", "503", "504", "529"];
const roles = { orchestrator: "one", tech_lead: "two", worker: "three-a" };
const laneCount = 6;
const boundMs = 60_000;
const silentBoundMs = 300_000;
const content = "hello\n";

export const providerFaults: Proof = {
  name: "provider-faults",
  promise: "Every provider fault at every role: done, or ended with a reason, within a bound.",
  async prove(tally, { isLong }) {
    const kinds: readonly string[] = [...FaultKind.options, ...statuses];
    const everywhere = kinds.flatMap((kind) => Object.keys(roles).map((role) => ({ kind, role, count: "1" })));
    const lasting = statuses.map((kind) => ({ kind, role: "worker", count: "*" }));
    const quick = everywhere.filter(({ kind }) => !silent.includes(kind));
    const chosen = isLong ? [...everywhere, ...lasting] : quick;
    tally.note = isLong ? "" : `of ${everywhere.length + lasting.length}; ${silent.join(", ")}: --long`;
    await inLanes(chosen, isLong ? 12 : laneCount, async ({ kind, role, count }) => {
      const model = roles[role === "orchestrator" || role === "tech_lead" ? role : "worker"];
      const spec = `${kind}:${count}:model=${model}`;
      tally.trial(spec, await faultsOf(spec, silent.includes(kind) || count === "*" ? silentBoundMs : boundMs));
    });
  },
};

async function faultsOf(spec: string, bound: number): Promise<string[]> {
  const simulator = await startSimulator({ scenario: parseScenario(scenario), faults: parseFault(spec) });
  try {
    const config = { provider: `base_url = "${simulator.url}"`, workers: "retries = 1" };
    const site = await makeSite(() => ({ text: "" }), { config });
    const run = site.start([...runAll, "--land"]);
    const ended = await within(run.finished, bound);
    if (ended === null) {
      run.kill("SIGKILL");
      await run.finished;
      return [`it did not end in ${bound / 1000} s`];
    }
    return [...(await endFaults(site, ended, spec)), ...metFaults(ended, spec)];
  } finally {
    await simulator.stop();
  }
}

async function endFaults(site: Site, run: Finished, spec: string): Promise<string[]> {
  const { outcome, tickets } = summaryOf(run);
  if (run.exitCode === 0) {
    const written = await site.repository.read("src/greeting.txt").catch(() => "nothing");
    // A worker whose write was cut short is told so, and this one lets it be: then nothing of it may be on disk.
    const isRight = written === content || (spec.startsWith("truncated_tool") && written === "nothing");
    const isWhole = outcome === "done" && tickets.every(({ status }) => status === "completed") && isRight;
    return isWhole ? [] : [`exit 0, outcome ${outcome}, the file holds ${JSON.stringify(written.slice(0, 40))}`];
  }
  const lastWords = run.err.trimEnd().split("\n").at(-1) ?? "";
  const wordless = tickets.filter(({ status, reason }) => status === "blocked" && !reason);
  return [
    ...(run.exitCode === 1 && ["failed", "blocked"].includes(outcome)
      ? []
      : [`exit ${run.exitCode}, outcome ${outcome}`]),
    ...(lastWords.length > 20 ? [] : [`the last words are "${lastWords}"`]),
    ...wordless.map(({ ticketId }) => `${ticketId} is blocked without a reason`),
  ];
}

/** An unknown event is overlooked by design, and a truncated tool call is an answer: all else leaves a failed call. */
function metFaults(run: Finished, spec: string): string[] {
  if (/^(unknown_event|truncated_tool)/.test(spec)) return [];
  return run.lines.some(({ type }) => type === "call.failed") ? [] : ["no call failed: the fault was never met"];
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
