/**
 * `kill -9` of the binary right before and right after every commit of a run with 4 workers and 2 tracks, then `resume`,
 * which is killed too, up to three times. It fails when an event was printed or a request answered before it was durable,
 * when a command, a merge or a paid call whose outcome is known is simply done again, or when what a crash leaves (a
 * half-made worktree, a lock, a moved ref) changes what comes out in the end.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventJson } from "../../src/cli/progress.ts";
import type { Event } from "../../src/domain/event.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site, secretKey } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { inLanes, notOnce, type Proof, type Tally, within } from "./proof.ts";

type Side = "before" | "after";
interface Point {
  readonly side: Side;
  /** Which commit of the process. */
  readonly commit: number;
}

const sampleStep = 61;
const laneCount = 4;
const boundMs = 120_000;
const sides = ["before", "after"] as const;
const options = ["--approve", "all", "--land", "--trust", "--unsafe-no-sandbox", "--workers", "4", "--json"];
const first = [...runAll, "--land", "--unsafe-no-sandbox", "--workers", "4"];
const tracks = [
  trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })]),
  trackPlan("beta", [ticketPlan("bee"), ticketPlan("boa")]),
];
const ticketCount = 4;

export const kill: Proof = {
  name: "kill",
  promise:
    "Killed before and after each commit, and again in recovery: nothing acknowledged lost, no command, merge or recorded call twice, the same tree.",
  async prove(tally, { isLong, seed }) {
    const undisturbed = await ledgerSite();
    const run = await undisturbed.run(first);
    const whole: Expected = { tree: await userTree(undisturbed), callCount: undisturbed.provider.answered.length };
    const baseline = [...(await endFaults(undisturbed, run, whole)), ...worldFaults(undisturbed, whole, 0)];
    if (baseline.length > 0) return tally.fail(`The undisturbed run is not right: ${baseline.join("; ")}`);
    const step = isLong ? 1 : sampleStep;
    const enumeration = new Enumeration(isLong ? 1 : 1 + (seed % sampleStep), step);
    await inLanes(enumeration.points(), laneCount, async (point) => {
      const trial = await crashTrial(point, whole, isLong ? point.commit % 4 : point.commit % 2);
      if (trial === "unhurt") return enumeration.passed(point);
      enumeration.killCount += trial.killCount;
      tally.trial(`killed ${point.side} commit ${point.commit}`, trial.faults);
    });
    await answerTrials(tally, isLong ? 12 : 2);
    tally.note = `${isLong ? "every" : `each ${sampleStep}th`} commit of about ${enumeration.last}, both sides; ${enumeration.killCount} kills`;
  },
};

/** Commits from the first on, until a run has passed its point unhurt on both sides. */
class Enumeration {
  killCount = 0;
  #end = Number.POSITIVE_INFINITY;
  readonly #from: number;
  readonly #step: number;

  constructor(from: number, step: number) {
    this.#from = from;
    this.#step = step;
  }

  get last(): number {
    return this.#end - 1;
  }

