/** The ways in which git work can fail, as typed errors whose message is a sentence for people. */

/** A git command that failed; `stderr` is for operators, `message` for everybody. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly stderr: string;

  constructor(args: readonly string[], exitCode: number, stderr: string, message?: string, cause?: unknown) {
    super(message ?? describeFailure(args, exitCode, stderr), cause === undefined ? {} : { cause });
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export type RepositoryFault =
  | "missing_folder"
  | "git_missing"
  | "git_too_old"
  | "no_repository"
  | "unsafe_owner"
  | "bare"
  | "not_the_root"
  | "no_commit"
  | "bad_name"
  | "no_track"
  | "no_ticket"
  | "branch_in_use"
  | "nested_repository"
  | "not_ours";

/** The repository, or a name, is not one that Signalbox can work with; nothing was changed. */
export class RepositoryError extends Error {
  override readonly name = "RepositoryError";
  readonly code: RepositoryFault;

  constructor(code: RepositoryFault, message: string) {
    super(message);
    this.code = code;
  }
}

/** A branch is not where the caller last saw it, so it was left alone. */
export class MovedRef extends Error {
  override readonly name = "MovedRef";
  readonly ref: string;
  readonly expected: string | null;
  readonly found: string | null;

  constructor(ref: string, expected: string | null, found: string | null) {
    super(`${ref} moved: expected ${shown(expected)}, found ${shown(found)}. Nothing was changed; prepare it again.`);
    this.ref = ref;
    this.expected = expected;
    this.found = found;
  }
}

/** Two histories change the same lines. */
export class MergeConflict extends Error {
  override readonly name = "MergeConflict";
  readonly files: readonly string[];

  constructor(what: string, files: readonly string[]) {
    super(`${what} conflicts in ${nameSome(files)}.`);
    this.files = files;
  }
}

/** The user's branch cannot take a landing now; nothing was changed, and the message says what to do. */
export class LandingRefused extends Error {
  override readonly name = "LandingRefused";
}

/** Up to five names, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function shown(commit: string | null): string {
  return commit === null ? "no commit" : commit.slice(0, 7);
}

function describeFailure(args: readonly string[], exitCode: number, stderr: string): string {
  const line = stderr.split("\n").find((candidate) => /^(fatal|error):/.test(candidate)) ?? stderr.split("\n")[0] ?? "";
  const reason = line.replace(/^(fatal|error):\s*/, "").trim();
  return `git ${args[0] ?? ""} failed (exit ${exitCode})${reason === "" ? "." : `: ${reason}`}`;
}
