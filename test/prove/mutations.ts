/**
 * One thing at a time is changed between an approval and its execution, in a real repository: whatever decides what happens
 * must keep it from happening and bring a new card; what does not decide must not. It fails when a deciding field is not in
 * the hashed payload, is not looked at again at the moment of execution, or when text such as a title is.
 */
import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../src/domain/command.ts";
import type { GateKind } from "../../src/domain/gate.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { Gate } from "../../src/domain/state.ts";
import { openRepository } from "../../src/workspace/repository.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { bash, EngineWorld, engineSettings } from "../support/engine-world.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import type { Tally } from "./proof.ts";

const files = { "src/a.ts": "one\ntwo\nthree\n", "src/b.ts": "b\n", "sub/x.ts": "x\n", ".gitignore": ".signalbox/\n" };
const manual: Partial<Settings> = { gates: { level: "manual", allow: [] } };

/** A change of the world; it is made at once after the approval, before the engine's next step. */
type Mutation = (scene: Scene) => void;

/** Tries every mutation of every kind of gate whose effect comes after its approval. */
export async function tryMutations(tally: Tally): Promise<void> {
  const temp = await makeTempRepository(files);
  const scene = await Scene.open(temp);
  try {
    await tryKind(tally, scene, "spawn", spawnMutations);
    await tryKind(tally, scene, "command", commandMutations);
    await tryKind(tally, scene, "merge", mergeMutations);
    await scene.to("checkpoint");
    await tryKind(tally, scene, "land", landMutations, () => tryRefusals(tally, scene));
  } finally {
    await scene.rig.engine.stop("the proof has seen enough");
    await temp.remove();
  }
}

/** Mutation after mutation on the gate that the one before brought; at last what does not decide, and it goes ahead. */
async function tryKind(
  tally: Tally,
  scene: Scene,
  kind: GateKind,
  mutations: Readonly<Record<string, Mutation>>,
  before: () => Promise<void> = async () => undefined,
): Promise<void> {
  await scene.to(kind);
  await before();
  for (const [what, mutate] of Object.entries(mutations)) {
    const gate = scene.gate(kind);
    const done = scene.happened();
    await scene.approveThen(gate, mutate);
    tally.trial(`${kind}: ${what}`, [...faultsOf(scene, gate, done), ...sameHash(scene, gate)]);
  }
  const gate = scene.gate(kind);
  await scene.approveThen(gate, whatDoesNotDecide);
  const status = scene.rig.state.gates.get(gate.gateId)?.status;
  tally.trial(`${kind}: what does not decide`, status === "approved" ? [] : [`the gate is ${status}`]);
}

/** A landing that cannot be: nothing is landed, the approval is spent, and the next start asks anew. */
async function tryRefusals(tally: Tally, scene: Scene): Promise<void> {
  const refusals: Readonly<Record<string, readonly [() => void, () => void]>> = {
    "the user is on another branch": [
      () => scene.git("switch", "-qc", "other"),
      () => scene.git("switch", "-q", "main"),
    ],
    "the user has changes of their own": [
      () => writeFileSync(join(scene.temp.root, "src/a.ts"), "mine\n"),
      () => scene.git("checkout", "--quiet", "--", "src/a.ts"),
    ],
  };
  for (const [what, [change, undo]] of Object.entries(refusals)) {
    const gate = scene.gate("land");
    const done = scene.happened();
    await scene.approveThen(gate, change);
    const isOpen = scene.rig.openGates().length > 0;
    undo();
    await scene.restart({});
    const faults = faultsOf(scene, gate, done);
    tally.trial(`land: ${what}`, isOpen ? [...faults, "a card was open while it could not be"] : faults);
  }
}

function faultsOf({ rig }: Scene, gate: Gate, before: string): string[] {
  const old = rig.state.gates.get(gate.gateId);
  const open = rig.openGates().filter(({ kind }) => kind === gate.kind);
  const [next] = open;
  return [
    ...(old?.status === "superseded" ? [] : [`the gate is ${old?.status}`]),
    ...(open.length === 1 ? [] : [`${open.length} new cards are open`]),
    ...(next && next.gateId === gate.gateId ? ["the card is the old one"] : []),
    ...(old?.words ? [] : ["nobody says what changed"]),
    ...(happenedIn(rig) === before ? [] : [`it happened: ${happenedIn(rig)} instead of ${before}`]),
    ...(rig.isFoldEqual() ? [] : ["folding the log does not give the state"]),
  ];
}

/** What differs must be in what is hashed. */
function sameHash({ rig }: Scene, gate: Gate): string[] {
  const isSame = rig.openGates().some(({ payloadHash }) => payloadHash === gate.payloadHash);
  return isSame ? ["the new card has the old hash"] : [];
}

