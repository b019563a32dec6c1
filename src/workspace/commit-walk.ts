/**
 * Commits and how they descend from each other, read from the objects themselves. Short walks are made here; a long one, one
 * over a history that is cut off (shallow), or one with several answers is git's own to make.
 */
import { GitError } from "./git-error.ts";
import type { CommitFacts } from "./git-memory.ts";
import { readObject } from "./git-objects.ts";
import type { Place } from "./place.ts";

/** More commits than this are quicker read by git itself. */
const longestWalk = 150;
const maxCommitBytes = 64_000;

/** What a commit says of itself; throws GitError when there is no such commit. */
export async function commitFacts(place: Place, commit: string): Promise<CommitFacts> {
  const facts = await findCommit(place, commit);
  if (facts !== null) return facts;
  throw new GitError(["cat-file", commit], 128, "", `git has no commit ${commit}.`);
}

async function findCommit(place: Place, commit: string): Promise<CommitFacts | null> {
  const known = place.memory.commits.get(commit);
  if (known) return known;
  const object = await readObject(place, commit);
  if (object?.type !== "commit") return null;
  const facts = parseCommit(object.bytes.toString("utf8"));
  if (object.sizeBytes <= maxCommitBytes) place.memory.commits.set(commit, facts);
  return facts;
}

/** Header lines, an empty line, the message; what goes on in the next line has a space in front. */
function parseCommit(text: string): CommitFacts {
  const end = text.indexOf("\n\n");
  const head = (end < 0 ? text : text.slice(0, end)).split("\n");
  const values = (key: string) =>
    head.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const seconds = /> (\d+) [+-]\d+$/.exec(values("committer")[0] ?? "")?.[1];
  return {
    tree: values("tree")[0] ?? "",
    parents: values("parent"),
    dateSeconds: Number(seconds ?? 0),
    message: end < 0 ? "" : text.slice(end + 2).trim(),
  };
}

interface Visit {
  readonly commit: string;
  readonly facts: CommitFacts;
  sides: number;
}

const one = 1;
const other = 2;
const both = one | other;
/** Below a common ancestor that has been found. */
const stale = 4;

/**
 * The best common ancestor of two commits by git's own algorithm: newest first, both sides at once, until all that is left is
 * below what was found. An empty list: they share none. Null: ask git.
 */
export async function walkToBase(place: Place, first: string, second: string): Promise<string[] | null> {
  const seen = new Map<string, Visit>();
  const queue: Visit[] = [];
  const reach = async (commit: string, sides: number): Promise<boolean> => {
    const visit = seen.get(commit);
    if (visit) {
      if ((visit.sides & sides) === sides) return true;
      visit.sides |= sides;
      if (!queue.includes(visit)) queue.push(visit);
      return true;
    }
    const facts = await findCommit(place, commit);
    if (facts === null || seen.size >= longestWalk) return false;
    const fresh = { commit, facts, sides };
    seen.set(commit, fresh);
    queue.push(fresh);
    return true;
  };
  const found = new Set<Visit>();
  if (!(await reach(first, one)) || !(await reach(second, other))) return null;
  while (queue.some(({ sides }) => (sides & stale) === 0)) {
    const visit = takeNewest(queue);
    if ((visit.sides & (both | stale)) === both) found.add(visit);
    const passed = (visit.sides & both) === both ? both | stale : visit.sides;
    for (const parent of visit.facts.parents) if (!(await reach(parent, passed))) return null;
  }
  const bases = [...found].filter(({ sides }) => (sides & stale) === 0);
  return bases.length > 1 ? null : bases.map(({ commit }) => commit);
}

function takeNewest(queue: Visit[]): Visit {
  const newest = queue.reduce((best, visit) => (visit.facts.dateSeconds > best.facts.dateSeconds ? visit : best));
  queue.splice(queue.indexOf(newest), 1);
  return newest;
}
