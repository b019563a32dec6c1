/** The checks of `doctor`: each looks at one thing, changes nothing, and never throws. */

import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { keyHeaders } from "../agents/provider-client.ts";
import { checkGitVersion, gitLine } from "../workspace/git.ts";
import { probeSandbox } from "../workspace/sandbox/probe.ts";
import { configFaults } from "./config/check-config.ts";
import { type Config, loadConfig } from "./config/load-config.ts";
import type { OptionValues } from "./option-table.ts";
import { findWorkingProject, type Project } from "./project.ts";
import { findServer } from "./server-link.ts";
import { judgeState } from "./state-owner.ts";
import { isTrusted } from "./trust.ts";
import type { World } from "./world.ts";

export interface Finding {
  readonly name: string;
  /** `missing`: a run needs it. `warning`: worth knowing. */
  readonly status: "ok" | "warning" | "missing";
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
  /** Of the sandbox: what it sees to and what it does not, each a sentence. */
  readonly enforced?: readonly string[];
  readonly notEnforced?: readonly string[];
}

const reachMs = 3_000;
const shellWords = new Set([
  "cd",
  "test",
  "true",
  "false",
  "set",
  "export",
  "exit",
  "if",
  "for",
  "while",
  "eval",
  "exec",
  ".",
]);
const lowDiskBytes = 1024 ** 3;

/** Looks at everything that a run needs, in the order in which it would fail. */
export async function examine(options: OptionValues, world: World): Promise<Finding[]> {
  const runtime = ok("runtime", `Bun ${Bun.version} on ${process.platform} ${process.arch}`);
  const git = await guarded("git", async () => {
    await checkGitVersion(world.cwd);
    return ok("git", await gitLine(world.cwd, ["version"]));
  });
  const project = await attempt("project", () => findWorkingProject(options.project, world));
  if ("finding" in project) return [runtime, git, project.finding];
  const { root } = project.value;
  const found = [runtime, git, ok("project", root), await sandboxFinding(project.value, options)];
  const config = await attempt("config", () => loadConfig(root, options, world));
  if ("finding" in config) return [...found, config.finding];
  const trust = await guarded("trust", () => trustFinding(project.value, config.value, world));
  const isAccepted = options.trust === true || trust.status === "ok";
  return [
    ...found,
    ...configFindings(config.value, world.env.PATH),
    trust,
    ...(await Promise.all(usedProviders(config.value).map((name) => providerFinding(name, config.value, isAccepted)))),
    await guarded("disk", () => diskFinding(root)),
    await guarded("port", () => portFinding(project.value, options, world)),
  ];
}

function ok(name: string, found: string): Finding {
  return { name, status: "ok", found, remedy: null };
}

function missing(name: string, error: unknown): Finding {
  const found = error instanceof Error ? error.message : String(error);
  return { name, status: "missing", found, remedy: null };
}

async function guarded(name: string, look: () => Promise<Finding>): Promise<Finding> {
  return await look().catch((error: unknown) => missing(name, error));
}

async function attempt<T>(name: string, make: () => Promise<T>): Promise<{ value: T } | { finding: Finding }> {
  return await make().then(
    (value) => ({ value }),
    (error: unknown) => ({ finding: missing(name, error) }),
  );
}

async function sandboxFinding(project: Project, options: OptionValues): Promise<Finding> {
  return await guarded("sandbox", async () => {
    const isUnsafe = options["unsafe-no-sandbox"] ?? false;
    const { root: projectRoot, stateDir } = project;
    const plan = await probeSandbox({ mode: "auto", network: false, isUnsafe, projectRoot, stateDir });
    const { summary, remedy, enforced, notEnforced } = plan.describe();
    const status = plan.tier === "none" ? "missing" : plan.isConfined ? "ok" : "warning";
    return { name: "sandbox", status, found: `${plan.tier}: ${summary}`, remedy, enforced, notEnforced };
  });
}

function configFindings(config: Config, path: string | undefined): Finding[] {
  const files = config.files.map(({ path, isFound }) =>
    ok("config", `${path} ${isFound ? "is valid" : "is not there; defaults hold"}`),
  );
  const faults = configFaults(config).map((fault) => missing("config", fault));
  return [...files, ...faults, checkFinding(config.settings.verify.command, path)];
}

