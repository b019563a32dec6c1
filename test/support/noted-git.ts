/** A `git` for the front of the PATH that notes each call and then is the real one: what a program asks of git, counted from outside. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface NotedGit {
  /** A PATH on which it stands first. */
  readonly path: string;
  /** Where the calls are noted, a line each, in the order in which they began. */
  readonly log: string;
  /** The lines so far: the arguments of each call. */
  calls(): Promise<string[]>;
}

/** Makes it in a folder that may be missing. Git's own helpers are started without the PATH and are not noted. */
export async function noteGit(folder: string): Promise<NotedGit> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, "git.log");
  const real = Bun.which("git") ?? "git";
  await writeFile(log, "");
  await writeFile(join(folder, "git"), `#!/bin/sh\nprintf '%s\\n' "$*" >> ${quoted(log)}\nexec ${quoted(real)} "$@"\n`);
  await chmod(join(folder, "git"), 0o755);
  return {
    path: `${folder}:${process.env.PATH}`,
    log,
    calls: async () => (await readFile(log, "utf8")).split("\n").filter((line) => line !== ""),
  };
}

/** A word for a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
