/**
 * What a confined command may see of this machine: system folders, toolchains, the project's packages and git objects,
 * all read-only. Every tier makes its rules from this one list. Nothing else of the home or project folder is in it.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type CommandLimits, observeLimits } from "./limits.ts";
import { findToolchains, isInside } from "./toolchains.ts";

export interface World {
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly home: string;
  /** System folders, as they are named (a tier decides what to do with links such as /bin). */
  readonly systemPaths: readonly string[];
  /** Everything else that is readable: resolved, each existing, none inside another. */
  readonly readPaths: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly shell: string;
  readonly limits: CommandLimits;
}

const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/snap"];
const macFolders = ["/usr", "/bin", "/sbin", "/opt", "/System", "/Library", "/private/etc", "/private/var/db"];

/** The files of /etc that programs need: not all of it, because as root the password hashes would be readable. */
const etcEntries = [
  "alternatives alpine-release bash.bashrc ca-certificates ca-certificates.conf crypto-policies debian_version fonts",
  "gai.conf group host.conf hosts java-11-openjdk java-17-openjdk java-21-openjdk ld.so.cache ld.so.conf ld.so.conf.d",
  "locale.alias localtime machine-id magic mime.types networks nsswitch.conf os-release passwd perl pki protocols",
  "python3 resolv.conf rpc services shells ssl/certs ssl/openssl.cnf terminfo timezone",
].flatMap((line) => line.split(" "));

/** Looks at this machine. Makes the state folder if there is none yet, so that its path can be resolved. */
export function observeWorld(place: {
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): World {
  mkdirSync(place.stateDir, { recursive: true, mode: 0o700 });
  const projectRoot = realpathSync(place.projectRoot);
  const stateDir = realpathSync(place.stateDir);
  // The git folder of the worktrees; the only part of the state that a command can read.
  const ownGit = join(stateDir, "git");
  mkdirSync(ownGit, { recursive: true });
  const home = realHome(place.env);
  const toolchains = findToolchains(place.env, { home, projectRoot, stateDir });
  const shell = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"].find((path) => existsSync(path)) ?? "/bin/sh";
  const systemPaths = [
    ...(process.platform === "darwin" ? macFolders : systemFolders),
    ...etcEntries.map((name) => `/etc/${name}`),
  ].filter((path) => existsSync(path));
  const candidates = [
    ...toolchains.readPaths,
    join(projectRoot, "node_modules"),
    ...historyPaths(projectRoot),
    ownGit,
    process.execPath,
  ];
  const readPaths = candidates.filter((path) => existsSync(path)).flatMap((path) => [path, realpathSync(path)]);
  const isOpen = (path: string) =>
    systemPaths.some((folder) => isInside(path, folder)) &&
    ![home, projectRoot, stateDir].some((folder) => isInside(path, folder));
  return {
    projectRoot,
    stateDir,
    home,
    systemPaths,
    readPaths: outermost(readPaths.filter((path) => !isOpen(path))),
    environment: { PATH: toolchains.path.join(":"), ...toolchains.environment, SHELL: shell },
    shell,
    limits: observeLimits(),
  };
}

/** The home folder; a folder that does not exist where there is none worth hiding (some containers say "/"). */
function realHome(env: Readonly<Record<string, string | undefined>>): string {
  const home = env.HOME ?? homedir();
  return home !== "/" && existsSync(home) ? realpathSync(home) : "/nonexistent";
}

/** What git needs to read of the project's history. Not the rest of `.git`: its config may hold a token in an address. */
const historyNames = ["objects", "refs", "packed-refs", "reftable", "shallow", "info/exclude"];

function historyPaths(projectRoot: string): string[] {
  const common = commonGitFolder(join(projectRoot, ".git"));
  return common === null ? [] : historyNames.map((name) => join(common, name));
}

/** The git folder that has the objects: `.git`, or what a `.git` file (worktree, submodule) names; null where there is none. */
function commonGitFolder(dotGit: string): string | null {
  if (!existsSync(dotGit)) return null;
  if (statSync(dotGit).isDirectory()) return dotGit;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, "utf8"))?.[1];
  if (!named) return null;
  const gitDir = resolve(dirname(dotGit), named.trim());
  const commonFile = join(gitDir, "commondir");
  const common = existsSync(commonFile) ? resolve(gitDir, readFileSync(commonFile, "utf8").trim()) : gitDir;
  // A hand-made `.git` file could name any folder: only one that looks like a repository becomes readable.
  return existsSync(join(common, "objects")) ? common : null;
}

function outermost(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isInside(path, other)));
}
