/** Runs the compiled binary as a stranger would: its own home folder, arguments in, JSON lines and an exit code out. */
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const repository = resolve(import.meta.dir, "../..");
const sources = ["src/**/*", "views/**/*", "package.json", "tsconfig.json"];

/** One line of `--json` output. */
export const Line = z.looseObject({ type: z.string().default("error"), position: z.number().optional() });
export type Line = z.infer<typeof Line>;

/** The last line of a run. */
export const Summary = z.looseObject({
  type: z.literal("summary"),
  outcome: z.string(),
  tracks: z.array(z.object({ trackId: z.string(), title: z.string(), status: z.string() })),
  tickets: z.array(
    z.object({
      ticketId: z.string(),
      trackId: z.string(),
      title: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      attemptCount: z.number(),
    }),
  ),
  usage: z.looseObject({}),
});
export type Summary = z.infer<typeof Summary>;

export interface Finished {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly lines: readonly Line[];
}

export interface Launched {
  readonly pid: number;
  /** The first line that fits, whether it has come already or is still to come; throws when the process ends without it. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

export interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What starts the binary in its place, such as `strace` with its arguments. */
  readonly through?: readonly string[];
  /** Another binary than this repository's own. */
  readonly binary?: string;
}

/** The binary's path, built first where it is missing or older than its sources. */
export function binaryPath(): string {
  const path = join(repository, "dist/signalbox");
  if (process.env.SIGNALBOX_E2E_BINARY) return process.env.SIGNALBOX_E2E_BINARY;
  if (isStale(path)) build(path);
  return path;
}

function isStale(path: string): boolean {
  if (!existsSync(path)) return true;
  const builtMs = statSync(path).mtimeMs;
  return globSync(sources, { cwd: repository }).some((name) => statSync(join(repository, name)).mtimeMs > builtMs);
}

/** Test files run side by side: each builds into its own folder, and the whole file takes the place of the old one. */
function build(path: string): void {
  const folder = mkdtempSync(join(repository, "node_modules/.signalbox-build-"));
  try {
    const script = z
      .object({ scripts: z.object({ build: z.string() }) })
      .parse(JSON.parse(readFileSync(join(repository, "package.json"), "utf8")));
    const command = script.scripts.build.replaceAll("dist/", `${folder}/`);
    const env = { ...process.env, PATH: `${join(repository, "node_modules/.bin")}:${process.env.PATH ?? ""}` };
    const result = Bun.spawnSync(["/bin/sh", "-c", command], { cwd: repository, env, stderr: "pipe" });
    if (result.exitCode !== 0) throw new Error(`the build failed: ${result.stderr}`);
    renameSync(join(folder, "signalbox"), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the binary; `finished` resolves at its end. */
export function launch(args: readonly string[], surroundings: Surroundings): Launched {
  const { cwd, home, env = {}, stdin, through = [], binary = binaryPath() } = surroundings;
  const child = Bun.spawn([...through, binary, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: home, ...env },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines = new LineQueue();
  const err = new Response(child.stderr).text();
  const finished = Promise.all([lines.read(child.stdout), err, child.exited]).then(([out, words, exitCode]) => {
    lines.end(`exit ${exitCode}: ${words.slice(-2_000)}`);
    return { exitCode, out, err: words, lines: lines.all };
  });
  return { pid: child.pid, line: (fits) => lines.first(fits), kill: (signal) => child.kill(signal), finished };
}

/** Runs the binary to its end. */
export async function runBinary(args: readonly string[], surroundings: Surroundings): Promise<Finished> {
  return await launch(args, surroundings).finished;
}

/** The summary that ends a run's output. */
export function summaryOf(run: Finished): Summary {
  const last = run.lines.at(-1);
  if (last?.type !== "summary") throw new Error(`the last line is no summary (exit ${run.exitCode}): ${run.err}`);
  return Summary.parse(last);
}

class LineQueue {
  readonly all: Line[] = [];
  #waiting: { fits: (line: Line) => boolean; resolve: (line: Line) => void; reject: (error: Error) => void }[] = [];
  #ended: string | null = null;

  async read(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    let taken = 0;
    for await (const bytes of stream) {
      text += decoder.decode(bytes, { stream: true });
      for (let end = text.indexOf("\n", taken); end >= 0; end = text.indexOf("\n", taken)) {
        this.#take(text.slice(taken, end));
        taken = end + 1;
      }
    }
    return text;
  }

  first(fits: (line: Line) => boolean): Promise<Line> {
    const seen = this.all.find(fits);
    if (seen) return Promise.resolve(seen);
    if (this.#ended !== null) return Promise.reject(new Error(`the line never came; ${this.#ended}`));
    return new Promise((resolve, reject) => this.#waiting.push({ fits, resolve, reject }));
  }

  end(words: string): void {
    this.#ended = words;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the line never came; ${words}`));
  }

  /** People's output has other lines: those are no objects and are left out. */
  #take(text: string): void {
    if (!text.startsWith("{")) return;
    const line = Line.parse(JSON.parse(text));
    this.all.push(line);
    const fitting = this.#waiting.filter(({ fits }) => fits(line));
    this.#waiting = this.#waiting.filter((waiter) => !fitting.includes(waiter));
    for (const { resolve } of fitting) resolve(line);
  }
}