  *points(): Generator<Point> {
    for (let commit = this.#from; commit < this.#end; commit += this.#step)
      for (const side of sides) yield { side, commit };
  }

  passed({ commit }: Point): void {
    this.#end = Math.min(this.#end, commit);
  }
}

interface Expected {
  readonly tree: string;
  readonly callCount: number;
}

const ledgers = new WeakMap<Site, string>();

/** Each worker appends a line of its own to a ledger outside the project; the line is new with each answer of the model. */
async function ledgerSite(): Promise<Site> {
  let ledger = "";
  const site = await makeSite(
    crew(tracks, {
      worker: ({ turn, index }, { key, target_files = [] }) =>
        [
          call("bash", { command: `echo ${key}-${index} >> ${ledger}` }),
          call("write", { file_path: target_files[0], content: `export const ${key} = "${key}";\n` }),
        ][turn] ?? { text: "Finished." },
    }),
    // What a check leaves is not the ticket's: a crash in the middle of it must not make it so.
    { config: { verify: 'command = "echo left > left-$$.txt"' } },
  );
  ledger = join(site.home, "ledger.txt");
  ledgers.set(site, ledger);
  return site;
}

async function crashTrial(point: Point, whole: Expected, nestedCount: number) {
  const site = await ledgerSite();
  const printed: string[] = [];
  let inFlightCount = 0;
  let killCount = 0;
  for (let level = 0; level <= nestedCount; level += 1) {
    // Recoveries are short: their first commits are where most is put right.
    const nested: Point = {
      side: level % 2 === 0 ? "after" : "before",
      commit: 1 + ((point.commit * 5 + level * 3) % 12),
    };
    const crash = await crashed(site, level === 0 ? point : nested);
    printed.push(...crash.printed);
    if (!crash.isKilled) {
      if (level === 0) return "unhurt";
      break;
    }
    killCount += 1;
    inFlightCount += inFlight(eventsOf(site));
  }
  return { faults: await recoveryFaults(site, printed, whole, inFlightCount), killCount };
}

/** Runs until the crash that is asked for; gives the lines that were printed whole. */
async function crashed(site: Site, { side, commit }: Point) {
  const env = { ANTHROPIC_API_KEY: secretKey, SIGNALBOX_CRASH_AT: `${side}:${commit}` };
  const run = site.start(nextArguments(site), { env });
  const ended = await within(run.finished, boundMs);
  if (ended === null) run.kill("SIGKILL");
  const { out, exitCode } = await run.finished;
  const printed = out.split("\n").slice(0, -1);
  return { printed: printed.filter((line) => line.includes('"position"')), isKilled: exitCode === 137 };
}

/** A run that was killed before its goal was written down is begun anew, as a person would. */
function nextArguments(site: Site): readonly string[] {
  return eventsOf(site).some(({ type }) => type === "epic.created") ? ["resume", ...options] : first;
}

/** Calls that had been begun, and whose outcome was not written when the process died: the price of this crash. */
function inFlight(events: readonly Event[]): number {
  const open = new Set<string>();
  for (const event of events) {
    if (event.type === "call.started") open.add(event.callId);
    if (event.type === "call.settled" || event.type === "call.failed") open.delete(event.callId);
  }
  return open.size;
}

async function recoveryFaults(
  site: Site,
  printed: readonly string[],
  whole: Expected,
  inFlightCount: number,
): Promise<string[]> {
  const run = site.start(nextArguments(site));
  const ended = await within(run.finished, boundMs);
  if (ended === null) {
    run.kill("SIGKILL");
    await run.finished;
    return [`the resumed run did not end in ${boundMs / 1000} s`];
  }
  const kept = new Set(eventsOf(site).map(eventJson));
  const lost = printed.filter((line) => !kept.has(line));
  return [
    ...lost.map((line) => `printed, and not in the log as printed: ${line.slice(0, 200)}`),
    ...(await endFaults(site, ended, whole)),
    ...worldFaults(site, whole, inFlightCount),
  ];
}

async function endFaults(site: Site, run: Finished, { tree }: Expected): Promise<string[]> {
  if (run.exitCode !== 0) return [`exit ${run.exitCode}: ${run.err.slice(-400)}`];
  const { outcome, tickets } = summaryOf(run);
  const isWhole =
    outcome === "done" && tickets.length === ticketCount && tickets.every((one) => one.status === "completed");
  const found = await userTree(site);
  const status = await site.repository.git("status", "--porcelain");
  const merges = (await site.repository.git("log", "--merges", "--format=%s", "main")).split("\n");
  const merged = merges.filter((subject) => subject.startsWith("Merge T-"));
  return [
    ...(isWhole ? [] : [`the outcome is ${outcome}: ${JSON.stringify(tickets)}`]),
    ...(found === tree ? [] : [`the tree differs: ${found}`]),
    ...(status === "" ? [] : [`the user's tree is not clean: ${status}`]),
    ...notOnce(merged),
    ...(merged.length === ticketCount ? [] : [`${merged.length} merges in the branch`]),
  ];
}

/** The user's own files in the branch. The plans in conductor/ name commits, which hold the time. */
async function userTree(site: Site): Promise<string> {
  const entries = (await site.repository.git("ls-tree", "-r", "main")).split("\n");
  return entries.filter((entry) => !entry.includes("\tconductor/")).join("\n");
}

/** What the world outside the state folder saw, the ledger and the provider, against what the log says. */
function worldFaults(site: Site, whole: Expected, inFlightCount: number): string[] {
  const events = eventsOf(site);
  const ledger = ledgers.get(site) ?? "";
  const ran = existsSync(ledger) ? readFileSync(ledger, "utf8").trimEnd().split("\n") : [];
  const named = (name: (event: Event) => string | null) => events.flatMap((event) => name(event) ?? []);
  const begun = named((event) => (event.type === "command.started" ? event.command : null)).join("\n");
  const settled = named((event) => (event.type === "call.settled" ? `the call ${event.agentId} ${event.turn}` : null));
  const attempts = named((event) => (event.type === "attempt.started" ? event.ticketId : null));
  // An attempt whose command nobody knows the end of is begun afresh, with calls of its own.
  const mostCalls = whole.callCount + (attempts.length - ticketCount) * ticketCount;
  const sent = site.provider.answered.length;
  return [
    ...notOnce(ran.map((line) => `the command of ${line}`)),
    ...ran.filter((line) => !begun.includes(`echo ${line} `)).map((line) => `${line} ran and is not in the log`),
    ...(ran.length < ticketCount ? [`only ${ran.length} commands ran`] : []),
    ...notOnce(named((event) => (event.type === "command.started" ? `the start of ${event.toolCallId}` : null))),
    ...notOnce(named((event) => (event.type === "merge.completed" ? `the merge of ${event.ticketId}` : null))),
    ...notOnce(named((event) => (event.type === "track.landed" ? `the landing of ${event.trackId}` : null))),
    ...notOnce(settled),
    ...(sent > settled.length + inFlightCount
      ? [`${sent} calls were sent for ${settled.length} answers, with ${inFlightCount} in flight at the crashes`]
      : []),
    ...(settled.length > mostCalls ? [`${settled.length} calls were paid where ${mostCalls} were needed`] : []),
  ];
}

/** Requests to a server that is killed at a commit: what it had answered is in the log. */
async function answerTrials(tally: Tally, count: number): Promise<void> {
  const points = Array.from(
    { length: count },
    (_unset, index): Point => ({
      side: index % 2 === 0 ? "after" : "before",
      commit: 3 + index * 2,
    }),
  );
  for (const { side, commit } of points) {
    const site = await ledgerSite();
    const env = {
      ANTHROPIC_API_KEY: secretKey,
      SIGNALBOX_CRASH_AT: `${side}:${commit}`,
      SIGNALBOX_TOKEN: "t".repeat(43),
    };
    const server = site.start(["serve", "--json", "--port", "0", "--no-open", "--trust"], { env });
    const { apiUrl } = await server.line(({ type }) => type === "listening");
    const answered = await answeredChanges(String(apiUrl), env.SIGNALBOX_TOKEN);
    const { exitCode } = await server.finished;
    const kept = eventsOf(site).filter(({ type }) => type === "engine.paused" || type === "engine.unpaused").length;
    tally.trial(`a server killed ${side} commit ${commit}`, [
      ...(exitCode === 137 ? [] : [`it was not killed: exit ${exitCode}`]),
      ...(answered > kept ? [`${answered} changes were answered, ${kept} are in the log`] : []),
    ]);
  }
}

/** Pauses and goes on until no answer comes; gives how many came. */
async function answeredChanges(apiUrl: string, token: string): Promise<number> {
  for (let answered = 0; ; answered += 1) {
    try {
      const response = await fetch(`${apiUrl}/api/engine`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ isPaused: answered % 2 === 0 }),
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    } catch (error) {
      if (error instanceof TypeError || (error instanceof Error && "code" in error)) return answered;
      throw error;
    }
  }
}

function eventsOf(site: Site): readonly Event[] {
  const path = join(site.repository.root, ".signalbox/signalbox.db");
  if (!existsSync(path)) return [];
  const log = EventLog.open(path, { isReadonly: true });
  try {
    return [...log.replay()];
  } finally {
    log.close();
  }
}
