/** Puts the real parts together: the one place where the command line makes an engine. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRedactor } from "../domain/redactor.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import type { DocumentStore, EngineParts } from "../engine/engine-parts.ts";
import { secretsOf } from "../engine/secrets.ts";
import type { Thread } from "../engine/supervisor.ts";
import { type CommitHook, EventLog } from "../log/event-log.ts";
import { diskFault } from "../log/log-fault.ts";
import { ProjectLock } from "../log/project-lock.ts";
import { proveLog } from "../prove-log.ts";
import { spawnThread } from "../spawn-thread.ts";
import { runCommand } from "../workspace/command-runner.ts";
import { Documents } from "../workspace/documents/documents.ts";
import { productDocuments } from "../workspace/documents/product-documents.ts";
import { openRepository, type Repository } from "../workspace/repository.ts";
import { sweepLeftovers } from "../workspace/sandbox/leftovers.ts";
import { closeOwnMemory } from "../workspace/sandbox/own-memory.ts";
import { type SandboxPlan, unsafeSummary } from "../workspace/sandbox/plan.ts";
import { probeSandbox } from "../workspace/sandbox/probe.ts";
import { commandProfile } from "../workspace/sandbox/profile.ts";
import { apiTokenOf } from "./api-token.ts";
import type { Config } from "./config/load-config.ts";
import { crashHook } from "./crash-at.ts";
import { guarded } from "./guarded-engine.ts";
import type { PendingTrust } from "./pending-trust.ts";
import { programKey } from "./program-key.ts";
import type { Project } from "./project.ts";
import { logPath } from "./read-log.ts";
import { claimState } from "./state-owner.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** An engine with its lifetime: what a run waits for, and how it ends. */
export interface RunningEngine extends EngineApi {
  /** Resolves when nothing is in flight any more and nothing can move by itself. */
  whenSettled(): Promise<void>;
  /** Stops every thread and closes the log: events cannot be read any more. A second call does nothing. */
  stop(reason: string): Promise<void>;
  /** Resolves with the reason when the engine can do nothing more; it must be stopped then. */
  whenFailed(): Promise<Error>;
  /** The question that it waits for, when its project's config has not been accepted yet: it rests until it is. */
  readonly trust?: PendingTrust;
}

export interface Composition {
  readonly project: Project;
  readonly config: Config;
  readonly world: World;
  /** Whether it only takes commands and writes them down, and starts no effect: for levers when no server runs. */
  readonly isResting?: boolean;
  /** The project's lock where the caller has it already; the caller then releases it. */
  readonly lock?: ProjectLock;
  readonly warnings?: readonly string[];
  /** Changes a part before the engine is made of them: a replay orders commands, and hurries. */
  adapt?(parts: EngineParts): EngineParts;
  /** Whether agents start soon after it: their thread is then made at once. With `false` it is given before it takes commands: a page to look at. */
  readonly isBusy?: boolean;
}

/** Silence of a stream after which it is given up: longer than a model thinks between two of its pings. */
const stallMs = 120_000;

/** Takes the project's lock, opens the log, and starts the engine. Throws a sentence when another process holds it. */
export async function composeEngine(composition: Composition): Promise<RunningEngine> {
  const { project, config } = composition;
  const lock = composition.lock ?? (await takeLock(project, composition.world));
  const release = composition.lock ? () => undefined : () => lock.release();
  // Before a worktree is touched: what still runs there would write into it.
  sweepLeftovers();
  const threads = composition.isBusy ? new ThreadsAhead() : null;
  try {
    const real = await realParts(composition, release, threads);
    const parts = composition.adapt?.(real) ?? real;
    const engine = guarded(Engine.start(parts, config.settings), parts.log, composition.world);
    return composition.isBusy === false ? engine : begun(engine, threads);
  } catch (error) {
    threads?.terminate();
    release();
    throw error;
  }
}

/** The engine, once it takes commands. Throws what it fails of before that. */
async function begun(engine: Engine, threads: ThreadsAhead | null): Promise<Engine> {
  const error = await Promise.race([engine.whenBegun(), engine.whenFailed()]);
  if (!error) return engine;
  threads?.terminate();
  // This gives the lock back.
  await engine.stop("it could not begin");
  throw error;
}

/** Makes the state folder, or finds it ours, and takes the project's lock. Throws a sentence when somebody else holds it, or made it, or the disk is full. */
export async function takeLock(project: Project, world: World): Promise<ProjectLock> {
  const { stateDir } = project;
  const command = ["signalbox", ...process.argv.slice(2)].join(" ");
  try {
    await claimState(project, world);
    prepareStateDir(stateDir);
    return ProjectLock.take(stateDir, { pid: process.pid, command, since: new Date().toISOString() });
  } catch (error) {
    throw diskFault(error, `the state folder ${stateDir}`) ?? error;
  }
}

/** Makes the first thread before it is asked for: it loads while git and the log are waited for. */
class ThreadsAhead {
  #ahead: Thread | null = spawnThread();

  take(): Thread {
    const thread = this.#ahead ?? spawnThread();
    this.#ahead = null;
    return thread;
  }

  terminate(): void {
    this.#ahead?.terminate();
  }
}

