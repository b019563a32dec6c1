/** Worktrees that were made ahead and are nobody's yet. */

/** One of them, as it was when it was made. */
export interface Spare {
  readonly name: string;
  readonly path: string;
  readonly commit: string;
  /** Its folder's inode: another folder in its place is not the one that was made. */
  readonly inode: number;
}

/** What is there, and what is wanted. */
export class Spares {
  readonly ready: Spare[] = [];
  wanted: { readonly commit: string; readonly count: number } = { commit: "", count: 0 };
  /** Settles when no more are being made; null while none are. */
  making: Promise<void> | null = null;
  /** Settles when the one that is being made is ready; null while none is, or somebody waits for it already. */
  coming: Promise<void> | null = null;
  /** Aborted when the process ends. */
  readonly ending = new AbortController();
  /** How many this process has made: each gets a name of its own. */
  madeCount = 0;
}
