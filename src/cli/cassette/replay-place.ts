/** Where a cassette is played: in the project itself while nothing has happened there yet, else in a clone of its own. */
import { existsSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CassetteHead } from "../../simulator/cassette.ts";
import { gitLine, runGit } from "../../workspace/git.ts";
import { failure } from "../cli-error.ts";
import type { Project } from "../project.ts";
import { logPath } from "../read-log.ts";
import { forget } from "../state-claim.ts";
import type { World } from "../world.ts";

export interface ReplayPlace {
  readonly project: Project;
  readonly isScratch: boolean;
  /** Takes a clone away unless it is kept; the project itself stays as it is. */
  close(isKept: boolean): Promise<void>;
}

/** The place for a recording that began at `base`. Throws a sentence when its commit is not here. */
export async function replayPlace(
  project: Project,
  base: CassetteHead["base"],
  world: World,
  isAlwaysScratch = false,
): Promise<ReplayPlace> {
  const { root } = project;
  const headTree = await gitLine(root, ["rev-parse", "HEAD^{tree}"]);
  const isAtBase = base === null || base.tree === headTree;
  if (isAtBase && !isAlwaysScratch && !existsSync(logPath(project)))
    return { project, isScratch: false, close: async () => undefined };
  const commit = await commitFor(root, base, isAtBase);
  const scratch = await cloneAt(project, commit, base?.branch ?? "main");
  return {
    project: scratch,
    isScratch: true,
    close: async (isKept) => {
      if (isKept)
        return world.note(
          `The clone stays in ${scratch.root}. Look at it: signalbox serve --project ${scratch.root}\n`,
        );
      forget(scratch, world);
      await rm(scratch.root, { recursive: true, force: true });
    },
  };
}

async function commitFor(root: string, base: CassetteHead["base"], isAtBase: boolean): Promise<string> {
  const commit = base?.commit ?? "HEAD";
  // A cassette is a stranger's file: what it calls a commit must be one, and nothing that git takes for an option.
  const isId = base === null || /^[0-9a-f]{40,64}$/.test(commit);
  const asked = isId ? await runGit(root, ["cat-file", "-e", `${commit}^{commit}`], { exitCodes: [1, 128] }) : null;
  if (asked?.exitCode === 0) return await gitLine(root, ["rev-parse", `${commit}^{commit}`]);
  if (isAtBase) return await gitLine(root, ["rev-parse", "HEAD"]);
  throw failure(
    "no_base",
    `The recording began at the commit ${commit.slice(0, 12)}, which is not in ${root}, and HEAD has other files. Fetch that commit, or give --project a clone of the repository that was recorded.`,
  );
}

async function cloneAt({ root, name }: Project, commit: string, branch: string): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "signalbox-replay-")));
  // Objects come along whether a branch reaches them or not, and no hook or template does.
  const args = ["clone", "--quiet", "--local", "--no-checkout", "--template=", "--", root, folder];
  await runGit(root, args, { env: { GIT_ALLOW_PROTOCOL: "file" } });
  await runGit(folder, ["remote", "remove", "origin"]);
  for (const key of ["user.name", "user.email"]) {
    const { stdout } = await runGit(root, ["config", "--get", key], { exitCodes: [1] });
    if (stdout.trim() !== "") await runGit(folder, ["config", key, stdout.trim()]);
  }
  const isName =
    (await runGit(folder, ["check-ref-format", "--branch", branch], { exitCodes: [1, 128] })).exitCode === 0;
  await runGit(folder, ["checkout", "--quiet", "-B", isName ? branch : "main", commit]);
  return { root: folder, name, stateDir: join(folder, ".signalbox") };
}
