/** What a worktree for a new ticket takes, as the engine asks for it while one has been made ahead, in projects of 2,000 and 20,000 files, beside git's own two ways. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runGit } from "../../src/workspace/git.ts";
import { openRepository } from "../../src/workspace/repository.ts";
import { makeBenchProject } from "./bench-project.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure, inTurn } from "./measure.ts";

const trackId = "bench_20260101";

/** Two figures a project: the same worktrees beside `git worktree add` with its files, and without them. */
export async function worktreeFigures({ rounds, isFull }: Bench): Promise<Figure[]> {
  const most = Math.ceil(rounds / 8);
  const figures: Figure[] = [];
  for (const fileCount of isFull ? [2_000, 20_000] : [2_000]) figures.push(...(await figuresAt(fileCount, most)));
  return figures;
}

async function figuresAt(fileCount: number, rounds: number): Promise<Figure[]> {
  const project = await makeBenchProject(fileCount, "http://127.0.0.1:9");
  try {
    const repository = await openRepository(project.root);
    await repository.prepareTrack(trackId, []);
    let made = 0;
    const ours = async () => {
      made += 1;
      const ticketId = `T-${String(made).padStart(3, "0")}`;
      // As it is while agents think: the next worktree is there before its ticket comes.
      await repository.expectTickets(trackId, 1);
      await repository.sparesMade();
      const startedAt = performance.now();
      await repository.prepareAttempt({ trackId, ticketId, isFresh: false });
      const ms = performance.now() - startedAt;
      // As after a landing. What the product keeps of it for the next one is its own affair.
      await repository.removeWorktree(ticketId);
      return ms;
    };
    const bare = async () => ({
      whole: await bareAdd(project.root, []),
      empty: await bareAdd(project.root, ["--no-checkout"]),
    });
    const taken = await inTurn(rounds, ours, bare);
    const row = (id: string, words: string, floor: readonly number[]) =>
      figure(`worktree-${fileCount}${id}`, `L  worktree of ${fileCount} files; floor: ${words}`, {
        ours: taken.ours,
        floor,
      });
    return [
      row(
        "",
        "git worktree add",
        taken.floor.map(({ whole }) => whole),
      ),
      row(
        "-no-checkout",
        "the same, --no-checkout",
        taken.floor.map(({ empty }) => empty),
      ),
    ];
  } finally {
    project.removeNow();
  }
}

/** Milliseconds of a bare `git worktree add --detach`, with the hardening of our own git calls but nothing else. */
async function bareAdd(root: string, options: readonly string[]): Promise<number> {
  const path = join(root, ".signalbox", "bare");
  const startedAt = performance.now();
  await runGit(root, ["worktree", "add", "--quiet", "--detach", ...options, path]);
  const ms = performance.now() - startedAt;
  await rm(path, { recursive: true, force: true });
  await runGit(root, ["worktree", "prune"]);
  return ms;
}
