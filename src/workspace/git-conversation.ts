/**
 * A git that stays and answers one question after the other, because starting a process costs more than any answer. It is
 * started when it is first asked, ends with us or when nobody asks for a while, and is started anew when it has died.
 */
import { type LastingGit, startGit } from "./git.ts";
import { GitError } from "./git-error.ts";

/** Takes an answer from the front of what has come; null while there is more to come. */
export type Taker<T> = (bytes: Buffer) => { readonly answer: T } | null;

/** Where git runs: folder and environment are looked at when it is started. */
export interface GitPlace {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** What a git reads once and keeps: with another stamp, another git is started. */
  readonly stamp: string;
}

const idleMs = 10_000;
const answerMs = 60_000;

/** One conversation. Questions wait for each other; a failure is the asker's own, and the next one finds a new git. */
export class GitConversation {
  readonly #args: readonly string[];
  #git: LastingGit | null = null;
  #stamp = "";
  #last: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /** Asks; throws GitError when git ends, or is silent for a minute, before the answer is whole. */
  ask<T>(place: GitPlace, question: string, take: Taker<T>): Promise<T> {
    const answer = this.#last.then(() => this.#converse(place, question, take));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the present git once it has answered; the next question starts another. */
  async end(): Promise<void> {
    await this.#last;
    this.#dismiss();
  }

  async #converse<T>(place: GitPlace, question: string, take: Taker<T>): Promise<T> {
    clearTimeout(this.#idle);
    if (place.stamp !== this.#stamp) this.#dismiss();
    this.#stamp = place.stamp;
    this.#git ??= startGit(place.folder, this.#args, place.env);
    const git = this.#git;
    const silence = setTimeout(() => git.kill(), answerMs);
    try {
      return await exchange(git, question, take);
    } catch (error) {
      this.#git = null;
      git.kill();
      throw new GitError(this.#args, ...(await git.ended), undefined, error);
    } finally {
      clearTimeout(silence);
      this.#idle = setTimeout(() => this.#dismiss(), idleMs);
      this.#idle.unref();
    }
  }

  #dismiss(): void {
    clearTimeout(this.#idle);
    const git = this.#git;
    this.#git = null;
    git?.close();
  }
}

async function exchange<T>(git: LastingGit, question: string, take: Taker<T>): Promise<T> {
  await git.write(question);
  let bytes = Buffer.alloc(0);
  for (;;) {
    const part = await git.read();
    if (part === null) throw new Error("git ended before it had answered.");
    bytes = bytes.length === 0 ? Buffer.from(part) : Buffer.concat([bytes, part]);
    const taken = take(bytes);
    if (taken !== null) return taken.answer;
  }
}