/** How often anything was carried out that a gate guards. */
function happenedIn(rig: EngineRig): string {
  const workers = rig.all("agent.started").filter(({ role }) => role === "worker").length;
  const landed = rig.all("track.landed").length;
  const merges = rig.all("merge.started").length;
  return `${workers} workers, ${rig.all("command.started").length} commands, ${rig.world.ran.length} runs, ${merges} merges, ${landed} landings`;
}

/** A run on a real repository, that can be restarted with other settings. */
class Scene {
  rig: EngineRig;
  readonly temp: TempRepository;
  /** What a mutation may ask the engine to be started with. */
  nextSettings: Partial<Settings> | null = null;
  readonly #parts: ConstructorParameters<typeof EngineRig>[0];

  private constructor(temp: TempRepository, options: ConstructorParameters<typeof EngineRig>[0]) {
    this.temp = temp;
    this.#parts = options;
    this.rig = new EngineRig(options);
  }

  static async open(temp: TempRepository): Promise<Scene> {
    const world = new EngineWorld();
    const answer = (turn: Parameters<EngineWorld["model"]>[0]) => world.answer(turn);
    world.model = (turn) =>
      turn.start.purpose === "work" && turn.turn === 0 ? { calls: [bash("make the part")] } : answer(turn);
    world.runCommand = async ({ root }) => {
      writeFileSync(join(root ?? "", "made.ts"), "export const made = 1;\n");
      return {};
    };
    const repository = await openRepository(temp.root);
    const parts = { repository, project: { root: temp.root, name: "sample" } };
    const scene = new Scene(temp, { world, settings: manual, parts });
    await scene.rig.plan();
    return scene;
  }

  get worktree(): string {
    return [...this.rig.state.tickets.values()][0]?.attempts.at(-1)?.worktree ?? "";
  }

  happened(): string {
    return happenedIn(this.rig);
  }

  /** The one open gate of a kind. */
  gate(kind: GateKind): Gate {
    const [gate, ...others] = this.rig.openGates().filter((one) => one.kind === kind);
    if (!gate || others.length > 0) throw new Error(`There is not one open gate of the kind ${kind}.`);
    return gate;
  }

