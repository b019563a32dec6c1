/** A small program for the test of the compiled binary: probes a tier, runs its own `test` command in it, prints the result. */
import { runCommand } from "../../../src/workspace/command-runner.ts";
import { confineAndExec } from "../../../src/workspace/sandbox/confine.ts";
import { probeSandbox } from "../../../src/workspace/sandbox/probe.ts";

if (process.argv[2] === "__confine") confineAndExec(process.argv.slice(3));
const [, , tier, projectRoot = "", stateDir = "", cwd = ""] = process.argv;
const tiers = [tier === "bubblewrap" ? ("bubblewrap" as const) : ("landlock" as const)];
const sandbox = await probeSandbox({ mode: "auto", network: false, isUnsafe: false, projectRoot, stateDir, tiers });
const command = `BUN_BE_BUN=1 ${process.execPath} test ./sum.test.ts`;
const result = await runCommand({ command, cwd, timeoutMs: 20_000, sandbox });
console.log(JSON.stringify({ tier: sandbox.tier, ...result }));
