/** Commits documents under `conductor/` on the user's branch, and nothing else: what the user has staged stays staged. */
import { posix } from "node:path";
import { runGit, splitNul } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import { identity, readRef } from "./history.ts";
import { userSpot } from "./landing.ts";
import type { Place } from "./place.ts";

export interface DocumentCommit {
  /** Null when there was nothing to commit. */
  readonly commit: string | null;
  /** Why there is no commit; null when there is one. */
  readonly reason: string | null;
  /** Paths that the project's `.gitignore` keeps out of git. */
  readonly ignored: readonly string[];
}

/** Commits the given files or folders under `conductor/` as they are on disk, also when they are gone. */
export function commitDocuments(
  place: Place,
  documents: { readonly paths: readonly string[]; readonly message: string },
): Promise<DocumentCommit> {
  return place.turns.run("user-tree", async () => {
    const paths = documents.paths.map(checkedPath);
    const ignored = await ignoredOf(place, paths);
    const spot = await userSpot(place);
    if ("reason" in spot) return { commit: null, reason: spot.reason, ignored };
    const wanted = paths.filter((path) => !ignored.includes(path));
    const changed = wanted.length === 0 ? [] : await changedUnder(place, wanted);
    if (changed.length === 0) return { commit: null, reason: "No document has changed.", ignored };
    await commitOnly(place, changed, documents.message);
    return { commit: await readRef(place.root, "HEAD"), reason: null, ignored };
  });
}

function checkedPath(path: string): string {
  const plain = posix.normalize(path).replace(/\/$/, "");
  if (plain === "conductor" || plain.startsWith("conductor/")) return plain;
  throw new RepositoryError("bad_name", `"${path}" is not under conductor/, so Signalbox does not commit it.`);
}

async function ignoredOf(place: Place, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  // This one git command refuses literal pathspecs; a path that begins with "conductor" holds no magic anyway.
  const options = { input: `${paths.join("\0")}\0`, exitCodes: [1], env: { GIT_LITERAL_PATHSPECS: "0" } };
  return splitNul((await runGit(place.root, ["check-ignore", "--stdin", "-z"], options)).stdout);
}

/** `status` names tracked and new files, but no ignored ones, and both ends of a move. */
async function changedUnder(place: Place, paths: readonly string[]): Promise<string[]> {
  const args = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", ...paths];
  return splitNul((await runGit(place.root, args)).stdout).map((entry) => entry.slice(3));
}

async function commitOnly(place: Place, changed: readonly string[], message: string): Promise<void> {
  const input = `${changed.join("\0")}\0`;
  const fromInput = ["--pathspec-from-file=-", "--pathspec-file-nul"];
  await runGit(place.root, ["add", "--all", ...fromInput], { input });
  const options = ["--only", "--no-verify", "--no-gpg-sign", "--cleanup=verbatim", "--quiet", "-m", message];
  await runGit(place.root, ["commit", ...options, ...fromInput], { input, env: await identity(place.root) });
}
