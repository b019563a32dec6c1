/** What a sandbox promises to the command runner: how one command is launched in it, and what it says of itself to people. */

import { type CommandLimits, limitWords, type ProcessCount } from "./limits.ts";

/** `none`: nothing on this machine confines, so commands are refused. `unsafe`: a person asked for unconfined commands. */
export type SandboxTier = "bubblewrap" | "landlock" | "seatbelt" | "none" | "unsafe";

/** A tier in sentences for the page, the terminal and `doctor`. */
export interface SandboxDescription {
  readonly summary: string;
  readonly enforced: readonly string[];
  readonly notEnforced: readonly string[];
  /** What to install or change for a better tier; null when there is nothing better. */
  readonly remedy: string | null;
}

/** One command, ready but for its confinement. All paths are absolute and resolved. */
export interface SandboxJob {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The worktree: all that may be written, besides the private scratch folder. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** A private folder of the host, for tiers without a private /tmp; "" otherwise. */
  readonly scratch: string;
}

/** A process to start: its environment is complete, nothing is inherited. */
export interface Launch {
  readonly argv: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  /** Bytes that it can read from `extraDescriptor`. */
  readonly input?: Uint8Array | null;
}

/** The descriptor of a launch's `input`: the first behind the standard ones. */
export const extraDescriptor = 3;

/** How commands are confined in this process: made by `probeSandbox`, which has tried it with real canaries. */
export interface SandboxPlan {
  readonly tier: SandboxTier;
  readonly isConfined: boolean;
  readonly hasNetwork: boolean;
  /** PATH, SHELL and the toolchains' variables: the part of a child's environment that is the same for every command. */
  readonly environment: Readonly<Record<string, string>>;
  /** The shell that runs commands: bash where there is one. */
  readonly shell: string;
  /** Home and temporary folder inside; null where each command gets a scratch folder of the host. */
  readonly innerFolders: { readonly home: string; readonly temporary: string } | null;
  /** What each command may use. */
  readonly limits: CommandLimits;
  /** Whose processes the kernel counts in this tier, where no control group does it. */
  readonly processCount: ProcessCount;
  /** The folder with the log and the token: a command's worktree may be inside it, but never hold it. */
  readonly stateDir: string;
  describe(): SandboxDescription;
  launch(job: SandboxJob): Launch;
}

/** A command that did not run at all; the message says why and what to do, and is fit for a page. */
export class CommandNotStarted extends Error {
  override readonly name = "CommandNotStarted";
}

type Base = Pick<SandboxPlan, "environment" | "shell" | "stateDir" | "limits">;

/** The plan of a machine where nothing confines: every launch is refused with the reasons. */
export function refusedPlan(base: Base, reasons: readonly string[]): SandboxPlan {
  const remedy = installAdvice();
  const summary = `Commands are refused, because nothing on this machine can confine them: ${reasons.join(" ")}`;
  return {
    ...base,
    tier: "none",
    isConfined: false,
    hasNetwork: false,
    innerFolders: null,
    processCount: "user",
    describe: () => ({ summary, enforced: ["No command runs at all."], notEnforced: [], remedy }),
    launch: () => {
      throw new CommandNotStarted(`${summary} ${remedy}`);
    },
  };
}

/** What people must know where `--unsafe-no-sandbox` is obeyed. */
export const unsafeSummary =
  "Commands run unconfined (--unsafe-no-sandbox): they can do whatever you can do on this machine.";

/** The plan that a person asked for by flag: a clean environment and a process group, and nothing else. */
export function unsafePlan(base: Base): SandboxPlan {
  const limits = limitWords(base.limits);
  return {
    ...base,
    tier: "unsafe",
    isConfined: false,
    hasNetwork: true,
    innerFolders: null,
    processCount: "user",
    describe: () => ({
      summary: unsafeSummary,
      enforced: [
        "Commands get a clean environment without keys, and end with their process group.",
        ...limits.enforced,
      ],
      notEnforced: [
        "Files outside the worktree can be read and changed.",
        "The network is open.",
        "Other programs of yours can be seen and ended, and background processes may outlive Signalbox.",
        ...limits.notEnforced,
      ],
      remedy: `Start without --unsafe-no-sandbox. ${installAdvice()}`,
    }),
    launch: (job) => ({ argv: [...job.argv], env: { ...job.env }, cwd: job.cwd }),
  };
}

/** What to do for a full sandbox on this system. */
export function installAdvice(): string {
  return process.platform === "linux"
    ? "Install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap) and let it make user namespaces, or start with --unsafe-no-sandbox if you accept unconfined commands."
    : "Run on Linux with bubblewrap, or on macOS with sandbox-exec, or start with --unsafe-no-sandbox if you accept unconfined commands.";
}
