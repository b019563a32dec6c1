/** Commands: what they may reach, how they end, and that nothing of them is left behind. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandRequest, runCommand } from "../../src/workspace/command-runner.ts";
import { CommandNotStarted, type SandboxPlan } from "../../src/workspace/sandbox/plan.ts";
import { expectedTiers, makeProject } from "./sandbox/scratch-project.ts";

const project = makeProject();
afterAll(() => project.remove());

for (const tier of [...expectedTiers(), "unsafe"] as const) {
  describe(`a command under ${tier}`, () => {
    let sandbox: SandboxPlan;
    beforeAll(async () => {
      sandbox = await project.probe(tier === "unsafe" ? { isUnsafe: true } : { tiers: [tier] });
    });
    const run = (command: string, options: Partial<CommandRequest> = {}) =>
      runCommand({ command, cwd: project.worktree, timeoutMs: 10_000, sandbox, ...options });

    test("gives its exit code, and its output in the order it was written", async () => {
      const result = await run("echo one; echo two >&2; echo three; exit 3");
      expect(result).toMatchObject({ exitCode: 3, isTimedOut: false, isCancelled: false, hint: null, sandbox: tier });
      expect(result.output).toBe("one\ntwo\nthree\n");
      expect(result.outputBytes).toBe(14);
    });

    test("runs byte for byte what it was given", async () => {
      const result = await run("printf '%s|' \"a  b\" 'c\"d' $'e\\tf' '$HOME' \"é\"\n# the end");
      expect(result.output).toBe('a  b|c"d|e\tf|$HOME|é|');
    });

    test("sees no key, token or setting of ours", async () => {
      Object.assign(process.env, { ANTHROPIC_API_KEY: "sk-secret", SIGNALBOX_TOKEN: "t-secret", BUN_OPTIONS_X: "1" });
      const result = await run("env", { env: { WANTED: "yes", ANTHROPIC_BASE_URL: "x", BUN_OPTIONS: "--preload x" } });
      expect(result.output).not.toMatch(/secret|ANTHROPIC|SIGNALBOX|BUN_/);
      expect(result.output).toContain("WANTED=yes");
      expect(result.output).toMatch(/^CI=1$/m);
      expect(result.output).toMatch(/^TERM=dumb$/m);
    });

    test("has an empty home of its own that can be written", async () => {
      const result = await run(
        'ls -A "$HOME" "$TMPDIR" | grep -v "^/\\|^home$\\|^$"; echo x > "$HOME/y" && cat "$HOME/y"',
      );
      expect(result.output.endsWith("x\n")).toBe(true);
    });

    test("is stopped at its time limit with everything in its group", async () => {
      const result = await run("sleep 60 & sleep 60", { timeoutMs: 300 });
      expect(result.isTimedOut).toBe(true);
      expect(result.durationMs).toBeLessThan(5_000);
      expect(result.output).toContain("stopped after its limit of 0.3 s");
    });

    test("is killed when it does not heed the signal", async () => {
      const result = await run("trap '' TERM; echo up; while :; do sleep 0.1; done", {
        timeoutMs: 1_500,
        graceMs: 200,
      });
      expect(result).toMatchObject({ isTimedOut: true, exitCode: expect.any(Number) });
      expect(result.exitCode).not.toBe(0);
      expect(result.output).toStartWith("up\n");
    });

    test("ends on abort, and never starts after one", async () => {
      const controller = new AbortController();
      const running = run("echo up; sleep 60", { signal: controller.signal, onOutput: () => controller.abort() });
      expect(await running).toMatchObject({ isCancelled: true, isTimedOut: false });
      expect(await run("touch never", { signal: controller.signal })).toMatchObject({ isCancelled: true, output: "" });
      expect(existsSync(join(project.worktree, "never"))).toBe(false);
    });

    test("does not wait for a background process that holds its output, and ends that process", async () => {
      const result = await run(
        "(setsid sh -c 'while :; do date +%s%N > beat; sleep 0.05; done' &) ; echo done; sleep 0.2",
      );
      expect(result.output).toBe("done\n");
      expect(result.durationMs).toBeLessThan(5_000);
      const beat = readFileSync(join(project.worktree, "beat"), "utf8");
      await run("sleep 0.3");
      expect(readFileSync(join(project.worktree, "beat"), "utf8")).toBe(beat);
    });

    test("keeps the first and last bytes of a flood, in bounded memory", async () => {
      const before = process.memoryUsage.rss();
      const result = await run("echo first; yes | head -c 50000000; echo; echo last", { maxOutputBytes: 2_000 });
      expect(result.output).toMatch(/^first\n/);
      expect(result.output).toMatch(/\[\.\.\. \d+ of \d+ bytes of output cut here \.\.\.\]/);
      expect(result.output).toMatch(/last\n$/);
      expect(result.outputBytes).toBe(50_000_012);
      expect(result.output.length).toBeLessThan(2_200);
      expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    });

    test("takes output that is no text", async () => {
      const result = await run("printf 'a\\377\\000b'");
      expect(result.output).toBe("a\uFFFD\0b");
    });

    test("explains a missing and an unrunnable program", async () => {
      writeFileSync(join(project.worktree, "plain"), "no program");
      expect((await run("no-such-program")).hint).toContain("did not find a program");
      expect(await run("./plain")).toMatchObject({ exitCode: 126, hint: expect.stringContaining("may not be run") });
    });

    test("ends a pipe's writer as shells do", async () => {
      expect((await run("set -o pipefail; yes | head -1 >/dev/null; echo $?")).output).toBe("141\n");
    });
  });
}

describe("a command that must not run", () => {
  test("is refused when nothing confines, with what to do", async () => {
    const sandbox = await project.probe({ tiers: [] });
    const refusal = runCommand({ command: "touch never", cwd: project.worktree, timeoutMs: 1_000, sandbox });
    expect(refusal).rejects.toThrow(/--unsafe-no-sandbox/);
  });

  test("is refused in a folder that holds our own state, in a missing folder, and when it is too long", async () => {
    const sandbox = await project.probe({ isUnsafe: true });
    const run = (command: string, cwd: string) => runCommand({ command, cwd, timeoutMs: 1_000, sandbox });
    expect(run("true", project.root)).rejects.toThrow(/own state is inside/);
    expect(run("true", join(project.root, "gone"))).rejects.toThrow(/does not exist/);
    expect(run(`: ${"x".repeat(200_000)}`, project.worktree)).rejects.toThrow(/Write it to a script file/);
    expect(run("a\0b", project.worktree)).rejects.toThrow(/NUL/);
  });

  test("is not run unconfined when the sandbox cannot be set up", async () => {
    const plan = await project.probe({ tiers: [expectedTiers()[0] ?? "landlock"] });
    const broken: SandboxPlan = {
      ...plan,
      launch: (job) => ({ argv: ["/bin/sh", "-c", "echo no such mount >&2; exit 1"], env: {}, cwd: job.cwd }),
    };
    const run = runCommand({ command: "touch never", cwd: project.worktree, timeoutMs: 1_000, sandbox: broken });
    expect(run).rejects.toThrow(/has not run: no such mount/);
    expect(existsSync(join(project.worktree, "never"))).toBe(false);
  });
});

test("a launcher that cannot be started is said, and nothing has run", async () => {
  const unsafe = await project.probe({ isUnsafe: true });
  const sandbox: SandboxPlan = {
    ...unsafe,
    launch: (job) => ({ ...unsafe.launch(job), argv: ["/nonexistent/bwrap"] }),
  };
  const failure = await runCommand({ command: "true", cwd: project.worktree, timeoutMs: 1_000, sandbox }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(CommandNotStarted);
  expect(String(failure)).toContain("signalbox doctor");
});
