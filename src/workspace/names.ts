/** Names that Signalbox gives in a repository: branches, worktree folders, refs. Checks what comes in, so that no id can leave its place. */
import { RepositoryError } from "./git-error.ts";

/** The branch that a track's merged tickets are on. */
export function trackBranch(trackId: string): string {
  return `signalbox/${checkedId(trackId)}/track`;
}

/** The branch that a ticket's worker is on. */
export function ticketBranch(trackId: string, ticketId: string): string {
  return `signalbox/${checkedId(trackId)}/${checkedId(ticketId)}`;
}

/** The full name of a branch's ref. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** The commit that a track began from. */
export function baseRef(trackId: string): string {
  return `refs/signalbox/base/${checkedId(trackId)}`;
}

/** The folder of refs that keep what was thrown away of a ticket. */
export function trashRefs(ticketId: string): string {
  return `refs/signalbox/trash/${checkedId(ticketId)}`;
}

/** The integration worktree's folder name; no ticket id begins with an underscore. */
export function integrationName(trackId: string): string {
  return `_${checkedId(trackId)}`;
}

/** The id itself, once it is known to be safe as a file name and as a part of a ref. */
export function checkedId(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(id) || id.includes("..") || /\.(lock)?$/.test(id))
    throw new RepositoryError("bad_name", `"${id}" cannot be an id: use letters, digits, "-" and "_" only.`);
  return id;
}

/** The commit's full hash, once it is known to be one. */
export function checkedCommit(commit: string): string {
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit))
    throw new RepositoryError("bad_name", `"${commit}" is not a full commit hash.`);
  return commit;
}
