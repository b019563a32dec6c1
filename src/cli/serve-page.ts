/** The page beside an engine: starts the server, says where it is, opens a browser. */

import { toolsFor } from "../agents/tools/toolset.ts";
import { type RunningServer, ServerStartError, startServer } from "../web/server.ts";
import { apiTokenOf } from "./api-token.ts";
import { usageError } from "./cli-error.ts";
import type { RunningEngine } from "./compose.ts";
import type { Config } from "./config/load-config.ts";
import { ForkDesk } from "./fork-desk.ts";
import { openBrowser } from "./open-browser.ts";
import type { OptionValues } from "./option-table.ts";
import type { Project } from "./project.ts";
import { SettingsDesk } from "./settings-desk.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

const defaultPort = 4747;
const loopback = ["127.0.0.1", "localhost"];

interface PageRequest {
  readonly project: Project;
  readonly options: OptionValues;
  /** Where each setting came from, and the file that was accepted: the settings page shows and changes them. */
  readonly config: Pick<Config, "sources" | "projectFile">;
  /** Whether the project is ours and gone afterwards: nothing about it is remembered. */
  readonly isDemo?: boolean;
  /** Whether it is the page of a fork: its settings are not changed there, and it is not forked in turn. */
  readonly isFork?: boolean;
  /** How many ports are tried from the default one up; a port that was named is tried alone. */
  readonly tries?: number;
}

/** Serves the page of an engine. */
export async function servePage(engine: RunningEngine, request: PageRequest, world: World): Promise<RunningServer> {
  const { project, options } = request;
  checkHost(options);
  const server = await startOnFreePort(engine, request, world);
  if (options.json) {
    const { url, apiUrl } = server;
    world.out(`${JSON.stringify({ type: "listening", url, apiUrl, pid: process.pid })}\n`);
  } else {
    world.out(`Signalbox is at ${server.url}\n`);
    world.note('The address works once; "signalbox url" prints a fresh one. Ctrl-C ends.\n');
    for (const warning of engine.warnings) world.note(`Warning: ${warning}\n`);
  }
  if (!options["no-open"] && !options.json) openBrowser(server.url, project.stateDir, world);
  engine.trust?.beginAsking();
  return server;
}

/** Throws (exit 2) for an address that other machines could reach. */
export function checkHost({ host }: OptionValues): void {
  if (host === undefined || loopback.includes(host)) return;
  throw usageError(
    `--host is "${host}"; allowed is a loopback address (127.0.0.1): agents run commands here, so no other machine may reach it.`,
  );
}

async function startOnFreePort(
  engine: RunningEngine,
  { project, options, config, isDemo = false, isFork = false, tries = 1 }: PageRequest,
  world: World,
): Promise<RunningServer> {
  const settingSources = new Map<string, string>(Object.entries(config.sources));
  const trust = engine.trust;
  const settingsEditor = new SettingsDesk({
    root: project.root,
    engine,
    world,
    options,
    sources: settingSources,
    accepted: config.projectFile,
    isRemembered: !isDemo,
  });
  trust?.accepted.then(
    (accepted) => {
      for (const [key, source] of Object.entries(accepted.sources)) settingSources.set(key, source);
      settingsEditor.accept(accepted.projectFile);
    },
    () => settingSources.clear(),
  );
  const forker = new ForkDesk({ engine, project, options, world, serve: serveFork });
  const levers = isFork ? { settingSources } : { settingSources, settingsEditor, forker };
  const first = options.port ?? defaultPort;
  const lastPort = options.port === undefined ? first + tries - 1 : first;
  for (let port = first; ; port++) {
    try {
      const server = await startServer({
        engine,
        port,
        isPlainHost: options["plain-host"] ?? false,
        stateDir: project.stateDir,
        version,
        token: apiTokenOf(world),
        toolsFor,
        reportFailure: (failure) => {
          const words = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
          world.note(`A request failed inside Signalbox: ${words}\n`);
        },
        ...(trust && { trust }),
        pages: async (app, support) => {
          const { registerPages } = await import("../web/pages/register-pages.tsx");
          registerPages(app, { ...support, ...levers });
        },
      });
      return { ...server, stop: () => forker.close().finally(() => server.stop()) };
    } catch (error) {
      const isTaken = error instanceof ServerStartError && error.code === "port_in_use";
      if (!isTaken || port >= lastPort) throw error;
    }
  }
}

/** The page of a fork: on any free port, and opened from the page that it was begun on. */
function serveFork(engine: RunningEngine, project: Project, config: Config, world: World): Promise<RunningServer> {
  const options = { json: true, "no-open": true, port: 0 } as const;
  return servePage(engine, { project, options, config, isDemo: true, isFork: true }, world);
}
