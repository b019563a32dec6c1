/**
 * What git has said of objects, kept for as long as there is room: an object's name is a hash of what is in it, so such an
 * answer never becomes wrong. Nothing about a ref is ever kept here.
 */

/** A bounded map that forgets what has not been asked for the longest. */
export class Recent<T> {
  readonly #entries = new Map<string, T>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** What a commit says of itself. */
export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly dateSeconds: number;
  readonly message: string;
}

/** What is at a path of a commit: the hash, type and size of the object there; null where there is none. */
export interface PathFacts {
  readonly hash: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** The text of a change, and whether it goes on. */
export interface Patch {
  readonly text: string;
  readonly isCut: boolean;
}

export class GitMemory {
  readonly commits = new Recent<CommitFacts>(4_000);
  /** By both ends of the change. */
  readonly patches = new Recent<Patch>(256);
  /** Results of merges without a conflict, by both parents. */
  readonly merges = new Recent<string>(256);
  /** Names of all files, by commit; and what is at a path, by `<commit>:<path>`. */
  readonly names = new Recent<readonly string[]>(4);
  readonly paths = new Recent<PathFacts>(20_000);
  /** Texts of files that are not large, by the hash of their object. */
  readonly texts = new Recent<string>(1_000);
  /** By the git folder of a worktree: which tree its index file, so stamped, holds. */
  readonly indexes = new Recent<{ readonly stamp: string; readonly tree: string }>(512);
}
