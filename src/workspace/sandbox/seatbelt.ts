/**
 * The tier of macOS: one sandbox-exec profile a command. In a profile the last rule that matches wins, so it closes the
 * home and project folders first and opens what is needed after. There is no process namespace: a process group and a
 * sweep end what a command started.
 */
import { existsSync } from "node:fs";
import { limitWords } from "./limits.ts";
import type { SandboxJob, SandboxPlan } from "./plan.ts";
import type { World } from "./world.ts";

const program = "/usr/bin/sandbox-exec";

/** Whether this system has sandbox-exec. */
export function hasSeatbelt(): boolean {
  return process.platform === "darwin" && existsSync(program);
}

/** The plan; `probeSandbox` tries it before anybody relies on it. */
export function seatbeltPlan(world: World, hasNetwork: boolean): SandboxPlan {
  const limits = limitWords(world.limits);
  return {
    tier: "seatbelt",
    isConfined: true,
    hasNetwork,
    environment: world.environment,
    shell: world.shell,
    innerFolders: null,
    limits: world.limits,
    processCount: "user",
    stateDir: world.stateDir,
    describe: () => ({
      summary: `Commands run under sandbox-exec${hasNetwork ? ", with the network open" : ", without network"}.`,
      enforced: [
        "Only the ticket's worktree and a private temporary folder can be written.",
        "The home folder, the rest of the project and Signalbox's own state cannot be read.",
        ...(hasNetwork ? [] : ["No network, not even this machine's own ports."]),
        ...limits.enforced,
      ],
      notEnforced: [
        ...(hasNetwork ? ["The network is open ([sandbox] network = true)."] : []),
        "Commands can see the names of other processes, and one that leaves its process group may outlive its command.",
        ...limits.notEnforced,
      ],
      remedy: null,
    }),
    launch: (job) => ({
      argv: [program, "-p", seatbeltProfile(world, job, hasNetwork), ...job.argv],
      env: { ...job.env },
      cwd: job.cwd,
    }),
  };
}

/** The profile of one command, in sandbox-exec's own language. */
export function seatbeltProfile(world: World, job: SandboxJob, hasNetwork: boolean): string {
  const subpaths = (paths: readonly string[]) => paths.map((path) => `(subpath ${quote(path)})`).join(" ");
  const writable = [job.root, job.scratch].filter((path) => path !== "");
  return [
    "(version 1)",
    "(allow default)",
    hasNetwork ? "" : "(deny network*)",
    "(deny file-write*)",
    `(deny file-read-data ${subpaths([world.home, world.projectRoot, world.stateDir, "/Users", "/Volumes"])})`,
    `(allow file-read-data ${subpaths([...world.readPaths, ...writable])})`,
    `(allow file-write* ${subpaths(writable)} (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))`,
    "(deny appleevent-send)",
    '(deny mach-lookup (global-name "com.apple.securityd") (global-name "com.apple.SecurityServer"))',
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function quote(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
