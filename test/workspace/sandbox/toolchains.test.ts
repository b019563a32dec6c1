/** The folders of toolchains that a confined command may read. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnvironment } from "../../../src/workspace/sandbox/child-environment.ts";
import { OutputBuffer } from "../../../src/workspace/sandbox/output-buffer.ts";
import { seatbeltProfile } from "../../../src/workspace/sandbox/seatbelt.ts";
import { findToolchains } from "../../../src/workspace/sandbox/toolchains.ts";
import { observeWorld } from "../../../src/workspace/sandbox/world.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "toolchains-")));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const projectRoot = join(home, "code", "project");
const stateDir = join(projectRoot, ".signalbox");
const secret = { home, projectRoot, stateDir };
const make = (path: string) => {
  mkdirSync(join(home, path), { recursive: true });
  return join(home, path);
};
make("code/project/.signalbox");

describe("what is readable of the home folder", () => {
  test("is an install prefix that is deep enough, never one that also holds secrets", () => {
    const deep = make(".tools/node/20/bin");
    const shallow = make(".local/bin");
    const { readPaths } = findToolchains({ PATH: `${deep}:${shallow}` }, secret);
    expect(readPaths).toContain(join(home, ".tools/node/20"));
    expect(readPaths).toContain(shallow);
    expect(readPaths).not.toContain(join(home, ".local"));
  });

  test("is the package that a link on PATH leads to", () => {
    const bin = make("links");
    const pack = make("global/node_modules/@scope/tool/dist");
    writeFileSync(join(pack, "cli.js"), "");
    symlinkSync(join(pack, "cli.js"), join(bin, "tool"));
    symlinkSync("/nonexistent/gone", join(bin, "dangling"));
    const { readPaths } = findToolchains({ PATH: bin }, secret);
    expect(readPaths).toContain(join(home, "global/node_modules/@scope/tool"));
  });

  test("leaves out relative folders, the project's own, and any that hold home, project or state", () => {
    const { path } = findToolchains({ PATH: `.:bin:${projectRoot}/bin:${home}:/:${home}/code:/usr/bin` }, secret);
    expect(path).toEqual(["/usr/bin"]);
  });

  test("is only the harmless part of a version manager that keeps credentials", () => {
    make(".cargo/registry");
    writeFileSync(join(home, ".cargo/credentials.toml"), "token");
    const { readPaths, environment } = findToolchains({ PATH: "/usr/bin" }, secret);
    expect(readPaths.filter((path) => path.includes(".cargo"))).toEqual([join(home, ".cargo/registry")]);
    expect(environment.CARGO_HOME).toBe(join(home, ".cargo"));
  });

  test("is not widened by a .git file that names any folder", () => {
    writeFileSync(join(projectRoot, ".git"), `gitdir: ${home}\n`);
    const world = observeWorld({ projectRoot, stateDir, env: { HOME: home, PATH: "/usr/bin" } });
    expect(world.readPaths).not.toContain(home);
  });
});

test("a child's environment takes no loader or secret variable from its caller", () => {
  const extra = { LD_PRELOAD: "x", NODE_OPTIONS: "x", BASH_ENV: "x", SIGNALBOX_TOKEN: "x", HOME: "/", GOOD: "y" };
  const env = childEnvironment({ environment: { PATH: "/usr/bin" } }, { home: "/h", temporary: "/t" }, extra);
  expect(env).toMatchObject({ GOOD: "y", HOME: "/h", TMPDIR: "/t", CI: "1" });
  expect(Object.keys(env)).not.toContain("LD_PRELOAD");
  expect(Object.values(env)).not.toContain("x");
});

test("a seatbelt profile closes the home folder before it opens the worktree", () => {
  const world = observeWorld({ projectRoot, stateDir, env: { HOME: home, PATH: "/usr/bin" } });
  const job = { argv: [], cwd: "/w", root: '/w "quoted"', env: {}, scratch: "/s" };
  const profile = seatbeltProfile(world, job, false);
  expect(profile.indexOf("(deny file-read-data")).toBeLessThan(profile.indexOf("(allow file-read-data"));
  expect(profile).toContain('(subpath "/w \\"quoted\\"")');
  expect(profile).toContain("(deny network*)");
});

describe("bounded output", () => {
  const kept = (parts: readonly string[], maxBytes: number) => {
    const buffer = new OutputBuffer(maxBytes);
    for (const part of parts) buffer.add(new TextEncoder().encode(part));
    return buffer.text();
  };

  test("is whole while it fits, however it comes", () => {
    expect(kept(["abc", "", "defg", "h"], 8)).toBe("abcdefgh");
    expect(kept(["abcdefgh"], 8)).toBe("abcdefgh");
  });

  test("keeps both ends when it does not fit", () => {
    expect(kept(["abcde", "fgh", "ij"], 8)).toBe("abcd\n[... 2 of 10 bytes of output cut here ...]\nghij");
    expect(kept([..."abcdefghij"], 8)).toBe(kept(["abcdefghij"], 8));
  });

  test("does not show a character that the cut has split", () => {
    expect(kept(["aé€𝄞".repeat(9)], 16)).not.toContain("\uFFFD");
  });
});
