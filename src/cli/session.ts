/** What every command that calls models does first, in this order: project, whose state it has, config, trust, checks. */

import type { Invocation } from "./command-table.ts";
import { checkConfig } from "./config/check-config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { type Config, loadConfig } from "./config/load-config.ts";
import { findWorkingProject, type Project } from "./project.ts";
import { ensureOwnState } from "./state-owner.ts";
import { ensureTrust, isTrusted } from "./trust.ts";
import type { World } from "./world.ts";

export interface Session {
  readonly project: Project;
  readonly config: Config;
  /** The project's file that its page must ask about first; `config` is then without it. Null: nothing is left to ask. */
  readonly unaccepted: ConfigFile | null;
}

/** Reads and checks everything that a run needs; throws one sentence (exit 2) where something is missing. With a page, trust is asked for there. */
export async function openSession(invocation: Invocation, world: World, hasPage = false): Promise<Session> {
  const { options } = invocation;
  const project = await (invocation.project ?? findWorkingProject(options.project, world));
  await ensureOwnState(project, options.trust ?? false, world);
  const config = await loadConfig(project.root, options, world);
  const file = config.projectFile;
  if (hasPage && !options.trust && file && !(await isTrusted(project.root, file, world))) {
    const own = await loadConfig(project.root, options, world, { isProjectLeftOut: true });
    return { project, config: own, unaccepted: file };
  }
  await ensureTrust({ root: project.root, file }, options.trust ?? false, world);
  checkSession(config, world);
  return { project, config, unaccepted: null };
}

/** Throws (exit 2) for a config with which no run could start, and says where models are called. */
export function checkSession(config: Config, world: World): void {
  checkConfig(config);
  const provider = config.settings.providers.default;
  if (config.sources["provider.base_url"] && provider) world.note(`Models are called at ${provider.baseUrl}.\n`);
}
