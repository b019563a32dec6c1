/** What trust costs: an event that is durable, a person's decision, a command in the sandbox, each beside the same without it. */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EventLog } from "../../src/log/event-log.ts";
import { runCommand } from "../../src/workspace/command-runner.ts";
import { unsafePlan } from "../../src/workspace/sandbox/plan.ts";
import { probeSandbox } from "../../src/workspace/sandbox/probe.ts";
import { floorBinary } from "./binaries.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";
import { MeasuredProcess } from "./measured-process.ts";

const eventsOfRound = 50;
const decisionsOfRound = 10;
const Gates = z.array(z.object({ gateId: z.string(), kind: z.string(), status: z.string(), payloadHash: z.string() }));

/** One event a transaction, hashed and on disk, beside a bare insert with the same promise of SQLite. */
export async function appendFigure({ project, rounds }: Bench): Promise<Figure> {
  const folder = join(project.binFolder, "logs");
  mkdirSync(folder, { recursive: true });
  const log = EventLog.open(join(folder, "log.db"));
  const database = new Database(join(folder, "floor.db"), { create: true, strict: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE facts (position INTEGER PRIMARY KEY, at TEXT, body TEXT)");
  const insert = database.query("INSERT INTO facts (at, body) VALUES (?, ?)");
  const fact = { type: "engine.stopped", reason: "x".repeat(400) } as const;
  const at = new Date().toISOString();
  const samples = await inTurn(
    rounds,
    async () => timedEach(eventsOfRound, () => void log.append([fact], at)),
    async () => timedEach(eventsOfRound, () => void insert.run(at, JSON.stringify(fact))),
  );
  log.close();
  database.close();
  return figure("append", "T1 an event on disk", { ours: samples.ours.flat(), floor: samples.floor.flat() });
}

function timedEach(count: number, work: () => void): number[] {
  return Array.from({ length: count }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
}

/** The answer to a decision, which is durable by then, beside a bare server that inserts a row. */
export async function decisionFigure({ binary, project, rounds }: Bench): Promise<Figure> {
  const floor = await floorBinary("decision", project.binFolder);
  const token = project.env.SIGNALBOX_TOKEN ?? "";
  const ours = async () => {
    await project.reset();
    const command = [binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
    await using started = new MeasuredProcess({ command, cwd: project.root, env: project.env });
    return await decisions(await started.apiUrl(), token);
  };
  const bare = async () => {
    await using started = new MeasuredProcess({ command: [floor], cwd: project.binFolder, env: project.env });
    const url = await started.apiUrl();
    const times: number[] = [];
    for (let count = 0; count < decisionsOfRound; count += 1)
      times.push(await timedPost(`${url}/decision`, token, { decision: "approve", payloadHash: "0".repeat(64) }));
    return times;
  };
  const samples = await inTurn(Math.ceil(rounds / 8), ours, bare);
  return figure("decision", "T2 a decision at a gate, durable", {
    ours: samples.ours.flat(),
    floor: samples.floor.flat(),
  });
}

/** Takes a goal through its gates and times each answer. */
async function decisions(apiUrl: string, token: string): Promise<number[]> {
  const times: number[] = [];
  await timedPost(`${apiUrl}/api/epics`, token, { goal: "Make the bench walk." });
  while (times.length < decisionsOfRound) {
    const answer = await fetch(`${apiUrl}/api/gates`, { headers: { authorization: `Bearer ${token}` } });
    const gate = Gates.parse(await answer.json()).find(({ status }) => status === "open");
    if (!gate) continue;
    const decision = { decision: "approve", payloadHash: gate.payloadHash };
    times.push(await timedPost(`${apiUrl}/api/gates/${gate.gateId}/decision`, token, decision));
  }
  return times;
}

async function timedPost(url: string, token: string, body: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const startedAt = performance.now();
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  await answer.text();
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}.`);
  return performance.now() - startedAt;
}

/** `true` in the best sandbox of this machine, beside the same runner without one. */
export async function sandboxFigure({ project, rounds }: Bench): Promise<Figure> {
  const stateDir = join(project.root, ".signalbox");
  const cwd = join(stateDir, "worktrees", "bench");
  mkdirSync(cwd, { recursive: true });
  const request = { mode: "auto", network: false, projectRoot: project.root, stateDir } as const;
  const confined = await probeSandbox({ ...request, isUnsafe: false });
  const bare = unsafePlan(confined);
  const take = (sandbox: typeof confined) => async () => {
    const startedAt = performance.now();
    await runCommand({ command: "true", cwd, timeoutMs: 20_000, sandbox });
    return performance.now() - startedAt;
  };
  const samples = await inTurn(rounds, take(confined), take(bare));
  return figure("sandbox", `T3 a command in the sandbox (${confined.tier})`, samples);
}
