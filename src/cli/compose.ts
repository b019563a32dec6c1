/** Puts the real parts together: the one place where the command line makes an engine, or opens the log of one that rests. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../engine/engine.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import type { EngineParts } from "../engine/engine-parts.ts";
import { EventLog } from "../log/event-log.ts";
import { ProjectLock } from "../log/project-lock.ts";
import { type Outcome, outcomeOf } from "../projections/summary.ts";
import { spawnThread } from "../spawn-thread.ts";
import { runCommand } from "../workspace/command-runner.ts";
import { Documents } from "../workspace/documents/documents.ts";
import { productDocuments } from "../workspace/documents/product-documents.ts";
import { openRepository } from "../workspace/repository.ts";
import type { SandboxPlan } from "../workspace/sandbox/plan.ts";
import { probeSandbox } from "../workspace/sandbox/probe.ts";
import type { Config } from "./config/load-config.ts";
import type { Project } from "./project.ts";
import { version } from "./version.ts";

/** An engine with its lifetime: what a run waits for, and how it ends. */
export interface RunningEngine extends EngineApi {
  /** Resolves when nothing is in flight any more and nothing can move by itself. */
  whenSettled(): Promise<Outcome>;
  /** Stops every thread and closes the log. A second call does nothing. */
  stop(reason: string): Promise<void>;
}

export interface Composition {
  readonly project: Project;
  readonly config: Config;
  /** Whether nobody can answer a gate while it runs: `whenSettled` then ends at one. */
  readonly isHeadless: boolean;
  /** Whether it only takes commands and writes them down, and starts no effect: for levers when no server runs. */
  readonly isResting?: boolean;
  readonly warnings?: readonly string[];
}

const stallMs = 90_000;

/** Opens the log, takes the project's lock, and starts the engine. Throws a sentence when another process holds it. */
export async function composeEngine(composition: Composition): Promise<RunningEngine> {
  const { project, config, isResting = false } = composition;
  const repository = await openRepository(project.root);
  makeStateDir(project.stateDir);
  const lock = ProjectLock.take(project.stateDir, {
    pid: process.pid,
    command: isResting ? "a command" : "an engine",
    since: new Date().toISOString(),
  });
  try {
    const log = EventLog.open(join(project.stateDir, "signalbox.db"));
    const sandbox = memoized(() => probe(composition));
    const documents = new Documents(project.root);
    const parts: EngineParts = {
      project: { root: project.root, name: project.name },
      version,
      log,
      now: () => new Date(),
      spawnThread,
      repository,
      documents: {
        writeTrack: (track, tickets) => documents.writeTrack(track, tickets),
        productDocuments: () => productDocuments(project.root),
      },
      runCommand: async (request) => runCommand({ ...request, sandbox: await sandbox() }),
      apiKey: config.keys,
      warnings: composition.warnings ?? sandboxWarnings(config),
      isResting,
      stallMs,
      report: (problem) => process.stderr.write(`signalbox: ${problem}\n`),
      release: () => lock.release(),
    };
    return withOutcome(Engine.start(parts, config.settings));
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makeStateDir(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  chmodSync(stateDir, 0o700);
  writeFileSync(join(stateDir, ".gitignore"), "*\n");
}

function probe({ project, config }: Composition): Promise<SandboxPlan> {
  const { mode, network, isUnsafe } = config.settings.sandbox;
  return probeSandbox({ mode, network, isUnsafe, projectRoot: project.root, stateDir: project.stateDir });
}

/** Probing takes a tenth of a second: it is done when the first command runs, not at the start. */
function memoized<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function sandboxWarnings(config: Config): string[] {
  if (!config.settings.sandbox.isUnsafe) return [];
  return ["Commands run unconfined, because this was started with --unsafe-no-sandbox."];
}

function withOutcome(engine: Engine): RunningEngine {
  return {
    project: engine.project,
    warnings: engine.warnings,
    state: () => engine.state(),
    dispatch: (command) => engine.dispatch(command),
    events: (query) => engine.events(query),
    streams: () => engine.streams(),
    onPosition: (listener) => engine.onPosition(listener),
    onDelta: (listener) => engine.onDelta(listener),
    stop: (reason) => engine.stop(reason),
    whenSettled: async () => {
      await engine.whenSettled();
      return outcomeOf(engine.state());
    },
  };
}
