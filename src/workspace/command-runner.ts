/**
 * Runs one shell command in a sandbox and gives back how it ended and a bounded part of what it said. Decides nothing about
 * whether the command may run: that is a gate's work. Whatever ends the command, nothing that it started is left.
 */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drain, liveListener, read } from "./command-output.ts";
import { type EndCause, watchCommand } from "./command-watch.ts";
import { childEnvironment } from "./sandbox/child-environment.ts";
import type { ControlGroup } from "./sandbox/control-group.ts";
import { firstToGo, shellLimits } from "./sandbox/limits.ts";
import { OutputBuffer } from "./sandbox/output-buffer.ts";
import { ownTag } from "./sandbox/owner.ts";
import { CommandNotStarted, type Launch, type SandboxPlan, type SandboxTier } from "./sandbox/plan.ts";
import { signalGroup, sweepProcesses } from "./sandbox/process-group.ts";
import { isInside } from "./sandbox/toolchains.ts";

/** A command to run. `cwd` is a worktree; `root` is given when `cwd` is a folder inside the worktree. */
export interface CommandRequest {
  readonly command: string;
  readonly cwd: string;
  readonly root?: string;
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox: SandboxPlan;
  readonly signal?: AbortSignal;
  /** How much of the output is kept: half of it from the start, half from the end. */
  readonly maxOutputBytes?: number;
  /** Gets output as it comes: at most `maxOutputBytes` of it, then nothing more. */
  readonly onOutput?: (text: string) => void;
  /** How long a command may take to end by itself after SIGTERM. */
  readonly graceMs?: number;
}

/** How a command ended. A command that a signal ended has 128 + the signal's number as its exit code. */
export interface CommandResult {
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  readonly isCancelled: boolean;
  readonly durationMs: number;
  readonly output: string;
  readonly outputBytes: number;
  /** What an exit code or a limit that was reached means; null otherwise. It also ends the output. */
  readonly hint: string | null;
  /** The tier that it ran in: what it could reach is part of what it did. */
  readonly sandbox?: SandboxTier;
}

const defaultOutputBytes = 64 * 1024;
/** One argument of a process may be 128 KiB on Linux. */
const maxCommandBytes = 100_000;
const startedMark = "signalbox-command-started\n";

/** Runs a command. Throws `CommandNotStarted` when the sandbox refuses it or could not be set up: it has not run then. */
export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  const root = existingFolder(request.root ?? request.cwd);
  const cwd = existingFolder(request.cwd);
  refuseUnfit(request, root, cwd);
  if (request.signal?.aborted) return cancelledResult();
  const scratch = request.sandbox.innerFolders ? "" : makeScratch();
  const group = makeGroup(request.sandbox);
  try {
    const folders = request.sandbox.innerFolders ?? { home: join(scratch, "home"), temporary: join(scratch, "tmp") };
    const env = childEnvironment(request.sandbox, folders, request.env ?? {});
    const argv = shellArguments(request.sandbox, request.command);
    const launch = request.sandbox.launch({ argv, cwd, root, env, scratch });
    return await carryOut(launch, request, { scratch, root, group });
  } finally {
    await group?.remove();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where a command lives while it runs. */
interface Quarters {
  readonly scratch: string;
  readonly root: string;
  readonly group: ControlGroup | null;
}

function makeGroup({ limits }: SandboxPlan): ControlGroup | null {
  try {
    return limits.groups?.make() ?? null;
  } catch (error) {
    // It could be made when the sandbox was tried: without it the limits that people were told of would not hold.
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandNotStarted(
      `The command was not run: its control group could not be made (${words}). Run "signalbox doctor".`,
      { cause: error },
    );
  }
}

function refuseUnfit(request: CommandRequest, root: string, cwd: string): void {
  const sizeBytes = Buffer.byteLength(request.command);
  if (sizeBytes > maxCommandBytes)
    throw new CommandNotStarted(
      `The command is ${sizeBytes} bytes long; at most ${maxCommandBytes} can be run. Write it to a script file and run that.`,
    );
  if (request.command.includes("\0"))
    throw new CommandNotStarted("The command holds a NUL character, which no shell can take. Write it without.");
  if (!isInside(cwd, root)) throw new CommandNotStarted(`The folder ${cwd} is not inside the worktree ${root}.`);
  if (isInside(request.sandbox.stateDir, root))
    throw new CommandNotStarted(
      `Commands may not run in ${root}, because Signalbox's own state is inside it; give a worktree.`,
    );
}

function existingFolder(folder: string): string {
  if (!existsSync(folder))
    throw new CommandNotStarted(`The folder ${folder} does not exist, so no command can run in it.`);
  return realpathSync(folder);
}

function makeScratch(): string {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), ownTag())));
  mkdirSync(join(scratch, "home"));
  mkdirSync(join(scratch, "tmp"));
  return scratch;
}

