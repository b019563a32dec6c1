/**
 * The full tier on Linux: one bubblewrap container a command, with its own processes, network, /tmp and home, where the
 * worktree is all that can be written. Nothing is ever mounted below a folder that a command can write: bubblewrap before
 * 0.12 follows a link that it finds there out of the container (CVE-2026-87766).
 */
import { accessSync, constants, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { limitWords } from "./limits.ts";
import { extraDescriptor, type SandboxPlan } from "./plan.ts";
import { seccompProgram } from "./seccomp.ts";
import { isInside } from "./toolchains.ts";
import type { World } from "./world.ts";

/** The private /tmp lives in memory, so it is bounded. */
const temporaryBytes = 1024 ** 3;

/** Where bubblewrap is: the distribution's own first (only that has the AppArmor rule), never inside the project. */
export function findBubblewrap(world: World): string | null {
  const path = world.environment.PATH ?? "";
  const folders = ["/usr/bin", ...path.split(":").filter((folder) => !isInside(folder, world.projectRoot))];
  return folders.map((folder) => join(folder, "bwrap")).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent, or not to be run by us: to the sandbox it is the same.
    return false;
  }
}

/** The plan; `probeSandbox` tries it before anybody relies on it. */
export function bubblewrapPlan(program: string, world: World, hasNetwork: boolean): SandboxPlan {
  const options = Bun.spawnSync([program, "--help"], { env: {}, stderr: "pipe" });
  const help = options.stdout.toString() + options.stderr.toString();
  const fixed = fixedArguments(world, hasNetwork, help);
  const limits = limitWords(world.limits);
  const filter = seccompProgram("own network");
  return {
    tier: "bubblewrap",
    isConfined: true,
    hasNetwork,
    environment: world.environment,
    shell: world.shell,
    innerFolders: { home: "/tmp/home", temporary: "/tmp" },
    limits: world.limits,
    // Inside a user namespace of its own the kernel counts this command's processes alone.
    processCount: "own",
    stateDir: world.stateDir,
    describe: () => ({
      summary: `Commands run in bubblewrap (${program}, ${versionOf(program)})${hasNetwork ? ", with the network open" : ", without network"}.`,
      enforced: [
        "Only the ticket's worktree and a private /tmp can be written.",
        "The home folder, the rest of the project and Signalbox's own state cannot be read.",
        ...(hasNetwork ? [] : ["No network, not even this machine's own ports."]),
        "Commands see no other process, and everything that they start ends with them.",
        ...limits.enforced,
      ],
      notEnforced: [...(hasNetwork ? ["The network is open ([sandbox] network = true)."] : []), ...limits.notEnforced],
      remedy: null,
    }),
    launch: (job) => ({
      argv: [
        program,
        ...fixed,
        ...(filter ? ["--seccomp", String(extraDescriptor)] : []),
        ...["--bind", job.root, job.root, "--chdir", job.cwd],
        ...Object.entries(job.env).flatMap(([name, value]) => ["--setenv", name, value]),
        // Root in here is root to the kernel's settings in /proc/sys: one of them names a program that it runs outside.
        ...["/", "/proc", ...hiddenFolders(world)].flatMap((folder) => ["--remount-ro", folder]),
        ...["--", ...job.argv],
      ],
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      input: filter,
    }),
  };
}

function versionOf(program: string): string {
  const { stdout } = Bun.spawnSync([program, "--version"], { env: {}, stderr: "ignore" });
  return /[\d.]+/.exec(stdout.toString())?.[0] ?? "of unknown version";
}

function fixedArguments(world: World, hasNetwork: boolean, help: string): string[] {
  const supports = (option: string) => help.includes(option);
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(hasNetwork ? [] : ["--unshare-net"]),
    ...(supports("--disable-userns") ? ["--disable-userns"] : []),
    ...["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"],
    ...world.systemPaths.flatMap(systemMount),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...(supports("--size") ? ["--size", String(temporaryBytes)] : []),
    ...["--tmpfs", "/tmp", "--dir", "/tmp/home"],
    ...hiddenFolders(world).flatMap((folder) => ["--tmpfs", folder]),
    ...world.readPaths.flatMap((path) => ["--ro-bind", path, path]),
  ];
}

/** A system folder read-only; /bin and its like stay links where they are links. */
function systemMount(path: string): string[] {
  const isLink = lstatSync(path).isSymbolicLink() && !path.startsWith("/etc/");
  return isLink ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/**
 * Home, project and state folders that lie in what is readable (a project in /opt) or writable (one in /tmp): each is
 * covered by an empty folder that becomes read-only once the worktree is mounted in it.
 */
function hiddenFolders(world: World): string[] {
  const hidden = [...new Set([world.home, world.projectRoot, world.stateDir])];
  return hidden.filter(
    (folder) =>
      [...world.systemPaths, "/tmp"].some((path) => isInside(folder, path)) &&
      !hidden.some((other) => other !== folder && isInside(folder, other)),
  );
}
