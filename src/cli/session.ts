/** What every command that calls models does first, in this order: project, config, trust, checks, sandbox. */

import type { Invocation } from "./command-table.ts";
import { checkConfig } from "./config/check-config.ts";
import { type Config, loadConfig } from "./config/load-config.ts";
import { findWorkingProject, type Project } from "./project.ts";
import { ensureTrust } from "./trust.ts";
import type { World } from "./world.ts";

export interface Session {
  readonly project: Project;
  readonly config: Config;
}

/** Reads and checks everything that a run needs; throws one sentence (exit 2) where something is missing. */
export async function openSession({ options }: Invocation, world: World): Promise<Session> {
  const project = await findWorkingProject(options.project, world);
  const config = await loadConfig(project.root, options, world);
  await ensureTrust({ root: project.root, file: config.projectFile }, options.trust ?? false, world);
  checkConfig(config);
  const provider = config.settings.providers.default;
  if (config.sources["provider.base_url"] && provider) world.note(`Models are called at ${provider.baseUrl}.\n`);
  return { project, config };
}
