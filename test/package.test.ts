/** What a fresh clone relies on: a lockfile that names no host, exact versions, one build line that is safe to run anywhere. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

const repository = resolve(import.meta.dir, "..");
const text = (path: string) => readFileSync(join(repository, path), "utf8");
const versions = z.record(z.string(), z.string());
const Manifest = z.object({
  license: z.string(),
  bin: z.record(z.string(), z.string()),
  scripts: z.record(z.string(), z.string()),
  dependencies: versions,
  devDependencies: versions,
  allowScripts: z.record(z.string(), z.boolean()),
});
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), optionalDependencies: versions.optional() }),
  ),
});
const manifest = Manifest.parse(JSON.parse(text("package.json")));
const lock = Lock.parse(JSON.parse(text("package-lock.json")));
const wanted = { ...manifest.dependencies, ...manifest.devDependencies };

describe("the lockfile", () => {
  test("is the only one", () => {
    for (const name of ["bun.lock", "bun.lockb", "yarn.lock", "pnpm-lock.yaml"])
      expect(existsSync(join(repository, name))).toBe(false);
  });

  test("names no place to fetch a package from", () => {
    expect(text("package-lock.json")).not.toContain('"resolved"');
    expect(text(".npmrc").split("\n")).toContain("omit-lockfile-registry-resolved=true");
    expect(text(".npmrc")).not.toContain("://");
  });

  test("has the versions that package.json asks for", () => {
    for (const [name, version] of Object.entries(wanted))
      expect(`${name} ${lock.packages[`node_modules/${name}`]?.version}`).toBe(`${name} ${version}`);
  });

  test("has an entry for every platform's package, without which npm ci refuses it", () => {
    const optional = Object.values(lock.packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
    expect(optional.filter((name) => !(`node_modules/${name}` in lock.packages))).toEqual([]);
  });
});

describe("package.json", () => {
  test("pins every dependency to one version", () => {
    for (const [name, version] of Object.entries(wanted))
      expect(`${name} ${version}`).toMatch(/^\S+ \d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  test("lets Bun's own install script run, and no other", () => {
    expect(manifest.allowScripts).toEqual({ bun: true });
  });

  test("has the scripts that the manual and CI name", () => {
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(["build", "demo", "test", "check", "bench"]));
    expect(manifest.license).toBe("MIT");
  });

  test("names only source files that are there", () => {
    for (const path of Object.values(manifest.scripts).flatMap(
      (script) => script.match(/\b(?:src|test)\/\S+\.ts/g) ?? [],
    ))
      expect(`${path} ${existsSync(join(repository, path))}`).toBe(`${path} true`);
  });
});

describe("README.md", () => {
  test("names only scripts that there are", () => {
    const named = text("README.md").matchAll(/\b(?:npm|bun) run (?:--silent )?([\w:-]+)/g);
    for (const [command, script = ""] of named)
      expect(`${command} ${script in manifest.scripts}`).toBe(`${command} true`);
  });

  test("has the two commands that set up and run a fresh clone", () => {
    expect(text("README.md")).toContain("npm ci && npm run demo");
    expect(text("README.md")).toContain("npm ci && npm test");
  });
});

describe("the build line", () => {
  const build = manifest.scripts.build ?? "";

  test("makes a binary that runs nothing from the folder it is started in", () => {
    expect(build).toContain("--no-compile-autoload-dotenv");
    expect(build).toContain("--no-compile-autoload-bunfig");
  });

  test("puts the threads' entries into the binary, beside the main one", () => {
    expect(build).toContain("src/main.ts src/agent-thread.ts src/proof-thread.ts");
    expect(build).toContain(`--outfile ${manifest.bin.signalbox}`);
  });

  test("keeps its output out of git", () => {
    expect(text(".gitignore").split("\n")).toEqual(expect.arrayContaining(["node_modules/", "dist/", "*.map"]));
  });
});

describe("continuous integration", () => {
  test("has one script that can be run as it is", () => {
    expect(statSync(join(repository, ".ci/run")).mode & 0o111).not.toBe(0);
  });
});
