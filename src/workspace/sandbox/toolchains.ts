/**
 * Where a machine's compilers and runtimes live when they are not in system folders: found from PATH and from the folders
 * of well-known version managers. Gives what a command must be able to read, without opening the home folder: a prefix
 * such as `~/.cargo` or `~/.local` also holds credentials, so only named parts of it are given.
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";

/** Folders that must never become readable as a whole, because they hold what commands may not see. */
export interface Private {
  readonly home: string;
  readonly projectRoot: string;
  readonly stateDir: string;
}

export interface Toolchains {
  readonly path: readonly string[];
  readonly readPaths: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Version managers: the variable that names their folder, its default below home, and the parts that are read. */
const managers: readonly { readonly variable: string; readonly folder: string; readonly parts: readonly string[] }[] = [
  { variable: "RUSTUP_HOME", folder: ".rustup", parts: ["."] },
  { variable: "CARGO_HOME", folder: ".cargo", parts: ["bin", "registry", "git"] },
  { variable: "PYENV_ROOT", folder: ".pyenv", parts: ["."] },
  { variable: "RBENV_ROOT", folder: ".rbenv", parts: ["."] },
  { variable: "NVM_DIR", folder: ".nvm", parts: ["."] },
  { variable: "VOLTA_HOME", folder: ".volta", parts: ["bin", "tools"] },
  { variable: "FNM_DIR", folder: ".local/share/fnm", parts: ["."] },
  { variable: "ASDF_DATA_DIR", folder: ".asdf", parts: ["."] },
  { variable: "MISE_DATA_DIR", folder: ".local/share/mise", parts: ["."] },
  { variable: "GOMODCACHE", folder: "go/pkg/mod", parts: ["."] },
];

/** Finds the toolchains of this machine. `env` is the environment that Signalbox itself was started with. */
export function findToolchains(env: Readonly<Record<string, string | undefined>>, secret: Private): Toolchains {
  const local = join(secret.projectRoot, "node_modules", ".bin");
  const path = (env.PATH ?? "/usr/local/bin:/usr/bin:/bin")
    .split(":")
    .filter((folder, index, all) => folder.startsWith(sep) && all.indexOf(folder) === index)
    .filter((folder) => existsSync(folder) && !isInside(folder, secret.projectRoot) && isShareable(folder, secret));
  const environment: Record<string, string> = {};
  const readPaths = path.flatMap((folder) => pathFolderReads(folder, secret));
  for (const { variable, folder, parts } of managers) {
    const root = env[variable] ?? join(secret.home, folder);
    const present = parts
      .map((part) => join(root, part))
      .filter((part) => existsSync(part) && isShareable(part, secret));
    if (present.length === 0) continue;
    environment[variable] = root;
    readPaths.push(...present);
  }
  return { path: existsSync(local) ? [local, ...path] : path, readPaths, environment };
}

/** Whether `path` is `folder` or below it. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
}

/** Whether a folder may become readable: it holds neither the home folder, nor the project, nor the state folder. */
function isShareable(folder: string, secret: Private): boolean {
  return ![secret.home, secret.projectRoot, secret.stateDir].some((hidden) => isInside(hidden, folder));
}

/** A folder on PATH, its install prefix where that is safe, and the packages that its links lead to. */
function pathFolderReads(folder: string, secret: Private): string[] {
  const reads = [folder, ...safePrefix(folder, secret)];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const target = linkTarget(join(folder, entry.name));
    if (target && !isInside(target, folder) && !isSystem(target)) reads.push(...linkReads(target, secret));
  }
  return reads;
}

function linkTarget(link: string): string | null {
  // A dangling link has no target; it is common on PATH and leads nowhere.
  return existsSync(link) ? realpathSync(link) : null;
}

function isSystem(path: string): boolean {
  return ["/usr", "/bin", "/sbin", "/lib", "/etc", "/opt"].some((folder) => isInside(path, folder));
}

/** The package that a linked program belongs to: its npm package, else its install prefix, else the file alone. */
function linkReads(target: string, secret: Private): string[] {
  const npmPackage = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(target)?.[0];
  if (npmPackage && isShareable(npmPackage, secret)) return [npmPackage];
  const prefix = safePrefix(dirname(target), secret);
  return prefix.length > 0 ? prefix : [target];
}

/** `X` for a folder `X/bin`, where X is at least two folders below home, or below the root: `~/.local` holds secrets. */
function safePrefix(folder: string, secret: Private): string[] {
  if (basename(folder) !== "bin") return [];
  const prefix = dirname(folder);
  const base = isInside(prefix, secret.home) ? secret.home : sep;
  const depth = relative(base, prefix).split(sep).length;
  return depth >= 2 && isShareable(prefix, secret) ? [prefix] : [];
}
