/** One cold start of a program, and the times from it to what it does first. Every wait has a limit and ends with words. */
import { connect } from "node:net";
import { z } from "zod";

/** What is started, where, and with nothing but this environment. */
export interface Program {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** How long each wait may take; 60 s without it. */
  readonly limitMs?: number;
  /** How long it may take to end before it is killed; 3 s without it. */
  readonly endMs?: number;
  /** Whether nobody reads what it prints: it goes nowhere then, because a full pipe would stop the program. */
  readonly isUnread?: boolean;
}

const usualLimitMs = 60_000;
const usualEndMs = 3_000;
const Listening = z.object({ type: z.literal("listening"), apiUrl: z.string() });

/** A started process; disposing of it ends it. */
export class MeasuredProcess implements AsyncDisposable {
  readonly startedAt: number;
  readonly #child;
  readonly #words: Promise<string>;
  readonly #command: string;
  readonly #limitMs: number;
  readonly #endMs: number;
  #apiUrl: Promise<string> | null = null;

  constructor({ command, cwd, env, limitMs = usualLimitMs, endMs = usualEndMs, isUnread = false }: Program) {
    this.#limitMs = limitMs;
    this.#endMs = endMs;
    this.#command = command.join(" ");
    this.startedAt = performance.now();
    this.#child = Bun.spawn([...command], {
      cwd,
      env: { ...env },
      stdin: "ignore",
      stdout: isUnread ? "ignore" : "pipe",
      stderr: "pipe",
    });
    this.#words = new Response(this.#child.stderr).text();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Milliseconds from the start to a moment of `performance.now`. Throws when the process ends, or nothing comes, before it. */
  async until(moment: Promise<number>): Promise<number> {
    const ended = this.#child.exited.then(async (code) => {
      throw new Error(`"${this.#command}" ended with ${code} before it did what is measured:\n${await this.#words}`);
    });
    // Where the end itself is measured, that moment comes first. A race that is decided leaves nobody to tell.
    ended.catch(() => undefined);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`"${this.#command}" did not do what is measured within ${this.#limitMs / 1000} s.`));
    }, this.#limitMs);
    try {
      return (await Promise.race([moment, ended, late.promise])) - this.startedAt;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The moment when the process had ended well. */
  async exit(): Promise<number> {
    const code = await this.#child.exited;
    const now = performance.now();
    if (code !== 0) throw new Error(`"${this.#command}" ended with ${code}:\n${await this.#words}`);
    return now;
  }

  /** The moment when a path of the server that the process announces was answered whole, with 200. */
  async answer(path: string, token: string): Promise<number> {
    return await rawGet(new URL(path, await this.apiUrl()), token);
  }

  /** Where the server listens that the process announces. */
  async apiUrl(): Promise<string> {
    this.#apiUrl ??= this.#listening().then((line) => line.apiUrl);
    return await this.#apiUrl;
  }

  async #listening(): Promise<z.infer<typeof Listening>> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of this.#child.stdout ?? []) {
      text += decoder.decode(part, { stream: true });
      const end = text.indexOf("\n");
      if (end >= 0) return Listening.parse(JSON.parse(text.slice(0, end)));
    }
    throw new Error(`"${this.#command}" ended before it listened:\n${await this.#words}`);
  }

  /** Ends it as a person would, so that it lets go of its project; a process that does not listen is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), this.#endMs);
    await this.#child.exited;
    clearTimeout(timer);
  }
}

/** A request over a fresh connection, without a client's own cost. */
function rawGet(url: URL, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = "";
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(
        `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.on("data", (part) => {
      if (head.length < 100) head += part.toString("latin1");
    });
    socket.on("end", () => {
      if (head.startsWith("HTTP/1.1 200")) resolve(performance.now());
      else reject(new Error(`${url} was answered with: ${head.split("\r\n")[0]}`));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
