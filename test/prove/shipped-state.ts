/**
 * A state folder that came along with a repository: made by the binary itself under another home, so that every hash in it is
 * right, with an approved command that would run at the next start, sessions, and the address of somebody's server. It fails
 * when a command runs, calls that server, lets a session in or changes the folder; and when its maker's own resume runs nothing.
 */
import { chmodSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Finished, launch } from "../support/e2e-binary.ts";
import { makeSite, runAll, type Site } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import { type Proof, type Tally, within } from "./proof.ts";

const boundMs = 30_000;
const goal = ["--epic", "Reach the goal"];
const gate = z.looseObject({ gateId: z.string(), kind: z.string(), payload: z.looseObject({}) });

const starters: readonly (readonly string[])[] = [
  ["run", ...goal, "--approve", "all"],
  ["resume"],
  ["plan", "Reach the goal"],
  ["serve", "--no-open", "--port", "0"],
  ["run", "--approve", "all", "--serve", "--port", "0", "--no-open"],
];
const levers = [["pause"], ["retry", "T-001"], ["skip", "T-001"], ["cancel", "T-001"], ["unpause"]];
const lookers = [["status"], ["gates"], ["log"], ["usage"], ["comms", "--full"], ["doctor"]];

/** The maker's folder, and what the trap in it does when it is sprung. */
interface Forged {
  readonly site: Site;
  readonly stateDir: string;
  readonly calls: string[];
  close(): Promise<void>;
}

export const shippedState: Proof = {
  name: "shipped-state",
  promise:
    "A state folder that came with a repository starts nothing, sends nothing and lets nobody in; one's own goes on.",
  async prove(tally, { isLong }) {
    const forged = await forge();
    try {
      const ways = Object.entries(shipments);
      for (const [way, ship] of isLong ? ways : ways.slice(0, 4)) await tryShipment(tally, forged, way, ship, isLong);
      await adopted(tally, forged);
      await ownGoesOn(tally, forged);
      await homeless(tally);
    } finally {
      await forged.close();
    }
  },
};

/** How the folder comes to its victim; each gives the victim's home where it is not a new one. */
const shipments: Readonly<Record<string, (from: string, to: TempRepository) => unknown>> = {
  "tracked in the clone": async (from, to) => {
    copy(from, to);
    await to.git("add", "--all", "--force");
    await to.git("commit", "--quiet", "-m", "a state");
  },
  "unpacked from an archive": copy,
  "a link in it": (from, to) => {
    copy(from, to);
    symlinkSync("/etc", join(stateOf(to), "aside-link"));
  },
  "a log that is a pipe": (from, to) => {
    copy(from, to);
    for (const name of readdirSync(stateOf(to)).filter((name) => name.startsWith("signalbox.db")))
      rmSync(join(stateOf(to), name));
    Bun.spawnSync(["mkfifo", join(stateOf(to), "signalbox.db")]);
  },
  "a folder that is a link": (from, to) => symlinkSync(from, stateOf(to)),
  "without an id": (from, to) => {
    copy(from, to);
    rmSync(join(stateOf(to), "owner"), { force: true });
  },
  "written by everybody": (from, to) => {
    copy(from, to);
    chmodSync(stateOf(to), 0o777);
  },
};

async function tryShipment(
  tally: Tally,
  forged: Forged,
  way: string,
  ship: (typeof shipments)[string],
  isLong: boolean,
): Promise<void> {
  const victim = await makeVictim(forged);
  try {
    await ship(forged.stateDir, victim.repository);
    const isUnsafe = /link|pipe/.test(way);
    const take = <T>(list: readonly T[]): readonly T[] => (isLong ? list : list.slice(0, 2));
    const before = await stateHash(victim.repository);
    const judge = async (args: readonly string[], expected: number | null) => {
      const ended = await victim.run(args);
      tally.trial(`${way}: ${args[0]}`, [
        ...(expected !== null && ended.exitCode !== expected
          ? [`exit ${ended.exitCode}: ${ended.err.slice(-300)}`]
          : []),
        ...(expected === 2 && !/not known as yours/.test(ended.err) ? ["it does not say what was found"] : []),
        ...forged.calls.splice(0),
        ...(/doctor/.test(args[0] ?? "") || (await stateHash(victim.repository)) === before
          ? []
          : ["the folder changed"]),
      ]);
    };
    for (const args of take(starters)) await judge(args, 2);
    for (const args of take(levers)) await judge(args, 2);
    for (const args of take(lookers)) await judge(args, args[0] === "doctor" ? null : isUnsafe ? 2 : 0);
    await judge(["url"], isUnsafe ? 2 : 1);
  } finally {
    await victim.remove();
  }
}

/** Adopted on purpose, the log goes on; the shipped sessions and the shipped address do not. */
async function adopted(tally: Tally, forged: Forged): Promise<void> {
  const victim = await makeVictim(forged);
  try {
    copy(forged.stateDir, victim.repository);
    const served = victim.start(["serve", "--json", "--port", "0", "--no-open", "--trust"]);
    const listening = z.looseObject({ apiUrl: z.string() }).parse(await served.line(() => true));
    const port = new URL(listening.apiUrl).port;
    const cookie = `signalbox_${port}=${shippedSession}`;
    const answer = await fetch(`${listening.apiUrl}/api/state`, { headers: { cookie } });
    tally.trial("adopted: a shipped session", answer.status === 401 ? [] : [`it was let in: ${answer.status}`]);
    served.kill("SIGINT");
    await within(served.finished, boundMs);
    tally.trial("adopted: the shipped address", forged.calls.splice(0));
  } finally {
    await victim.remove();
  }
}

