/**
 * A landing changes files first and the branch last. What it is about to do is noted before, so that a crash between the two
 * is finished at the next start: files that are all there already, with a branch that has not moved.
 */
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { changedFiles } from "./commit-diff.ts";
import { readRef } from "./history.ts";
import { branchRef } from "./names.ts";
import { currentBranch, isMissing, kindOf, type Place } from "./place.ts";
import { stateFolder } from "./private-git.ts";
import { moveUserBranch, stagedFiles } from "./user-tree.ts";

const Landing = z.object({ branch: z.string(), from: z.string(), to: z.string() });
type Landing = z.infer<typeof Landing>;

/** Notes a landing; the note is on disk when this returns. */
export async function noteLanding(place: Place, landing: Landing): Promise<void> {
  const path = notePath(place);
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(landing));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Takes the note away: the landing is done, or nothing of it is left. */
export async function forgetLanding(place: Place): Promise<void> {
  await rm(notePath(place), { force: true });
}

/** Finishes what a crash interrupted. Looks at files and index and changes neither; only the branch may move. */
export async function finishLanding(place: Place): Promise<void> {
  const landing = await readNote(place);
  if (landing === null) return;
  // The git that changes the files outlives us: while it holds the index, nothing can be said.
  if ((await kindOf(join(place.gitDir, "index.lock"))) !== "missing") return;
  const { branch, from, to } = landing;
  const isThere = (await currentBranch(place)) === branch && (await readRef(place, branchRef(branch))) === from;
  if (!isThere) return forgetLanding(place);
  const touched = new Set(await changedFiles(place, from, to));
  const isAt = async (commit: string) => !(await stagedFiles(place, commit)).some((name) => touched.has(name));
  if (await isAt(to)) await moveUserBranch(place, { ...landing, reason: "signalbox: finish an interrupted landing" });
  else if (!(await isAt(from))) return;
  await forgetLanding(place);
}

async function readNote(place: Place): Promise<Landing | null> {
  try {
    return Landing.parse(JSON.parse(await readFile(notePath(place), "utf8")));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function notePath(place: Place): string {
  return join(stateFolder(place.root), "landing.json");
}