/**
 * The shell that runs the command, inside a shell that sets limits. The latter says on its stderr that it got so far, which
 * tells a command's failure from the sandbox's; the command's own stderr goes where its stdout goes, in true order.
 */
function shellArguments(plan: SandboxPlan, command: string): string[] {
  const set = shellLimits(plan.limits, plan.processCount);
  const flags = plan.shell.endsWith("bash") ? ["--noprofile", "--norc", "-c"] : ["-c"];
  const script = `${set}; printf '${startedMark.trim()}\\n' >&2; exec "$@" 2>&1`;
  return ["/bin/sh", "-c", script, "sh", plan.shell, ...flags, command];
}

function start(launch: Launch, group: ControlGroup | null) {
  const input = launch.input ? descriptorOf(launch.input) : null;
  try {
    // `lazy`: without it Bun reads ahead without limit, and `yes` fills the memory.
    const stdio: ["ignore", "pipe", "pipe", ...number[]] = [
      "ignore",
      "pipe",
      "pipe",
      ...(input === null ? [] : [input]),
    ];
    const argv = [...(group?.join ?? firstToGo()), ...launch.argv];
    return Bun.spawn(argv, { cwd: launch.cwd, env: launch.env, stdio, detached: true, lazy: true });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandNotStarted(`The command was not run: ${words}. Run "signalbox doctor".`, { cause: error });
  } finally {
    if (input !== null) closeSync(input);
  }
}

/** Bytes as a file that has no name any more, at its beginning. */
function descriptorOf(bytes: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), ownTag()));
  try {
    writeFileSync(join(folder, "input"), bytes);
    return openSync(join(folder, "input"), "r");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function carryOut(launch: Launch, request: CommandRequest, quarters: Quarters): Promise<CommandResult> {
  const { scratch, root, group } = quarters;
  const startedAt = performance.now();
  const child = start(launch, group);
  const maxBytes = request.maxOutputBytes ?? defaultOutputBytes;
  const output = new OutputBuffer(maxBytes);
  const launcherWords = new OutputBuffer(8 * 1024);
  const live = liveListener(request.onOutput, maxBytes);
  const setUp = Promise.withResolvers<void>();
  const isStarted = () => launcherWords.text().includes(startedMark.trim());
  const readers = [
    read(child.stdout, output, live),
    read(child.stderr, launcherWords, () => isStarted() && setUp.resolve()),
  ];
  const watch = watchCommand(child.pid, request, scratch ? [root, scratch] : [root], setUp.promise);
  const exitCode = await child.exited;
  watch.stop();
  await drain(readers);
  signalGroup(child.pid, "SIGKILL");
  // Before what is left of it is ended: that would count as well.
  const limitHint = group?.hint(request.sandbox.limits) ?? null;
  group?.end();
  if (scratch && !group) sweepProcesses((environment) => environment.includes(scratch));
  const words = launcherWords.text();
  if (!isStarted() && watch.cause() === null)
    throw new CommandNotStarted(
      `The sandbox (${request.sandbox.tier}) could not start the command, so it has not run: ${words.trim() || `it ended with code ${exitCode}`}. Run "signalbox doctor" to see what is wrong.`,
    );
  const durationMs = Math.round(performance.now() - startedAt);
  const causes = [limitHint, causeHint(watch.cause(), request.timeoutMs)].filter((words) => words !== null);
  const hint = causes.length > 0 ? causes.join(" ") : exitHint(exitCode);
  return { ...resultOf({ exitCode, durationMs, output, hint }, watch.cause()), sandbox: request.sandbox.tier };
}

function resultOf(
  end: Pick<CommandResult, "exitCode" | "durationMs" | "hint"> & { output: OutputBuffer },
  cause: EndCause | null,
): CommandResult {
  const text = end.output.text();
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const output = end.hint === null ? text : `${text}${separator}[${end.hint}]\n`;
  return {
    ...end,
    output,
    outputBytes: end.output.totalBytes,
    isTimedOut: cause === "time",
    isCancelled: cause === "abort",
  };
}

function causeHint(cause: EndCause | null, timeoutMs: number): string | null {
  if (cause === "time") return `The command was stopped after its limit of ${timeoutMs / 1000} s.`;
  if (cause === "disk")
    return "The command was stopped, because it had nearly filled the disk. What it wrote is still in its worktree.";
  return null;
}

function exitHint(exitCode: number): string | null {
  if (exitCode === 127)
    return "Exit code 127: the shell did not find a program that the command names. It must be installed, and on PATH in a folder that the sandbox can read.";
  if (exitCode === 126)
    return "Exit code 126: a file that the command names is there, but may not be run. It may lack the executable bit, or the sandbox may not let it be read.";
  if (exitCode === 153)
    return "Exit code 153: a file grew over the limit of 2 GiB, and the program that wrote it was ended.";
  return null;
}

function cancelledResult(): CommandResult {
  const hint = null;
  return { exitCode: 130, isTimedOut: false, isCancelled: true, durationMs: 0, output: "", outputBytes: 0, hint };
}
