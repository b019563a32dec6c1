/**
 * The few settings of the user's git that say how files and objects are stored, and who the user is. Each is checked before
 * it is taken over; a setting that names a program is never among them.
 */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { runGit } from "./git.ts";

/** Settings by their lower-case names, the last value of each. */
export type UserSettings = ReadonlyMap<string, string>;

const flag = /^(true|false|yes|no|on|off|0|1|)$/i;

/** What a private configuration may hold, and what the value must look like. */
const storage: Readonly<Record<string, RegExp>> = {
  "core.repositoryformatversion": /^[01]$/,
  "core.filemode": flag,
  "core.symlinks": flag,
  "core.ignorecase": flag,
  "core.precomposeunicode": flag,
  "core.longpaths": flag,
  "core.trustctime": flag,
  "core.checkstat": /^(default|minimal)$/i,
  "core.autocrlf": /^(true|false|yes|no|on|off|0|1|input|)$/i,
  "core.eol": /^(lf|crlf|native)$/i,
  "core.safecrlf": /^(true|false|yes|no|on|off|0|1|warn|)$/i,
  "core.sharedrepository": /^(group|all|world|everybody|umask|true|false|0?[0-7]{1,4})$/i,
  "extensions.objectformat": /^sha(1|256)$/i,
  "extensions.refstorage": /^(files|reftable)$/i,
  "extensions.preciousobjects": flag,
};

/** Lists of names and patterns in a file of the user's: taken over when it is a plain file, because a pipe would stop git. */
const files = ["core.excludesfile", "core.attributesfile"];

/** Of the user's own working tree alone: which part of it is checked out. */
const sparse = ["core.sparsecheckout", "core.sparsecheckoutcone", "index.sparse"];

const readTimeoutMs = 20_000;

/** Asks git what of this is set for the folder, wherever it is set. */
export async function readUserSettings(folder: string): Promise<UserSettings> {
  const wanted = [...Object.keys(storage), ...files, ...sparse, "user.name", "user.email"];
  const pattern = `^(${wanted.join("|").replaceAll(".", "\\.")})$`;
  const args = ["config", "--null", "--get-regexp", pattern];
  const { stdout } = await runGit(folder, args, { exitCodes: [1], timeoutMs: readTimeoutMs });
  const entries = stdout.split("\0").filter((entry) => entry !== "");
  return new Map(entries.map(parseEntry));
}

/** A name without a value means yes. */
function parseEntry(entry: string): [string, string] {
  const end = entry.indexOf("\n");
  return end < 0 ? [entry, "true"] : [entry.slice(0, end), entry.slice(end + 1)];
}

/** The whole text of the private configuration. */
export function privateConfig(settings: UserSettings): string {
  const copied = Object.entries(storage).flatMap(([key, shape]) => {
    const value = settings.get(key);
    return value !== undefined && shape.test(value) ? [entryOf(key, value)] : [];
  });
  const lists = files.flatMap((key) => {
    const path = expanded(settings.get(key));
    return path !== null && isPlainFile(path) ? [entryOf(key, path)] : [];
  });
  return [...copied, ...lists, ...fixed].join("");
}

const fixed = [
  entryOf("core.bare", "true"),
  entryOf("core.logallrefupdates", "false"),
  entryOf("core.hookspath", "/dev/null"),
  entryOf("core.fsmonitor", "false"),
  entryOf("core.splitindex", "false"),
  entryOf("gc.auto", "0"),
];

/** Options for git on the user's own working tree. */
export function sparseOptions(settings: UserSettings): string[] {
  return sparse.flatMap((key) => {
    const value = settings.get(key);
    return value !== undefined && flag.test(value) ? ["-c", `${key}=${value === "" ? "false" : value}`] : [];
  });
}

/** The environment that names the committer: the user, or Signalbox where git does not know them. */
export function identityOf(settings: UserSettings): Record<string, string> {
  const isKnown = settings.has("user.name") && settings.has("user.email");
  const name = (isKnown && settings.get("user.name")) || "Signalbox";
  const email = isKnown ? (settings.get("user.email") ?? "") : "signalbox@localhost";
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

function entryOf(key: string, value: string): string {
  const [section = "", name = ""] = key.split(".");
  return `[${section}]\n\t${name} = "${value.replace(/["\\]/g, "\\$&")}"\n`;
}

function expanded(path: string | undefined): string | null {
  if (path === undefined || /[\n\0]/.test(path)) return null;
  if (path.startsWith("~/")) return join(process.env.HOME ?? homedir(), path.slice(2));
  return isAbsolute(path) ? path : null;
}

function isPlainFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
