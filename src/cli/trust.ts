/**
 * Trust: a project's file may name endpoints, commands, gates and limits; it is a stranger's until this user has accepted
 * those tables in this very state. What was accepted is remembered by hash, for each project's real path.
 */
import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "smol-toml";
import { z } from "zod";
import { visible } from "../../views/format.ts";
import { Json, payloadHash } from "../domain/gate.ts";
import { CliError, configError } from "./cli-error.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { userConfigDir } from "./config/load-config.ts";
import type { World } from "./world.ts";

/** The project's own config, from its root. */
export const configPath = "conductor/signalbox.toml";

const guarded = ["provider", "providers", "verify", "gates", "sandbox", "budget"] as const;

const TrustFile = z.record(z.string(), z.object({ hash: z.string(), acceptedAt: z.string() }));
type TrustFile = z.infer<typeof TrustFile>;

/** The tables that need trust, as they stand, and their hash; null when the file has none of them. */
export function guardedTables(file: ConfigFile | null): { readonly shown: string; readonly hash: string } | null {
  const tables = Object.fromEntries(
    guarded.flatMap((name) => (file?.[name] === undefined ? [] : [[name, file[name]] as const])),
  );
  if (Object.keys(tables).length === 0) return null;
  return { shown: stringify(tables).trim(), hash: payloadHash(Json.parse(tables)) };
}

/** Whether this user has accepted the project's file in its present state, or it needs no acceptance. */
export async function isTrusted(root: string, file: ConfigFile | null, world: World): Promise<boolean> {
  const tables = guardedTables(file);
  if (!tables) return true;
  const accepted = await readTrust(world);
  return accepted[await realpath(root)]?.hash === tables.hash;
}

/** Remembers that this user accepts the project's file as it stands. */
export async function acceptTrust(root: string, file: ConfigFile | null, world: World): Promise<void> {
  const tables = guardedTables(file);
  if (!tables) return;
  const accepted = await readTrust(world);
  accepted[await realpath(root)] = { hash: tables.hash, acceptedAt: new Date().toISOString() };
  await writeTrust(accepted, world);
}

/** What a refused question, or one that nobody can be asked, ends with: exit 2. */
export function notAccepted(): CliError {
  return configError(
    `The config of this project (${configPath}) has not been accepted by you in its present state, and it names endpoints, commands or limits. Read it, then run again with --trust, or on a terminal to be asked; "signalbox serve" asks on its page.`,
  );
}

/** Lets a run go on only with a trusted file: remembered, `--trust`, or a yes on the terminal; else exit 2 with words. */
export async function ensureTrust(
  project: { readonly root: string; readonly file: ConfigFile | null },
  hasTrustOption: boolean,
  world: World,
): Promise<void> {
  if (await isTrusted(project.root, project.file, world)) return;
  if (hasTrustOption || (await isAcceptedOnTerminal(project.root, project.file, world))) {
    await rememberIfPossible(project, world);
    return;
  }
  throw notAccepted();
}

/** The acceptance holds for this run in any case; where the home takes no file, it is only not remembered. */
export async function rememberIfPossible(
  project: { readonly root: string; readonly file: ConfigFile | null },
  world: World,
): Promise<void> {
  try {
    await acceptTrust(project.root, project.file, world);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    world.note(`Warning: ${error.message}\n`);
  }
}

async function isAcceptedOnTerminal(root: string, file: ConfigFile | null, world: World): Promise<boolean> {
  const tables = guardedTables(file);
  if (!world.isInteractive || !tables) return false;
  return await askOnTerminal({ path: join(root, configPath), text: tables.shown }, world);
}

/** Shows tables on the terminal, every character visible, and asks; only a yes is one. An abort ends the question unanswered. */
export async function askOnTerminal(
  { path, text }: { readonly path: string; readonly text: string },
  world: World,
  signal?: AbortSignal,
): Promise<boolean> {
  world.note(`This project's own config wants to set (${visible(path)}):\n\n`);
  world.note(`${visible(text).replace(/^/gm, "    ")}\n\n`);
  const answer = await world.ask("Accept it as it stands? [y/N] ", signal);
  return /^y(es)?$/i.test(answer);
}

function trustPath(world: World): string {
  return join(userConfigDir(world), "trusted.json");
}

async function readTrust(world: World): Promise<TrustFile> {
  const path = trustPath(world);
  try {
    return TrustFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    throw configError(`${path} cannot be read as the list of accepted projects. Remove it and accept them again.`, {
      cause: error,
    });
  }
}

async function writeTrust(accepted: TrustFile, world: World): Promise<void> {
  const path = trustPath(world);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(accepted, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    throw configError(
      `That you accept this project's config could not be remembered in ${path}: the folder cannot be written. Make it writable, or name another with XDG_CONFIG_HOME.`,
      { cause: error },
    );
  }
}
