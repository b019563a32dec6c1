/** Killed in the middle, interrupted in the middle: nothing is lost, nothing is done twice, nothing is left running. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Line } from "../support/e2e-binary.ts";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const tracks = [
  trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })]),
  trackPlan("beta", [ticketPlan("bee"), ticketPlan("boa")]),
];
const keys = tracks.flatMap((track) => track.tickets.map(({ key }) => key));
const goOn = ["resume", "--approve", "all", "--land", "--json"];

/** Each worker appends a line to a file by a command, then writes its target file. */
function commandingCrew() {
  return crew(tracks, {
    worker: ({ turn }, { key, target_files = [] }) =>
      [
        call("bash", { command: `echo once >> src/${key}.txt` }),
        call("write", { file_path: target_files[0], content: `export const ${key} = "${key}";\n` }),
        { text: "Finished." },
      ][Math.min(turn, 2)],
  });
}

/** Kills the run with SIGKILL when its log has grown by each of these counts, resuming in between; gives the last run. */
async function killedAt(site: Site, growths: readonly number[]) {
  let args: readonly string[] = [...runAll, "--land"];
  for (const growth of growths) {
    const run = site.start(args);
    let count = 0;
    const isReached = (line: Line) => line.position !== undefined && ++count > growth;
    const reached = await run.line(isReached).catch(() => null);
    run.kill("SIGKILL");
    await run.finished;
    if (!reached) break;
    args = goOn;
  }
  return await site.run(goOn);
}

async function wholeLog(site: Site): Promise<readonly Line[]> {
  return (await site.run(["log", "--json"])).lines.slice(0, -1);
}

describe.concurrent("a run that is killed again and again", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 100_000);
  const random = (index: number) => {
    const x = Math.sin(seed + index * 7919) * 10_000;
    return x - Math.floor(x);
  };

  test(`is carried to its end by resume (SEED=${seed})`, async () => {
    const site = await makeSite(commandingCrew());
    const growths = [0, 1, 2, 3, 4].map((index) => 3 + Math.floor(random(index) * 40));
    const run = await killedAt(site, growths);
    const words = `killed after ${growths.join(", ")} events: ${run.err}`;
    expect([run.exitCode, words]).toEqual([0, words]);
    expect(summaryOf(run).outcome).toBe("done");
    for (const key of keys) {
      expect(await site.repository.read(`src/${key}.ts`)).toContain(key);
      expect(await site.repository.read(`src/${key}.txt`)).toBe("once\n");
    }
    expect(await site.repository.git("status", "--porcelain")).toBe("");
    const events = await wholeLog(site);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    const unique = (type: string, name: (line: Line) => string) => {
      const names = events.filter((event) => event.type === type).map(name);
      expect(names.toSorted()).toEqual([...new Set(names)].sort());
    };
    unique("call.settled", ({ agentId, turn }) => `${agentId} ${turn}`);
    unique("command.started", ({ toolCallId }) => `${toolCallId}`);
    unique("ticket.completed", ({ ticketId }) => `${ticketId}`);
    unique("track.landed", ({ trackId }) => `${trackId}`);
    const started = events.filter(({ type }) => type === "call.started");
    expect(site.provider.answered.length).toBeLessThanOrEqual(started.length);
  });
});

describe.concurrent("Ctrl-C", () => {
  test("ends a run whose command still runs: 130, the log closed, no process left, and resume goes on", async () => {
    const length = `98765.${process.pid}`;
    let count = 0;
    const site = await makeSite(
      crew([trackPlan("alpha", [ticketPlan("ant")])], {
        worker: ({ turn }) =>
          turn === 0 && count++ === 0 ? call("bash", { command: `sleep ${length} & sleep ${length}` }) : undefined,
      }),
    );
    const run = site.start([...runAll, "--land"]);
    await run.line(({ type }) => type === "command.started");
    run.kill("SIGINT");
    const { exitCode } = await run.finished;
    expect(exitCode).toBe(130);
    expect(commandLines().filter((line) => line.includes(length) || line.includes(site.repository.root))).toEqual([]);
    expect((await wholeLog(site)).at(-1)?.type).toBe("engine.stopped");
    const resumed = await site.run(goOn);
    expect([resumed.exitCode, resumed.err]).toEqual([0, resumed.err]);
    expect(await site.repository.read("src/ant.ts")).toContain("ant");
  });

  test("ends a run that waits for a silent stream", async () => {
    let isSilent = true;
    const site = await makeSite(
      crew(tracks, { worker: () => (isSilent ? { text: "I think ", ending: "stall" } : undefined) }),
    );
    const run = site.start([...runAll, "--land"]);
    const isWorkerCall = ({ type, streamId }: Line) => type === "call.started" && `${streamId}`.startsWith("Tier 3");
    await run.line(isWorkerCall);
    run.kill("SIGINT");
    expect((await run.finished).exitCode).toBe(130);
    isSilent = false;
    expect((await site.run(goOn)).exitCode).toBe(0);
  });
});

/** The command lines of every process that can be seen. */
function commandLines(): string[] {
  if (!existsSync("/proc/self/cmdline"))
    return Bun.spawnSync(["ps", "-A", "-o", "args="]).stdout.toString().split("\n");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return []; // A process that has ended since it was listed.
      }
    });
}