/** A program that is not there would cost every attempt of every ticket; a shell's own words are not looked up. */
function checkFinding(command: string, path: string | undefined): Finding {
  const program = /^[\w./+-]+(?=\s|$)/.exec(command.trim())?.[0];
  const isLookedUp = program !== undefined && !shellWords.has(program) && !program.includes("/") && path !== undefined;
  if (!isLookedUp || Bun.which(program, { PATH: path }) !== null) return ok("check", `"${command}" after every ticket`);
  const remedy = "Install it, or name the project's check in conductor/signalbox.toml: [verify] command.";
  return { name: "check", status: "warning", found: `"${command}": there is no program "${program}" here`, remedy };
}

async function trustFinding(project: Project, config: Config, world: World): Promise<Finding> {
  if (await isTrusted(project.root, config.projectFile, world)) return ok("trust", "the project's config is accepted");
  const found = "the project's config has not been accepted by you in its present state";
  return { name: "trust", status: "warning", found, remedy: "Read conductor/signalbox.toml, then start with --trust." };
}

function usedProviders({ settings }: Config): string[] {
  return [...new Set(Object.values(settings.tiers).map((tier) => tier.provider))];
}

/** Asks for the list of models: it costs nothing, and shows that address and key are right. The key is never shown. */
async function providerFinding(name: string, config: Config, isAccepted: boolean): Promise<Finding> {
  const title = `provider ${name}`;
  const provider = config.settings.providers[name];
  if (!provider) return missing(title, new Error("it is named by a tier, but there is no such table"));
  const { baseUrl, apiKeyEnv } = provider;
  const key = config.keys(name);
  const keyWords = key !== "" ? `key in ${apiKeyEnv}` : "no key";
  if (!isAccepted) {
    const found = `${baseUrl} was not asked: it may be one that the project's config chose, and nobody has accepted that`;
    return { name: title, status: "warning", found, remedy: "Accept the project's config first, or add --trust." };
  }
  const answer = await askForModels(baseUrl, key);
  if (typeof answer === "string") {
    const remedy = "Check the address, the network, and that the server runs.";
    return { name: title, status: "missing", found: `${baseUrl} does not answer (${keyWords}): ${answer}`, remedy };
  }
  if (answer.status === 401 || answer.status === 403) {
    const remedy = `Set ${apiKeyEnv || "api_key_env and its variable"} to a valid key.`;
    return { name: title, status: "missing", found: `${baseUrl} refuses (${keyWords})`, remedy };
  }
  return ok(title, `${baseUrl} answers ${answer.status} (${keyWords})`);
}

/** The endpoint's answer, or why there is none. A redirect is not followed: it would take the key along. */
async function askForModels(baseUrl: string, key: string): Promise<Response | string> {
  const headers = { "anthropic-version": "2023-06-01", ...keyHeaders({ baseUrl, apiKey: key }) };
  const signal = AbortSignal.timeout(reachMs);
  return await fetch(`${baseUrl.replace(/\/+$/, "")}/v1/models`, { headers, signal, redirect: "manual" }).catch(
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function diskFinding(root: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(root);
  const freeBytes = bavail * bsize;
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (freeBytes >= lowDiskBytes) return ok("disk", found);
  return {
    name: "disk",
    status: "warning",
    found,
    remedy: "Each worktree is a checkout of the project: make some room.",
  };
}

async function portFinding(project: Project, options: OptionValues, world: World): Promise<Finding> {
  const port = options.port ?? 4747;
  const isOurs = (await judgeState(project, world)).kind === "ours";
  const server = isOurs ? await findServer(project, world) : null;
  if (server) return ok("port", `a server of this project runs at ${server.apiUrl} (process ${server.pid})`);
  const isFree = await canListen(port);
  if (isFree) return ok("port", `${port} is free`);
  return { name: "port", status: "warning", found: `${port} is in use`, remedy: "Take another one with --port N." };
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once("error", () => resolve(false));
  probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  return promise;
}
