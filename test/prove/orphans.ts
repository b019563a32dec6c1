/**
 * Twenty commands that leave daemons behind in every way that shells know, under the best sandbox of this machine; then
 * `kill -9` of the binary. It fails when a tier lets one process escape the namespace or group that dies with us: a marker
 * in each command line finds it. Survivors are ended afterwards, by their ids.
 */
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { type Proof, until } from "./proof.ts";

const commandCount = 20;
const boundMs = 30_000;
const dyingMs = 5_000;
const Doctor = z.object({ findings: z.array(z.object({ name: z.string(), found: z.string() })) });

/** Each takes the sleep that marks it. The first three stay in the foreground until they are killed; the others return. */
const ways: readonly ((sleep: string) => string)[] = [
  (sleep) => `setsid ${sleep} >/dev/null 2>&1 & ${sleep}`,
  (sleep) => `trap "" TERM HUP INT; (nohup ${sleep} >/dev/null 2>&1 &) ; ${sleep}; true`,
  (sleep) => `(setsid sh -c '(setsid sh -c "trap : TERM HUP; ${sleep}; true" &) ; ${sleep}' &) ; ${sleep}`,
  (sleep) => `(setsid ${sleep} </dev/null >/dev/null 2>&1 &) ; true`,
  (sleep) => `(setsid sh -c '(setsid ${sleep} &) ; ${sleep}' </dev/null >/dev/null 2>&1 &) ; true`,
];

export const orphans: Proof = {
  name: "orphans",
  promise: `${commandCount} commands that leave daemons, then kill -9 of the binary: no process is left.`,
  async prove(tally) {
    const keys = Array.from({ length: commandCount }, (_unset, index) => `job${index}x`);
    const mark = (index: number) => `98${String(process.pid).padStart(7, "0")}.${String(index).padStart(3, "0")}1`;
    const isStaying = (index: number) => index % ways.length < 3;
    const site = await makeSite(
      crew(
        [
          trackPlan(
            "alpha",
            keys.map((key) => ticketPlan(key)),
          ),
        ],
        {
          worker: ({ turn }, { key }) => {
            const index = keys.indexOf(key);
            const command = ways[index % ways.length]?.(`sleep ${mark(index)}`);
            return turn === 0 ? call("bash", { command }) : undefined;
          },
        },
      ),
    );
    tally.note = await sandboxName(site);
    const run = site.start([...runAll, "--workers", String(commandCount)]);
    const staying = keys.flatMap((_key, index) => (isStaying(index) ? [index] : []));
    let startedCount = 0;
    await run.line(({ type }) => type === "command.started" && ++startedCount === commandCount);
    const areUp = await until(() => staying.every((index) => alive(mark(index)).length > 0), boundMs);
    run.kill("SIGKILL");
    await run.finished;
    if (!areUp) tally.fail("Not every command was running when the binary was killed.");
    await until(() => keys.every((_key, index) => alive(mark(index)).length === 0), dyingMs);
    for (const index of keys.keys()) {
      const left = alive(mark(index));
      tally.trial(
        `command ${index}`,
        left.map(({ pid, line }) => `process ${pid} is left: ${line.slice(0, 120)}`),
      );
      for (const { pid } of left) end(pid);
    }
  },
};

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    const hasEnded = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!hasEnded) throw error;
  }
}

async function sandboxName(site: Site): Promise<string> {
  const parsed = Doctor.safeParse(JSON.parse((await site.run(["doctor", "--json"])).out));
  const sandbox = parsed.data?.findings.find(({ name }) => name === "sandbox");
  return sandbox?.found.split(":")[0] ?? "";
}

/** Processes whose command line holds the mark. Where there is no /proc, `ps` knows. */
function alive(mark: string): { readonly pid: number; readonly line: string }[] {
  return commandLines().filter(({ line }) => line.includes(mark));
}

function commandLines(): { readonly pid: number; readonly line: string }[] {
  if (process.platform !== "linux") {
    const lines = Bun.spawnSync(["ps", "-A", "-o", "pid=,args="]).stdout.toString().split("\n");
    return lines.map((line) => ({ pid: Number.parseInt(line, 10), line }));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), line: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
      } catch {
        return []; // A process that has ended since it was listed.
      }
    });
}