/** `.signalbox/`, which only its owner may enter, with a file that makes git ignore all of it, itself included. */
function prepareStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  chmodSync(stateDir, 0o700);
  writeFileSync(join(stateDir, ".gitignore"), "*\n", { mode: 0o600 });
}

async function realParts(
  composition: Composition,
  release: () => void,
  threads: ThreadsAhead | null,
): Promise<EngineParts> {
  const { project, config, world, isResting = false } = composition;
  const { repository, log } = await openBoth(project, crashHook(world));
  const warnings = [...(composition.warnings ?? [])];
  const sandbox = lateProbe(composition, warnings);
  const keys = { apiKey: (provider: string) => config.keys(provider), secrets: [apiTokenOf(world)] };
  const redactor = makeRedactor(secretsOf(keys, config.settings));
  if (!isResting) setTimeout(() => tellUncommitted(repository, world), tellDelayMs).unref();
  return {
    project,
    version,
    repository,
    log,
    ...snapshotsOf(composition),
    now: () => new Date(),
    spawnThread: () => threads?.take() ?? spawnThread(),
    documents: documentStore(project.root),
    commandProfile: async () => commandProfile(await sandbox()),
    runCommand: async (request) => runCommand({ ...request, sandbox: await sandbox() }),
    countTokens: countBody,
    ...keys,
    warnings,
    isResting,
    stallMs,
    report: (problem) => world.note(`signalbox: ${redactor.text(problem)}\n`),
    release,
  };
}

/** Enough that folding them is felt. With fewer, every start reads the whole log before anything else; so does an engine that rests. */
const snapshotEveryCount = 50_000;

function snapshotsOf({ project, isResting = false }: Composition): Pick<EngineParts, "snapshots"> {
  const program = isResting ? null : programKey();
  if (program === null) return {};
  const path = logPath(project);
  const prove = (signal: AbortSignal) => proveLog(path, signal);
  return { snapshots: { path: `${path}-snapshot`, program, everyCount: snapshotEveryCount, prove } };
}

/** What looks at a request is loaded when the first person asks: it is no part of a start. */
const countBody: NonNullable<EngineParts["countTokens"]> = async (provider, body) => {
  const { countTokens, createClient } = await import("../agents/provider-client.ts");
  // The body is one that an agent would send.
  const request = body as unknown as Parameters<typeof countTokens>[1];
  const counted = await countTokens(createClient(provider, stallMs), request, AbortSignal.timeout(stallMs));
  return typeof counted === "number" ? counted : null;
};

/** git looks at the repository while the log is opened. */
async function openBoth(project: Project, onCommit: CommitHook | undefined) {
  const [repository, log] = await Promise.allSettled([
    openRepository(project.root, project.git),
    Promise.try(() => EventLog.open(logPath(project), onCommit && { onCommit })),
  ]);
  if (repository.status === "rejected") {
    if (log.status === "fulfilled") log.value.close();
    throw repository.reason;
  }
  if (log.status === "rejected") throw log.reason;
  return { repository: repository.value, log: log.value };
}

/** Longer than a start takes: finding toolchains and trying sandboxes costs a tenth of a second, which nobody should wait for. */
const probeDelayMs = 500;

/** Tries the sandboxes when the first command asks, or soon after the start; what people must know joins the warnings. */
function lateProbe(
  { project, config, world, warnings: own, isResting = false }: Composition,
  warnings: string[],
): () => Promise<SandboxPlan> {
  const { mode, network, isUnsafe } = config.settings.sandbox;
  const isUnconfined = isUnsafe && mode !== "required";
  // Whoever composed the engine may have said already, in better words, why commands run unconfined.
  const isTold = (own?.length ?? 0) > 0;
  if (isUnconfined && !isTold) warnings.push(unsafeSummary);
  let probing: Promise<SandboxPlan> | null = null;
  const probe = () => {
    if (probing === null) closeOwnMemory();
    probing ??= probeSandbox({
      mode,
      network,
      isUnsafe,
      projectRoot: project.root,
      stateDir: project.stateDir,
      env: world.env,
    });
    return probing;
  };
  if (isResting) return probe;
  const tell = setTimeout(() => {
    probe().then(
      (plan) => {
        if (!plan.isConfined && !isUnconfined && !isTold) warnings.push(plan.describe().summary);
      },
      (error: unknown) => {
        warnings.push('The sandbox could not be tried, so no command can run. "signalbox doctor" says why.');
        world.note(`signalbox: The sandbox could not be tried: ${String(error)}\n`);
      },
    );
  }, probeDelayMs);
  tell.unref();
  return probe;
}

/** Past the start, which would share the processor with `git status`. */
const tellDelayMs = 200;

/** Said soon after the start, and no hindrance: agents begin at the last commit, whatever else lies in the tree. */
function tellUncommitted(repository: Repository, world: World): void {
  repository.uncommitted().then(
    (reason) =>
      reason !== null && world.note(`${reason} Until then work starts from your last commit, and nothing is landed.\n`),
    (error: unknown) => world.note(`signalbox: git status failed: ${String(error)}\n`),
  );
}

function documentStore(root: string): DocumentStore {
  const documents = new Documents(root);
  return {
    writeTrack: (...all) => documents.writeTrack(...all),
    readDocument: (...all) => documents.readDocument(...all),
    writeDocument: (...all) => documents.writeDocument(...all),
    productDocuments: () => productDocuments(root),
  };
}
