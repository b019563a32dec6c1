/**
 * The only way to git: an argument array, never a shell, in a scrubbed environment, with everything switched off that can be
 * (hooks, fsmonitor, signing, transports). Filters and drivers cannot: what looks at files runs in a git folder of our own
 * (`private-git.ts`), and only questions about the repository itself read the user's configuration.
 */
import { GitError, RepositoryError } from "./git-error.ts";

export interface GitOptions {
  /** Added to the scrubbed environment; the place for `GIT_DIR`, `GIT_WORK_TREE` and `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers, not failures; 0 always is one. */
  readonly exitCodes?: readonly number[];
  /** Output beyond this is an error, or with `isCutting` is left out. */
  readonly maxBytes?: number;
  readonly isCutting?: boolean;
  /** How long git may take; ten minutes unless it is said. */
  readonly timeoutMs?: number;
}

export interface GitOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly isCut: boolean;
}

/** The version that has `git merge-tree --write-tree`. */
const oldestVersion = [2, 38] as const;
const defaultMaxBytes = 64 * 1024 * 1024;
const maxStderrBytes = 64 * 1024;
const defaultTimeoutMs = 10 * 60 * 1000;

const hardening = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "commit.gpgsign=false",
  "core.quotepath=off",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
].flatMap((setting) => ["-c", setting]);

/** What git needs of our own environment: where it is, and whose configuration to read. No key or token is among it. */
const inherited = [
  "PATH",
  "HOME",
  "XDG_CONFIG_HOME",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "SYSTEMROOT",
  "USERPROFILE",
  "APPDATA",
];

const fixed = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  // A poll must not take the lock that a person's own git needs.
  GIT_OPTIONAL_LOCKS: "0",
  // Names from outside are never patterns.
  GIT_LITERAL_PATHSPECS: "1",
  // An object that a partial clone lacks would be fetched, by programs that the repository's configuration names.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
};

/** Runs git in `folder` and gives its output; throws GitError for any exit code that is not an answer. */
export async function runGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitOutput> {
  const child = spawnGit(folder, args, options);
  const [stdout, stderr] = await Promise.all([
    readBounded(child.stdout, options.maxBytes ?? defaultMaxBytes, () => child.kill()),
    readBounded(child.stderr, maxStderrBytes),
  ]);
  const exitCode = await child.exited;
  if (stdout.isCut) {
    if (options.isCutting === true) return { stdout: stdout.text, stderr: stderr.text, exitCode: 0, isCut: true };
    throw new GitError(args, exitCode, stderr.text, `git ${args[0]} gave more output than Signalbox can take.`);
  }
  if (child.signalCode !== null) throw stoppedError(args, exitCode, stderr.text, options);
  if (exitCode !== 0 && options.exitCodes?.includes(exitCode) !== true) throw new GitError(args, exitCode, stderr.text);
  return { stdout: stdout.text, stderr: stderr.text, exitCode, isCut: false };
}

/** The output of a git command whose output is one line. */
export async function gitLine(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await runGit(folder, args, options)).stdout.trim();
}

/** The names in NUL-separated output. */
export function splitNul(text: string): string[] {
  return text.split("\0").filter((part) => part !== "");
}

/** Programs that were found to be recent enough: a start asks more than once. */
const recentPrograms = new Set<string>();

/** Throws RepositoryError unless the git on the PATH is recent enough. */
export async function checkGitVersion(folder: string): Promise<void> {
  const program = gitProgram(process.env.PATH);
  if (recentPrograms.has(program)) return;
  const text = await gitLine(folder, ["version"]);
  const match = /(\d+)\.(\d+)/.exec(text);
  const found: readonly [number, number] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  const isRecent = found[0] > oldestVersion[0] || (found[0] === oldestVersion[0] && found[1] >= oldestVersion[1]);
  if (!isRecent)
    throw new RepositoryError(
      "git_too_old",
      `${text} is too old: Signalbox needs git 2.38 or later. Please update git.`,
    );
  recentPrograms.add(program);
}

function gitProgram(path: string | undefined): string {
  const program = Bun.which("git", { PATH: path ?? "" });
  if (program !== null) return program;
  throw new RepositoryError("git_missing", "git was not found on the PATH. Please install git 2.38 or later.");
}

function spawnGit(folder: string, args: readonly string[], options: GitOptions) {
  const env = gitEnvironment(options.env ?? {});
  return Bun.spawn([gitProgram(env.PATH), ...hardening, ...args], {
    cwd: folder,
    env,
    stdin: options.input === undefined ? "ignore" : new TextEncoder().encode(options.input),
    stdout: "pipe",
    stderr: "pipe",
    // An unread pipe would grow without bound; a Ctrl-C in the terminal must not cut a ref or file update in two.
    lazy: true,
    detached: true,
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** A git that stays: it reads questions from its input and answers on its output. */
export interface LastingGit {
  write(question: string): Promise<void>;
  /** The next piece of its output; null when there is no more. */
  read(): Promise<Uint8Array | null>;
  /** Lets it end by itself. */
  close(): void;
  kill(): void;
  /** Its exit code and what it said of a failure. */
  readonly ended: Promise<readonly [exitCode: number, stderr: string]>;
}

/** Starts a git that stays for as long as we do: its input ends with us, however we end. It keeps no process alive. */
export function startGit(folder: string, args: readonly string[], extra: Readonly<Record<string, string>>): LastingGit {
  const env = gitEnvironment(extra);
  const child = Bun.spawn([gitProgram(env.PATH), ...hardening, ...args], {
    cwd: folder,
    env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    lazy: true,
    detached: true,
  });
  child.unref();
  const output = child.stdout.getReader();
  return {
    write: async (question) => {
      child.stdin.write(question);
      await child.stdin.flush();
    },
    read: async () => (await output.read()).value ?? null,
    close: () => void child.stdin.end(),
    kill: () => child.kill("SIGKILL"),
    get ended() {
      return Promise.all([child.exited, readBounded(child.stderr, maxStderrBytes).then(({ text }) => text)]);
    },
  };
}

function gitEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...fixed, ...extra };
}

async function readBounded(stream: ReadableStream<Uint8Array>, maxBytes: number, onFull?: () => void) {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    const room = maxBytes - size;
    if (room > 0) parts.push(part.subarray(0, room));
    size += part.length;
    if (size > maxBytes && onFull !== undefined) {
      onFull();
      break;
    }
  }
  return { text: new TextDecoder().decode(Buffer.concat(parts)), isCut: size > maxBytes };
}

function stoppedError(args: readonly string[], exitCode: number, stderr: string, options: GitOptions): GitError {
  const seconds = (options.timeoutMs ?? defaultTimeoutMs) / 1000;
  const reason = options.signal?.aborted === true ? "was stopped" : `did not end within ${seconds} s or was killed`;
  return new GitError(args, exitCode, stderr, `git ${args[0]} ${reason}.`);
}