/** The control: the maker's own state goes on, also moved, and its trap works. */
async function ownGoesOn(tally: Tally, { site }: Forged): Promise<void> {
  const { root } = site.repository;
  renameSync(root, `${root}-moved`);
  try {
    const home = { cwd: `${root}-moved`, home: site.home };
    const ended = await within(launch(["resume", "--approve", "all", "--json"], home).finished, boundMs);
    tally.trial("moved: its maker resumes it", ended?.exitCode === 2 || ended === null ? [ended?.err ?? "no end"] : []);
    const hasRun = ended?.lines.some(({ type }) => type === "command.completed");
    if (!hasRun) tally.fail(`The approved command does not run for its maker: ${ended?.out.slice(-600)} ${ended?.err}`);
  } finally {
    renameSync(`${root}-moved`, root);
  }
}

/** Where the home takes no file the work goes on, with words. */
async function homeless(tally: Tally): Promise<void> {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const env = { ANTHROPIC_API_KEY: "none", XDG_CONFIG_HOME: "/dev/null/config" };
  for (const args of [runAll, ["resume", "--trust", "--approve", "all"]]) {
    const { exitCode, err } = await site.run(args, { home: "/dev/null/home", env });
    tally.trial(`no home: ${args[0]}`, exitCode === 0 ? [] : [`exit ${exitCode}: ${err.slice(-300)}`]);
  }
}

const shippedSession = "a-session-that-its-maker-knows";

/** A project of another home, stopped where a command has been approved and has not run yet. */
async function forge(): Promise<Forged> {
  const calls: string[] = [];
  const canary = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      calls.push(`the shipped address was called: ${request.method} ${new URL(request.url).pathname}`);
      return Response.json({ ok: true });
    },
  });
  const worker = ({ turn }: { turn: number }) => (turn === 0 ? call("bash", { command: "echo ran" }) : undefined);
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])], { worker }), {
    config: { gates: 'level = "manual"' },
  });
  await moveConfigHome(site);
  const stateDir = join(site.repository.root, ".signalbox");
  await site.run(["run", ...goal, "--json"]);
  for (let round = 0; round < 10 && !(await hasApprovedCommand(site)); round++) await site.run(["resume", "--json"]);
  const address = { url: `http://x.localhost:${canary.port}/`, apiUrl: `http://127.0.0.1:${canary.port}`, pid: 1 };
  const ship: Readonly<Record<string, string>> = {
    "server.json": JSON.stringify({ ...address, pid: process.pid }),
    token: "known-to-its-maker\n",
    label: "aaaaaaaaaaaaaaaa\n",
    "sessions.json": JSON.stringify({
      sessions: [
        { hash: new Bun.CryptoHasher("sha256").update(shippedSession).digest("hex"), createdAtMs: Date.now() },
      ],
    }),
  };
  for (const [name, text] of Object.entries(ship)) writeFileSync(join(stateDir, name), text);
  return { site, stateDir, calls, close: () => canary.stop(true) };
}

/** Approves what is open; whether a command is among it, which then waits for the next start. */
async function hasApprovedCommand(site: Site): Promise<boolean> {
  const open = z.array(gate).parse(JSON.parse((await site.run(["gates", "--json"])).out));
  for (const { gateId } of open) await site.run(["gates", "approve", gateId]);
  return open.some(({ kind }) => kind === "command");
}

/** The config as this user's own, so that the question of trust in a project's file does not hide the one of its state. */
async function moveConfigHome({ repository, home }: Site): Promise<void> {
  const text = await repository.read("conductor/signalbox.toml");
  await Bun.write(join(home, ".config/signalbox/config.toml"), text);
  await repository.git("rm", "--quiet", "conductor/signalbox.toml");
  await repository.git("commit", "--quiet", "-m", "no config");
}

interface Victim {
  readonly repository: TempRepository;
  start(args: readonly string[]): ReturnType<typeof launch>;
  run(args: readonly string[]): Promise<Finished>;
  remove(): Promise<void>;
}

async function makeVictim({ site }: Forged): Promise<Victim> {
  const repository = await makeTempRepository({ "readme.md": "A clone.\n" });
  const home = mkdtempSync(join(tmpdir(), "signalbox-home-"));
  cpSync(join(site.home, ".config/signalbox/config.toml"), join(home, ".config/signalbox/config.toml"));
  const env = { ANTHROPIC_API_KEY: "sk-of-the-victim" };
  const start = (args: readonly string[]) => launch(args, { cwd: repository.root, home, env });
  return {
    repository,
    start,
    run: async (args) => {
      const run = start(args);
      const ended = await within(run.finished, boundMs);
      if (ended !== null) return ended;
      run.kill("SIGKILL");
      return await run.finished;
    },
    remove: async () => {
      await repository.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function stateOf(repository: TempRepository): string {
  return join(repository.root, ".signalbox");
}

function copy(from: string, to: TempRepository): void {
  cpSync(from, stateOf(to), { recursive: true });
}

/** What the folder holds, without what SQLite makes beside a log that is read. */
async function stateHash(repository: TempRepository): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  const folder = stateOf(repository);
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (/-(shm|wal)$/.test(entry.name)) continue;
    hash.update(`${entry.name}\n`);
    if (entry.isFile()) hash.update(await Bun.file(join(folder, entry.name)).bytes());
  }
  return hash.digest("hex");
}
