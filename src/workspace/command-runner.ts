/**
 * Runs one shell command in a sandbox and gives back how it ended and a bounded part of what it said. Decides nothing about
 * whether the command may run: that is a gate's work. Whatever ends the command, nothing that it started is left.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ActiveTimer } from "./active-timer.ts";
import { childEnvironment } from "./sandbox/child-environment.ts";
import { OutputBuffer } from "./sandbox/output-buffer.ts";
import { CommandNotStarted, type Launch, type SandboxPlan } from "./sandbox/plan.ts";
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
  /** What an exit code of 126 or 127, or a time-out, means; null otherwise. It also ends the output. */
  readonly hint: string | null;
}

const defaultOutputBytes = 64 * 1024;
const defaultGraceMs = 2_000;
/** A background process may hold the output open after the command's end; this long we listen on. */
const drainMs = 200;
/** Past this the output is read in steps, so that a flood does not take the main loop's time. */
const floodBytes = 16 * 1024 * 1024;
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
  try {
    const folders = request.sandbox.innerFolders ?? { home: join(scratch, "home"), temporary: join(scratch, "tmp") };
    const env = childEnvironment(request.sandbox, folders, request.env ?? {});
    const argv = shellArguments(request.sandbox, request.command);
    const launch = request.sandbox.launch({ argv, cwd, root, env, scratch });
    return await carryOut(launch, request, scratch);
  } finally {
    if (scratch) rmSync(scratch, { recursive: true, force: true });
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
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "signalbox-")));
  mkdirSync(join(scratch, "home"));
  mkdirSync(join(scratch, "tmp"));
  return scratch;
}

/**
 * The shell that runs the command, inside a shell that sets limits. The latter says on its stderr that it got so far, which
 * tells a command's failure from the sandbox's; the command's own stderr goes where its stdout goes, in true order.
 */
function shellArguments(plan: SandboxPlan, command: string): string[] {
  const limits = ["-c 0", "-f 4194304", ...(plan.processLimit ? [`-u ${plan.processLimit}`] : [])];
  const set = limits.map((limit) => `ulimit ${limit} 2>/dev/null || :`).join("; ");
  const flags = plan.shell.endsWith("bash") ? ["--noprofile", "--norc", "-c"] : ["-c"];
  const script = `${set}; printf '${startedMark.trim()}\\n' >&2; exec "$@" 2>&1`;
  return ["/bin/sh", "-c", script, "sh", plan.shell, ...flags, command];
}

function start(launch: Launch) {
  try {
    // `lazy`: without it Bun reads ahead without limit, and `yes` fills the memory.
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    return Bun.spawn(launch.argv, { cwd: launch.cwd, env: launch.env, stdio, detached: true, lazy: true });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandNotStarted(`The command was not run: ${words}. Run "signalbox doctor".`, { cause: error });
  }
}

async function carryOut(launch: Launch, request: CommandRequest, scratch: string): Promise<CommandResult> {
  const startedAt = performance.now();
  const child = start(launch);
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
  const limit = watchLimits(child.pid, request, setUp.promise);
  const exitCode = await child.exited;
  limit.stop();
  await drain(readers);
  signalGroup(child.pid, "SIGKILL");
  if (scratch) sweepProcesses(scratch);
  const words = launcherWords.text();
  if (!isStarted() && !limit.isTimedOut() && !limit.isCancelled())
    throw new CommandNotStarted(
      `The sandbox (${request.sandbox.tier}) could not start the command, so it has not run: ${words.trim() || `it ended with code ${exitCode}`}. Run "signalbox doctor" to see what is wrong.`,
    );
  const durationMs = Math.round(performance.now() - startedAt);
  return resultOf(
    { exitCode, durationMs, output, isTimedOut: limit.isTimedOut(), isCancelled: limit.isCancelled() },
    request,
  );
}

function resultOf(
  end: Pick<CommandResult, "exitCode" | "durationMs" | "isTimedOut" | "isCancelled"> & { output: OutputBuffer },
  request: CommandRequest,
): CommandResult {
  const hint = hintFor(end.exitCode, end.isTimedOut, request.timeoutMs);
  const text = end.output.text();
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const output = hint === null ? text : `${text}${separator}[${hint}]\n`;
  return { ...end, output, outputBytes: end.output.totalBytes, hint };
}

function hintFor(exitCode: number, isTimedOut: boolean, timeoutMs: number): string | null {
  if (isTimedOut) return `The command was stopped after its limit of ${timeoutMs / 1000} s.`;
  if (exitCode === 127)
    return "Exit code 127: the shell did not find a program that the command names. It must be installed, and on PATH in a folder that the sandbox can read.";
  if (exitCode === 126)
    return "Exit code 126: a file that the command names is there, but may not be run. It may lack the executable bit, or the sandbox may not let it be read.";
  return null;
}

function cancelledResult(): CommandResult {
  const hint = null;
  return { exitCode: 130, isTimedOut: false, isCancelled: true, durationMs: 0, output: "", outputBytes: 0, hint };
}

/**
 * Ends the group at the time limit or on abort: SIGTERM, then SIGKILL after the grace time. SIGTERM waits for the sandbox to be
 * set up: bubblewrap's inner process leaves the group before it is bound to the outer one's life, and would be left behind.
 */
function watchLimits(groupId: number, request: CommandRequest, setUp: Promise<void>) {
  let cause: "time" | "abort" | null = null;
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const end = (why: "time" | "abort") => {
    if (cause) return;
    cause = why;
    void setUp.then(() => signalGroup(groupId, "SIGTERM"));
    killTimer = setTimeout(() => signalGroup(groupId, "SIGKILL"), request.graceMs ?? defaultGraceMs);
  };
  const onAbort = () => end("abort");
  const timer = new ActiveTimer(request.timeoutMs, () => end("time"));
  request.signal?.addEventListener("abort", onAbort, { once: true });
  return {
    isTimedOut: () => cause === "time",
    isCancelled: () => cause === "abort",
    stop: () => {
      timer.stop();
      clearTimeout(killTimer);
      request.signal?.removeEventListener("abort", onAbort);
    },
  };
}

interface Reading {
  readonly done: Promise<void>;
  cancel(): Promise<void>;
}

function read(stream: ReadableStream<Uint8Array>, into: OutputBuffer, live?: (bytes: Uint8Array) => void): Reading {
  const reader = stream.getReader();
  const pump = async () => {
    let nextPause = floodBytes;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      into.add(part.value);
      live?.(part.value);
      if (into.totalBytes < nextPause) continue;
      nextPause = into.totalBytes + floodBytes / 4;
      await Bun.sleep(25);
    }
  };
  return { done: pump(), cancel: () => reader.cancel() };
}

/** Waits for the rest of the output, but not for a background process that keeps it open. */
async function drain(readers: readonly Reading[]): Promise<void> {
  const all = Promise.all(readers.map((reader) => reader.done));
  const late = Bun.sleep(drainMs).then(() => "late" as const);
  if ((await Promise.race([all, late])) === "late") await Promise.all(readers.map((reader) => reader.cancel()));
}

function liveListener(onOutput: ((text: string) => void) | undefined, maxBytes: number) {
  if (!onOutput) return undefined;
  const decoder = new TextDecoder("utf-8", { fatal: false });
  let leftBytes = maxBytes;
  return (bytes: Uint8Array) => {
    if (leftBytes <= 0) return;
    const text = decoder.decode(bytes.subarray(0, leftBytes), { stream: true });
    leftBytes -= bytes.length;
    if (text !== "") onOutput(text);
  };
}
