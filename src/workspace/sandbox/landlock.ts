/**
 * The partial tier on Linux, for machines without user namespaces: our own binary starts again as `__confine`, takes
 * rights away from itself with Landlock, and becomes the shell (`confine.ts`). It can hide files and refuse sockets; it
 * cannot hide other processes.
 */
import { join } from "node:path";
import type { ConfinePolicy } from "./confine.ts";
import { limitWords } from "./limits.ts";
import type { SandboxPlan } from "./plan.ts";
import { isInside } from "./toolchains.ts";
import type { World } from "./world.ts";

/** How this program starts itself as `__confine`: the binary does; under plain bun a small entry file does. */
function ownConfineCommand(): string[] {
  if (Bun.isStandaloneExecutable) return [process.execPath, "__confine"];
  return [
    process.execPath,
    "--no-env-file",
    "--config=/dev/null",
    join(import.meta.dir, "confine-entry.ts"),
    "__confine",
  ];
}

/** The plan; `probeSandbox` tries it before anybody relies on it. */
export function landlockPlan(world: World, hasNetwork: boolean, confineCommand = ownConfineCommand()): SandboxPlan {
  // Landlock rules only add up, so a system folder that holds what must stay hidden cannot be given at all.
  const hidden = [world.stateDir, world.projectRoot, world.home];
  const systemPaths = world.systemPaths.filter((path) => !hidden.some((folder) => isInside(folder, path)));
  const limits = limitWords(world.limits);
  return {
    tier: "landlock",
    isConfined: true,
    hasNetwork,
    environment: world.environment,
    shell: world.shell,
    innerFolders: null,
    limits: world.limits,
    processCount: "user",
    stateDir: world.stateDir,
    describe: () => ({
      summary: `Commands are partly confined, by Landlock${hasNetwork ? ", with the network open" : ", without network"}.`,
      enforced: [
        "Only the ticket's worktree and a private temporary folder can be written.",
        "The home folder, the rest of the project and Signalbox's own state cannot be read.",
        hasNetwork
          ? "No socket of another program on this machine can be reached that is a file (docker, dbus, ssh-agent)."
          : "No network and no socket of another program: no TCP, no UDP, no Unix sockets.",
        ...limits.enforced,
      ],
      notEnforced: [
        "Permissions and times of files outside can be changed where you own them.",
        "Names of files in the project can be listed.",
        "Names and command lines of other programs can be seen.",
        "Limits and priorities of your other programs can be changed.",
        world.limits.groups
          ? "Background processes of a command outlive Signalbox if that is killed outright, until its next start."
          : "A process that leaves its process group and clears its environment may outlive its command; others outlive a Signalbox that is killed outright until its next start.",
        ...limits.notEnforced,
        ...(hasNetwork
          ? ["The network is open ([sandbox] network = true)."]
          : ["A check that opens a port or a Unix socket fails here, though it would pass in bubblewrap."]),
      ],
      remedy: "Install bubblewrap (apt install bubblewrap, dnf install bubblewrap) and allow user namespaces.",
    }),
    launch: (job) => {
      const policy: ConfinePolicy = {
        cwd: job.cwd,
        env: job.env,
        // Runtimes list the folders above a file to find its packages.
        listPaths: [world.projectRoot],
        readPaths: [...systemPaths, ...world.readPaths],
        writePaths: [job.root, job.scratch].filter((path) => path !== ""),
        hasNetwork,
      };
      // It starts in "/" with an empty environment, so that nothing in the worktree can act on it before it is confined.
      return { argv: [...confineCommand, JSON.stringify(policy), ...job.argv], env: {}, cwd: "/" };
    },
  };
}
