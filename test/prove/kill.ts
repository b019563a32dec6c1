/**
 * `kill -9` of the binary at the event lines of a run with 4 workers and 2 tracks, then `resume`. It fails when an event was
 * printed before it was durable, when a command or merge whose intent is in the log is simply done again, or when what a
 * crash leaves (a half-made worktree, a lock, a moved ref) changes what comes out in the end.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, type Line, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { inLanes, notOnce, type Proof, within } from "./proof.ts";

const sampleStep = 12;
const laneCount = 3;
const boundMs = 60_000;
const options = ["--approve", "all", "--land", "--trust", "--unsafe-no-sandbox", "--workers", "4", "--json"];
const first = [...runAll, "--land", "--unsafe-no-sandbox", "--workers", "4"];
const tracks = [
  trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })]),
  trackPlan("beta", [ticketPlan("bee"), ticketPlan("boa")]),
];
const ticketCount = 4;

export const kill: Proof = {
  name: "kill",
  promise: "Killed at an event line and resumed: no printed event lost, no command or merge twice, the same tree.",
  async prove(tally, { isLong }) {
    const undisturbed = await ledgerSite();
    const run = await undisturbed.run(first);
    const tree = await userTree(undisturbed);
    const baseline = [
      ...(await endFaults(undisturbed, run, tree)),
      ...ledgerFaults(undisturbed, await wholeLog(undisturbed)),
    ];
    if (baseline.length > 0) return tally.fail(`The undisturbed run is not right: ${baseline.join("; ")}`);
    const eventCount = run.lines.filter(({ position }) => position !== undefined).length;
    tally.note = `of ${eventCount} event lines`;
    const step = isLong ? 1 : sampleStep;
    const positions = Array.from({ length: Math.floor(eventCount / step) }, (_unset, index) => (index + 1) * step);
    let killedCount = 0;
    await inLanes(positions, laneCount, async (position) => {
      const site = await ledgerSite();
      const { printed, isKilled } = await killedAt(site, first, position);
      if (isKilled) killedCount += 1;
      // The recovery is killed too, a little further on, in every second trial of the long form.
      if (isLong && position % 2 === 0) await killedAt(site, await nextArguments(site), position + 6);
      tally.trial(`killed at line ${position}`, await recoveryFaults(site, printed, tree));
    });
    if (killedCount < positions.length / 2)
      tally.fail(`Only ${killedCount} of ${positions.length} runs met their kill.`);
  },
};

/** Each worker appends a line of its own to a ledger outside every worktree; the line is new with each answer of the model. */
function ledgerSite(): Promise<Site> {
  return makeSite(
    crew(tracks, {
      worker: ({ turn, index }, { key, target_files = [] }) =>
        [
          call("bash", { command: `echo ${key}-${index} >> ../../ledger.txt` }),
          call("write", { file_path: target_files[0], content: `export const ${key} = "${key}";\n` }),
        ][turn] ?? { text: "Finished." },
    }),
  );
}

/** Runs until this event line has come, kills, and gives the lines that were printed whole. */
async function killedAt(site: Site, args: readonly string[], position: number) {
  const run = site.start(args);
  const isReached = await run
    .line((line) => (line.position ?? 0) >= position)
    .then(
      () => true,
      () => false, // The run ended before that line.
    );
  run.kill("SIGKILL");
  const { out, exitCode } = await run.finished;
  const printed = out.split("\n").slice(0, -1);
  return { printed: printed.filter((line) => line.includes('"position"')), isKilled: isReached && exitCode !== 0 };
}

/** A run that was killed before its goal was written down is begun anew, as a person would. */
async function nextArguments(site: Site): Promise<readonly string[]> {
  const log = await wholeLog(site);
  return log.some(({ type }) => type === "epic.created") ? ["resume", ...options] : first;
}

async function recoveryFaults(site: Site, printed: readonly string[], tree: string): Promise<string[]> {
  const run = site.start(await nextArguments(site));
  const ended = await within(run.finished, boundMs);
  if (ended === null) {
    run.kill("SIGKILL");
    await run.finished;
    return [`the resumed run did not end in ${boundMs / 1000} s`];
  }
  const log = await site.run(["log", "--json"]);
  const kept = new Set(log.out.split("\n"));
  const lost = printed.filter((line) => !kept.has(line));
  return [
    ...lost.map((line) => `printed, and not in the log as printed: ${line.slice(0, 200)}`),
    ...(await endFaults(site, ended, tree)),
    ...ledgerFaults(site, log.lines),
  ];
}

async function endFaults(site: Site, run: Finished, tree: string): Promise<string[]> {
  if (run.exitCode !== 0) return [`exit ${run.exitCode}: ${run.err.slice(-400)}`];
  const { outcome, tickets } = summaryOf(run);
  const isWhole =
    outcome === "done" && tickets.length === ticketCount && tickets.every((one) => one.status === "completed");
  const found = await userTree(site);
  const status = await site.repository.git("status", "--porcelain");
  return [
    ...(isWhole ? [] : [`the outcome is ${outcome}: ${JSON.stringify(tickets)}`]),
    ...(found === tree ? [] : [`the tree differs: ${found}`]),
    ...(status === "" ? [] : [`the user's tree is not clean: ${status}`]),
  ];
}

/** The user's own files in the branch. The plans in conductor/ name commits, which hold the time. */
async function userTree(site: Site): Promise<string> {
  const entries = (await site.repository.git("ls-tree", "-r", "main")).split("\n");
  return entries.filter((entry) => !entry.includes("\tconductor/")).join("\n");
}

function ledgerFaults(site: Site, log: readonly Line[]): string[] {
  const path = join(site.repository.root, ".signalbox/ledger.txt");
  const ran = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  const named = (type: string, name: (line: Line) => string) =>
    log.filter((line) => line.type === type).map((line) => `${type} ${name(line)}`);
  const begun = named("command.started", ({ command }) => String(command)).join("\n");
  const merged = named("merge.completed", ({ ticketId }) => String(ticketId));
  return [
    ...notOnce(ran.map((line) => `the command of ${line}`)),
    ...ran.filter((line) => !begun.includes(`echo ${line} `)).map((line) => `${line} ran and is not in the log`),
    ...(ran.length < ticketCount ? [`only ${ran.length} commands ran`] : []),
    ...notOnce(named("command.started", ({ toolCallId }) => String(toolCallId))),
    ...notOnce(named("call.settled", ({ agentId, turn }) => `${agentId} ${turn}`)),
    ...notOnce(merged),
    ...(merged.length === ticketCount ? [] : [`${merged.length} merges`]),
    ...notOnce(named("track.landed", ({ trackId }) => String(trackId))),
    ...log.flatMap(({ position }, index) =>
      position === undefined || position === index + 1 ? [] : [`position ${position} stands at ${index + 1}`],
    ),
  ];
}

async function wholeLog(site: Site): Promise<readonly Line[]> {
  return (await site.run(["log", "--json"])).lines;
}
