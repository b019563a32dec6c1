/** Puts the real parts together: the one place where the command line makes an engine, or opens the log of one that rests. */
import type { EngineApi } from "../engine/engine-api.ts";
import type { Outcome } from "../projections/summary.ts";
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

/** Opens the log, takes the project's lock, and starts the engine. Throws a sentence when another process holds it. */
export async function composeEngine(composition: Composition): Promise<RunningEngine> {
  const { Engine } = await import("../engine/engine.ts");
  const { project, config, isHeadless, isResting = false, warnings = [] } = composition;
  const { settings, keys } = config;
  return await Engine.open({ project, settings, keys, isHeadless, isResting, warnings, version });
}
