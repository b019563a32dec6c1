/** Where the demo happens: a temporary repository with real files and tests, the simulator on a free port, and their config. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { demoFiles, demoGoal } from "../simulator/demo-project.ts";
import { demoScenario } from "../simulator/demo-scenario.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { runGit } from "../workspace/git.ts";
import { parseConfigFile } from "./config/config-file.ts";
import { type Config, toSettings } from "./config/load-config.ts";
import { mergeConfig } from "./config/merge-config.ts";
import type { Project } from "./project.ts";

export interface DemoPlace {
  readonly project: Project;
  readonly config: Config;
  readonly goal: string;
  readonly verifyCommand: string;
  readonly warnings: readonly string[];
  /** Stops the simulator; the repository is removed unless it is kept. */
  close(isKept: boolean): Promise<void>;
}

/** Makes the place; `speed` is how much faster than a real model the simulator streams. */
export async function makeDemoPlace({ speed }: { readonly speed: number }): Promise<DemoPlace> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "signalbox-demo-")));
  const verifyCommand = `BUN_BE_BUN=1 "${process.execPath}" test`;
  const files = demoFiles(verifyCommand);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await commitAll(root);
  const simulator = await startSimulator({ scenario: demoScenario({ speed, verifyCommand }) });
  return {
    project: { root, name: "signalbox demo", stateDir: join(root, ".signalbox") },
    config: demoConfig(files["conductor/signalbox.toml"] ?? "", simulator, verifyCommand),
    goal: demoGoal,
    verifyCommand,
    warnings: [
      "This is the demo: its models are a simulator, and its own commands run unconfined in a temporary folder.",
    ],
    close: async (isKept) => {
      await simulator.stop();
      if (!isKept) await rm(root, { recursive: true, force: true });
    },
  };
}

async function commitAll(root: string): Promise<void> {
  const identity = ["-c", "user.name=Signalbox demo", "-c", "user.email=demo@localhost"];
  await runGit(root, ["init", "--quiet", "--initial-branch=main"]);
  await runGit(root, ["config", "user.name", "Signalbox demo"]);
  await runGit(root, ["config", "user.email", "demo@localhost"]);
  await runGit(root, ["add", "--all"]);
  await runGit(root, [...identity, "commit", "--quiet", "--no-verify", "--message", "Start of the sample project"]);
}

/** The sample's own config, at the simulator and without a key; the user's config and environment have no part in it. */
function demoConfig(source: string, simulator: Simulator, verifyCommand: string): Config {
  const file = parseConfigFile(source, "conductor/signalbox.toml");
  const { values, sources } = mergeConfig([
    { source: "file", values: file },
    {
      source: "option",
      values: { provider: { base_url: simulator.url, api_key_env: "" }, verify: { command: verifyCommand } },
    },
  ]);
  const settings = toSettings(values, { "unsafe-no-sandbox": true });
  return {
    settings: { ...settings, gates: { ...settings.gates, level: "manual" } },
    sources,
    keys: () => "",
    projectFile: file,
    files: [{ path: "conductor/signalbox.toml", isFound: true }],
  };
}
