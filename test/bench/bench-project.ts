/** A git project of generated source files, with a home folder of its own, in a temporary folder. */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runGit } from "../../src/workspace/git.ts";

/** The project and its surroundings. */
export interface BenchProject {
  readonly root: string;
  /** Where compiled floors go. */
  readonly binFolder: string;
  /** What a measured program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of some of the generated files, to read. */
  readonly files: readonly string[];
  /** Forgets every run so far. */
  reset(): Promise<void>;
  /** Takes the folder away with all that is in it; also where the process is about to end. */
  removeNow(): void;
}

const filesInFolder = 50;

/** The path of a generated file, inside the project. */
export function benchFile(index: number): string {
  return `src/part-${Math.floor(index / filesInFolder)}/module-${index}.ts`;
}

/** Makes the project with `fileCount` files in one commit; `moreConfig` are further lines of its config; without them nobody reviews. */
export async function makeBenchProject(fileCount: number, baseUrl: string, moreConfig = ""): Promise<BenchProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "signalbox-bench-")));
  const root = join(folder, "project");
  const binFolder = join(folder, "bin");
  const home = join(folder, "home");
  for (const path of [binFolder, home, join(root, "conductor")]) await mkdir(path, { recursive: true });
  await writeFile(
    join(root, "conductor", "signalbox.toml"),
    config + (moreConfig.includes("[review]") ? "" : noReview) + moreConfig,
  );
  const files = await writeSources(root, fileCount);
  await runGit(root, ["init", "--quiet", "--initial-branch=main"]);
  await runGit(root, ["add", "--all"]);
  const author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"];
  await runGit(root, [...author, "commit", "--quiet", "-m", "Start"]);
  return {
    root,
    binFolder,
    files,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: home,
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_API_KEY: "bench",
      SIGNALBOX_TOKEN: "bench-token",
    },
    reset: async () => {
      await rm(join(root, ".signalbox"), { recursive: true, force: true });
      await runGit(root, ["worktree", "prune"]);
      const { stdout } = await runGit(root, ["for-each-ref", "--format=%(refname)", "refs/heads/signalbox"]);
      for (const ref of stdout.split("\n").filter((line) => line !== "")) await runGit(root, ["update-ref", "-d", ref]);
      await runGit(root, ["clean", "-fdq", "conductor"]);
      await runGit(root, ["checkout", "--quiet", "--", "conductor"]);
    },
    removeNow: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const config = `[verify]
command = "true"
`;

const noReview = `
[review]
qa = false
tech_lead = false
`;

async function writeSources(root: string, fileCount: number): Promise<string[]> {
  const files: string[] = [];
  for (let index = 0; index < fileCount; index++) {
    const path = benchFile(index);
    if (index % filesInFolder === 0) await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), source(index));
    files.push(path);
  }
  return files;
}

function source(index: number): string {
  const functions = Array.from(
    { length: 8 },
    (_, part) => `export function step${index}Part${part}(value: number): number {\n  return value + ${part};\n}\n`,
  );
  return `/** Generated module ${index}. */\n${functions.join("\n")}`;
}
