/** The tracks that were landed in the user's branch, newest first. */
import type { State } from "../domain/state.ts";

export interface Landed {
  readonly trackId: string;
  readonly title: string;
  readonly branch: string;
  readonly commit: string;
  /** When its landing was approved; where no gate asked for that, when its last ticket was done. */
  readonly at: string;
}

/** The last `limit` landings. */
export function recentLandings(state: State, limit: number): readonly Landed[] {
  const landed = [...state.tracks.values()].flatMap(({ trackId, title, landing, updatedAt }) =>
    landing.name === "landed"
      ? [{ trackId, title, branch: landing.branch, commit: landing.commit, at: updatedAt }]
      : [],
  );
  if (landed.length === 0) return [];
  const approvedAt = landApprovals(state);
  return landed
    .map((each) => ({ ...each, at: approvedAt.get(each.trackId) ?? each.at }))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, limit);
}

function landApprovals(state: State): ReadonlyMap<string, string> {
  const approvedAt = new Map<string, string>();
  for (const { kind, status, trackId, decidedAt } of state.gates.values())
    if (kind === "land" && status === "approved" && trackId !== undefined && decidedAt !== undefined)
      approvedAt.set(trackId, decidedAt);
  return approvedAt;
}