  /** Approves until a gate of the kind is open. */
  async to(kind: GateKind): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await this.rig.engine.whenSettled();
      if (this.rig.openGates().some((gate) => gate.kind === kind)) return;
      for (const gate of this.rig.openGates()) this.rig.approve(gate);
    }
    throw new Error(`No gate of the kind ${kind} opens.`);
  }

  /** Approves, changes the world before the engine moves, restarts it where settings changed, and waits. */
  async approveThen(gate: Gate, mutate: Mutation): Promise<void> {
    this.rig.approve(gate);
    this.nextSettings = null;
    mutate(this);
    if (this.nextSettings !== null) await this.restart(this.nextSettings);
    await this.rig.engine.whenSettled();
  }

  /** Ends the engine, starts the next one on its log with other settings, and waits. */
  async restart(settings: Partial<Settings>): Promise<void> {
    this.rig = await this.rig.restart({ ...this.#parts, settings: { ...manual, ...settings } });
    await this.rig.engine.whenSettled();
  }

  git(...args: string[]): string {
    const child = Bun.spawnSync(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", ...args], {
      cwd: this.temp.root,
    });
    if (child.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${child.stderr}`);
    return child.stdout.toString().trim();
  }

  /** Moves a branch to a commit on top of it that changes a file. */
  moveBranch(branch: string): void {
    const blob = this.git("hash-object", "-w", ".gitignore");
    const rest = this.git("ls-tree", branch);
    const row = `100644 blob ${blob}\tmoved-${this.rig.state.position}.txt`;
    const tree = Bun.spawnSync(["git", "mktree"], {
      cwd: this.temp.root,
      stdin: new TextEncoder().encode(`${rest}\n${row}\n`),
    });
    this.addCommit(branch, tree.stdout.toString().trim());
  }

  /** Moves a branch to a commit on top of it, with the same files unless others are given. */
  addCommit(branch: string, tree = `${branch}^{tree}`): void {
    const commit = this.git("commit-tree", tree, "-p", branch, "-m", "by hand");
    this.git("update-ref", `refs/heads/${branch}`, commit);
  }
}

function inWorktree(change: (path: (name: string) => string) => void): Mutation {
  return ({ worktree }) => change((name) => join(worktree, name));
}

const commandMutations: Readonly<Record<string, Mutation>> = {
  "a file is changed": inWorktree((path) => writeFileSync(path("src/a.ts"), "one\n2\nthree\n")),
  "a file is changed, and has its old time and size again": inWorktree((path) => {
    const { atime, mtime } = statSync(path("src/b.ts"));
    writeFileSync(path("src/b.ts"), "B\n");
    utimesSync(path("src/b.ts"), atime, mtime);
  }),
  "a file is added": inWorktree((path) => writeFileSync(path("src/new.ts"), "new\n")),
  "a file is deleted": inWorktree((path) => rmSync(path("src/b.ts"))),
  "a file is renamed": inWorktree((path) => renameSync(path("src/new.ts"), path("src/newer.ts"))),
  "a file can be executed": inWorktree((path) => chmodSync(path("src/a.ts"), 0o755)),
  "a folder is swapped for a link": inWorktree((path) => {
    rmSync(path("sub"), { recursive: true });
    symlinkSync("/tmp", path("sub"));
  }),
  "what git ignores is changed by .gitignore": inWorktree((path) => writeFileSync(path(".gitignore"), "src/\n")),
  "a repository within is added": inWorktree((path) => {
    mkdirSync(path("inner"));
    Bun.spawnSync(["git", "init", "--quiet", path("inner")]);
    writeFileSync(path("inner/y.ts"), "y\n");
  }),
  "the network is open": sandboxed({ network: true }),
  "the sandbox is a weaker one": sandboxed({ tier: "landlock" }),
  "it may write anywhere": sandboxed({ writes: "anything" }),
  "its processes are not limited": sandboxed({ processes: null }),
  "its memory is not limited": sandboxed({ memoryBytes: null }),
  "it gets a variable more": ({ rig }) => {
    rig.world.profile = { ...rig.world.profile, environment: [...rig.world.profile.environment, "TOKEN"] };
  },
  "it gets a variable less": ({ rig }) => {
    rig.world.profile = { ...rig.world.profile, environment: rig.world.profile.environment.slice(1) };
  },
};

function sandboxed(change: Partial<EngineWorld["profile"]["sandbox"]>): Mutation {
  return ({ rig }) => {
    rig.world.profile = { ...rig.world.profile, sandbox: { ...rig.world.profile.sandbox, ...change } };
  };
}

const { workers, tiers } = engineSettings();
const spawnMutations: Readonly<Record<string, Mutation>> = {
  "more turns": restartedWith({ workers: { ...workers, maxTurns: 600 } }),
  "longer answers": restartedWith({ tiers: { ...tiers, worker: { ...tiers.worker, maxTokens: 64_000 } } }),
  "a limit for the run": restartedWith({ budget: { runUsd: 5 } }),
  "another limit for the run": restartedWith({ budget: { runUsd: 50 } }),
  "a limit for the track": restartedWith({ budget: { trackUsd: 5 } }),
  "a limit for the ticket": restartedWith({ budget: { ticketUsd: 5 } }),
  "a limit for the day": restartedWith({ budget: { dayUsd: 5 } }),
  "a limit in tokens": restartedWith({ budget: { runTokens: 9_000_000 } }),
  "no limit": restartedWith({}),
};

function restartedWith(settings: Partial<Settings>): Mutation {
  return (scene) => {
    scene.nextSettings = settings;
  };
}

const trackOf = ({ rig }: Scene) => [...rig.state.tracks.keys()][0] ?? "";
const mergeMutations: Readonly<Record<string, Mutation>> = {
  "the track's branch moved": (scene) => scene.moveBranch(`signalbox/${trackOf(scene)}/track`),
  "the track's branch moved again": (scene) => scene.moveBranch(`signalbox/${trackOf(scene)}/track`),
  "the track's branch moved, with the same files": (scene) => scene.addCommit(`signalbox/${trackOf(scene)}/track`),
  "the ticket's branch moved": (scene) => scene.moveBranch(`signalbox/${trackOf(scene)}/T-001`),
};

const landMutations: Readonly<Record<string, Mutation>> = {
  "the user's branch moved": (scene) => void scene.git("commit", "--quiet", "--allow-empty", "-m", "mine"),
  "the user's branch was rewritten": (scene) =>
    void scene.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "mine, better"),
};

/** Words, order and limits of time: a person's edit of them changes nothing of what was approved. */
function whatDoesNotDecide({ rig }: Scene): void {
  const changes = { title: "Another title", description: "Other words.", priority: "low" as const };
  const commands: Command[] = [
    { type: "pause_engine", by: "person" },
    { type: "unpause_engine", by: "person" },
  ];
  const [ticket] = rig.state.tickets.values();
  if (ticket?.stage.name !== "completed") commands.push({ type: "edit_ticket", ticketId: "T-001", changes });
  for (const command of commands) rig.do(command);
}
