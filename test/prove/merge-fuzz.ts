/**
 * A track of many tickets whose edits overlap, from a seed, through the real repository on a real disk: batches that start
 * side by side, moved and replaced lines, an outsider who commits to the track, links planted in the worktrees. Judged by
 * plain git and plain reading, with none of the product's own comparisons.
 */
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MovedRef } from "../../src/workspace/git-error.ts";
import { openRepository, type Repository } from "../../src/workspace/repository.ts";
import { Dice } from "../support/dice.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";
import type { Tally } from "./proof.ts";

const trackId = "fuzz_20260101";
const branch = `refs/heads/signalbox/${trackId}/track`;
const files = ["a.txt", "b.txt", "dir/c.txt"];

export interface Fuzz {
  readonly temp: TempRepository;
  readonly repository: Repository;
  readonly dice: Dice;
  readonly victim: string;
  /** Every commit that was ever a tip of a ticket or of the track. */
  readonly tips: Set<string>;
  /** The lines that merged tickets have added and nobody has taken out on purpose since. */
  readonly lines: Set<string>;
  /** Files that an outsider has committed to the track. */
  readonly foreign: string[];
  conflictCount: number;
  raceCount: number;
}

/** One track from its first ticket to its landing; every ticket, race, deletion and comparison is a trial. */
export async function fuzzTrack(tally: Tally, seed: number, batchCount: number): Promise<Fuzz> {
  const fuzz = await begin(seed);
  const { temp, repository } = fuzz;
  try {
    const before = await userState(temp);
    await repository.prepareTrack(trackId, []);
    let number = 0;
    for (let batch = 0; batch < batchCount; batch += 1) {
      const ids = Array.from({ length: 3 }, () => `T-${String(++number).padStart(3, "0")}`);
      const taken = new Map<string, Edit>();
      for (const ticketId of ids) taken.set(ticketId, await workOn(fuzz, ticketId, false));
      for (const [ticketId, edit] of taken) await mergeOne(tally, fuzz, ticketId, edit, `seed ${seed} ${ticketId}`);
    }
    await plantLinks(fuzz, number);
    await repository.removeTrackWorktrees(trackId);
    tally.trial(`seed ${seed}: deletion follows no link`, await victimFaults(fuzz));
    const after = await userState(temp);
    tally.trial(
      `seed ${seed}: files, index, config and hooks`,
      after === before ? [] : ["the user's are not the same"],
    );
    await collectGarbage(temp);
    for (const tip of fuzz.tips) tally.trial(`seed ${seed}: ${tip} is kept`, await lost(temp, tip));
    tally.trial(`seed ${seed}: git fsck`, await brokenBy(() => temp.git("fsck", "--strict", "--no-dangling")));
    return fuzz;
  } finally {
    await temp.remove();
  }
}

async function begin(seed: number): Promise<Fuzz> {
  const text = (name: string) => Array.from({ length: 12 }, (_, line) => `${name} ${line}\n`).join("");
  const temp = await makeTempRepository(Object.fromEntries(files.map((name) => [name, text(name)])));
  const victim = join(temp.root, "victim");
  await temp.write({ "victim/kept.txt": "kept\n", "a.txt": "being edited\n", "staged.txt": "s\n" });
  await temp.git("add", "staged.txt");
  await temp.write({ ".git/hooks/pre-commit": "#!/bin/sh\nexit 1\n" });
  const repository = await openRepository(temp.root);
  const empty = { tips: new Set<string>(), lines: new Set<string>(), foreign: [], conflictCount: 0, raceCount: 0 };
  return { temp, repository, dice: new Dice(seed), victim, ...empty };
}

/** How often a ticket is tried before it must be merged. */
const mostRounds = 8;

interface Edit {
  readonly added: readonly string[];
  /** Lines of earlier tickets that this one takes out. */
  readonly removed: readonly string[];
}

/** A worker's edit: lines of its own somewhere, and sometimes a line of somebody else's taken out or a file renamed. */
async function workOn(fuzz: Fuzz, ticketId: string, isFresh: boolean): Promise<Edit> {
  const { repository, dice } = fuzz;
  const { worktree } = await repository.prepareAttempt({ trackId, ticketId, isFresh });
  let added: string[] = [];
  const removed: string[] = [];
  for (let hunk = 0; hunk < 1 + dice.below(2); hunk += 1) {
    // The first tickets all begin a file in their own way, so that some edits surely overlap.
    const isCrowded = hunk === 0 && fuzz.lines.size === 0 && !isFresh;
    const path = join(worktree, isCrowded ? "a.txt" : dice.pick(await plainFiles(worktree)));
    const text = (await readFile(path, "utf8")).split("\n");
    const at = isCrowded ? 0 : dice.below(text.length);
    const gone = dice.isLucky(0.35) ? text.splice(at, 1 + dice.below(2)) : [];
    removed.push(...gone.filter((line) => fuzz.lines.has(line)));
    // A second hunk may take out what the first has put in.
    added = added.filter((line) => !gone.includes(line));
    const own = [`${ticketId} ${hunk} first ${dice.below(1e9)}`, `${ticketId} ${hunk} second`];
    text.splice(Math.min(at, Math.max(0, text.length - 1)), 0, ...own);
    added.push(...own);
    await writeFile(path, text.join("\n"));
  }
  const { commit } = await repository.commitTicket({ trackId, ticketId, message: `${ticketId}: edit` });
  fuzz.tips.add(commit);
  return { added, removed };
}

async function plainFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".txt"));
  return names.sort();
}

