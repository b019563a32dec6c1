/** Commits documents under `conductor/` on the user's branch, and nothing else: what the user has staged stays staged. */

import { mkdtemp, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { writeCommit } from "./commit-writing.ts";
import { splitNul } from "./git.ts";
import { RepositoryError } from "./git-error.ts";
import { userSpot } from "./landing.ts";
import type { Place } from "./place.ts";
import { stateFolder } from "./private-git.ts";
import { gitInUserTree, moveUserBranch, stagedFiles } from "./user-tree.ts";

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
    const changed = wanted.length === 0 ? [] : await changedUnder(place, spot.commit, wanted);
    if (changed.length === 0) return { commit: null, reason: "No document has changed.", ignored };
    return { commit: await commitOnly(place, spot, changed, documents.message), reason: null, ignored };
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
  return splitNul((await gitInUserTree(place, ["check-ignore", "--stdin", "-z"], options)).stdout);
}

/** Changed, new and missing files, in the index or on disk, but no ignored ones. */
async function changedUnder(place: Place, commit: string, paths: readonly string[]): Promise<string[]> {
  const args = ["ls-files", "--modified", "--others", "--exclude-standard", "-z", "--", ...paths];
  const [onDisk, staged] = await Promise.all([gitInUserTree(place, args), stagedFiles(place, commit, paths)]);
  return [...new Set([...splitNul(onDisk.stdout), ...staged])].sort();
}

/** Their index first, the branch last: a crash in between leaves staged documents, which the next commit takes along. */
async function commitOnly(
  place: Place,
  spot: { readonly branch: string; readonly commit: string },
  changed: readonly string[],
  message: string,
): Promise<string> {
  const folder = await mkdtemp(join(stateFolder(place.root), "index-"));
  const env = { GIT_INDEX_FILE: join(folder, "index") };
  const input = `${changed.join("\0")}\0`;
  const update = ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
  try {
    await gitInUserTree(place, ["read-tree", spot.commit], { env });
    await gitInUserTree(place, update, { env, input });
    const tree = (await gitInUserTree(place, ["write-tree"], { env })).stdout.trim();
    const commit = await writeCommit(place, { tree, parents: [spot.commit], message });
    await gitInUserTree(place, update, { input });
    const reason = `signalbox: ${message.split("\n")[0]}`;
    await moveUserBranch(place, { branch: spot.branch, from: spot.commit, to: commit, reason });
    return commit;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
