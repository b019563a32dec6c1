/** A real git repository in a temporary folder, that tests can fill, look into and throw away. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface TempRepository {
  readonly root: string;
  /** Runs git as a person would, and gives its trimmed output; throws when it fails. */
  git(...args: string[]): Promise<string>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Writes the files and commits everything; gives the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
  read(path: string): Promise<string>;
  /** One hash over the names, modes, times and contents of the user's files, without `.git` and `.signalbox`. */
  fingerprint(): Promise<string>;
  remove(): Promise<void>;
}

/** As `git init` and two `git config` write it: tests make hundreds of repositories, and each process of git is felt. */
const gitConfig = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[user]
	name = Ada
	email = ada@example.org
`;

/** Makes a repository with a user, a branch `main` and one commit of the files. */
export async function makeTempRepository(
  files: Readonly<Record<string, string>> = { "readme.md": "hello\n" },
): Promise<TempRepository> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "signalbox-test-")));
  const repository = describe(root);
  await Promise.all(
    ["objects", "refs", "hooks", "info"].map((name) => mkdir(join(root, ".git", name), { recursive: true })),
  );
  const git = { HEAD: "ref: refs/heads/main\n", config: gitConfig, "info/exclude": "" };
  for (const [name, text] of Object.entries(git)) await writeFile(join(root, ".git", name), text);
  await writeFiles(root, files);
  await repository.git("add", "--all");
  await repository.git("commit", "--quiet", "--allow-empty", "-m", "first");
  return repository;
}

/** Writes files, by their paths under a folder. */
export async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

function describe(root: string): TempRepository {
  const git = (...args: string[]) => runPlainGit(root, args);
  const write = (files: Readonly<Record<string, string>>) => writeFiles(root, files);
  return {
    root,
    git,
    write,
    async commit(files, message = "change") {
      await write(files);
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
    read: (path) => readFile(join(root, path), "utf8"),
    fingerprint: () => fingerprint(root),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function runPlainGit(root: string, args: readonly string[]): Promise<string> {
  const child = Bun.spawn(["git", ...args], { cwd: root, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`git ${args.join(" ")} failed: ${stderr}`);
  return stdout.trim();
}

async function fingerprint(root: string): Promise<string> {
  const hash = createHash("sha256");
  const names = await readdir(root, { recursive: true });
  for (const name of names.sort()) {
    if (/^\.(git|signalbox)(\/|$)/.test(name)) continue;
    const found = await stat(join(root, name));
    hash.update(`${name}\0${found.mode}\0`);
    if (found.isFile()) hash.update(`${found.mtimeMs}\0`).update(await readFile(join(root, name)));
  }
  return hash.digest("hex");
}