/** Merges a ticket: a conflict is done again on the track as it is, and an outsider's commit in between is kept. */
async function mergeOne(tally: Tally, fuzz: Fuzz, ticketId: string, edit: Edit, what: string): Promise<void> {
  const { repository, dice } = fuzz;
  let { added, removed } = edit;
  for (let round = 0; round < mostRounds; round += 1) {
    const staged = await repository.stageMerge({ trackId, ticketId, title: "fuzz" });
    if (staged.kind === "merged") break;
    if (staged.kind === "conflict") {
      fuzz.conflictCount += 1;
      ({ added, removed } = await workOn(fuzz, ticketId, true));
      continue;
    }
    // Nobody is beaten for ever: the last round has no rival, so that it ends with the merge.
    const rival = round < mostRounds - 1 && dice.isLucky(0.25) ? await outsider(fuzz) : null;
    const error = await repository.publishMerge({ trackId, ...staged }).catch((reason: unknown) => reason);
    if (rival === null && error !== undefined) throw error;
    if (rival === null) {
      fuzz.tips.add(staged.commit);
      break;
    }
    fuzz.raceCount += 1;
    const isKept = (await fuzz.temp.git("rev-parse", branch)) === rival;
    tally.trial(`${what}: an outsider's commit`, error instanceof MovedRef && isKept ? [] : ["was overwritten"]);
  }
  for (const line of added) fuzz.lines.add(line);
  for (const line of removed) fuzz.lines.delete(line);
  tally.trial(what, await missing(fuzz));
}

/** Commits a file to the track by plain git, as another program would. */
async function outsider(fuzz: Fuzz): Promise<string> {
  const { temp } = fuzz;
  const name = `foreign-${fuzz.foreign.length}.md`;
  const tip = await temp.git("rev-parse", branch);
  const index = join(temp.root, ".git/foreign-index");
  await rm(index, { force: true });
  const blob = await temp.git("hash-object", "-w", "staged.txt");
  const env = { ...process.env, GIT_INDEX_FILE: index };
  const git = (...args: string[]) =>
    Bun.spawnSync(["git", ...args], { cwd: temp.root, env })
      .stdout.toString()
      .trim();
  git("read-tree", tip);
  git("update-index", "--add", "--cacheinfo", `100644,${blob},${name}`);
  const commit = await temp.git("commit-tree", git("write-tree"), "-p", tip, "-m", "by hand");
  await temp.git("update-ref", branch, commit, tip);
  await rm(index);
  fuzz.foreign.push(name);
  fuzz.tips.add(commit);
  return commit;
}

/** What should be in the track and is not. */
async function missing({ temp, lines, foreign }: Fuzz): Promise<string[]> {
  const names = (await temp.git("ls-tree", "-r", "--name-only", branch)).split("\n");
  const texts = await Promise.all(
    names.filter((name) => name.endsWith(".txt")).map((name) => temp.git("cat-file", "blob", `${branch}:${name}`)),
  );
  const found = new Set(texts.flatMap((text) => text.split("\n")));
  const gone = [...lines].filter((line) => !found.has(line)).map((line) => `"${line}" is gone`);
  return [...gone, ...foreign.filter((name) => !names.includes(name)).map((name) => `${name} is gone`)];
}

/** Links to what must not be deleted: in a worktree, in the place of its `.git`, and in the place of a worktree. */
async function plantLinks({ temp, victim }: Fuzz, count: number): Promise<void> {
  const folder = (number: number) => join(temp.root, ".signalbox/worktrees", `T-${String(number).padStart(3, "0")}`);
  await symlink(victim, join(folder(1), "to-folder"));
  await symlink(join(victim, "kept.txt"), join(folder(1), "to-file"));
  await mkdir(join(folder(1), "deep/er"), { recursive: true });
  await symlink(victim, join(folder(1), "deep/er/link"));
  await rm(join(folder(2), ".git"), { force: true });
  await symlink(victim, join(folder(2), ".git"));
  await rm(folder(count), { recursive: true });
  await symlink(victim, folder(count));
}

async function victimFaults({ temp, victim }: Fuzz): Promise<string[]> {
  const left = await readdir(victim);
  const names = await readdir(join(temp.root, ".signalbox/worktrees"));
  const faults = left.join() === "kept.txt" ? [] : [`in the folder that links lead to there is now: ${left.join()}`];
  return names.some((name) => name.startsWith("T-")) ? [...faults, `worktrees are left: ${names.join()}`] : faults;
}

/** All that is the user's, in one text. */
export async function userState(temp: TempRepository): Promise<string> {
  const git = join(temp.root, ".git");
  const hooks = (await readdir(join(git, "hooks"))).sort().map((name) => join("hooks", name));
  const parts = ["HEAD", "index", "config", "info/exclude", ...hooks].map(async (name) => {
    const [stat, content] = await Promise.all([lstat(join(git, name)), readFile(join(git, name))]);
    return `${name} ${stat.mode} ${Bun.hash(content)}`;
  });
  return [await temp.fingerprint(), await temp.git("rev-parse", "main"), ...(await Promise.all(parts))].join("\n");
}

/** What no ref and no reflog reaches is gone after this. */
async function collectGarbage(temp: TempRepository): Promise<void> {
  await temp.git("reflog", "expire", "--expire=now", "--all");
  await temp.git("gc", "--quiet", "--prune=now");
}

async function lost(temp: TempRepository, commit: string): Promise<string[]> {
  return brokenBy(() => temp.git("cat-file", "-e", `${commit}^{tree}`));
}

export async function brokenBy(work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
