/**
 * What `npm test` runs: builds the binary when it is older than its sources, finds a browser, runs every test (or those that
 * the arguments filter), and ends in the one line that people and CI read. Any failure is exit code 1.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findBrowser } from "./support/browser.ts";
import { closingLine, countTests, type TestCounts } from "./support/test-report.ts";

const repository = resolve(import.meta.dir, "..");
const binary = join(repository, "dist/signalbox");
const sources = ["src/**/*", "views/**/*", "package.json", "package-lock.json", "tsconfig.json"];
/** How long each file takes, in milliseconds, so that the longest start first; `npm test -- --update-timings` writes it anew. */
const timings = join(repository, "test/timings.json");
const nothingRun: TestCounts = { passed: 0, failed: 1, skipped: 0 };

const counts = (await isBuilt()) ? await runTests(process.argv.slice(2)) : nothingRun;
console.log(closingLine(counts));
process.exit(counts.failed === 0 ? 0 : 1);

/** Whether the binary is there and up to date, after a build where one was needed. */
async function isBuilt(): Promise<boolean> {
  if (!isStale()) return true;
  console.error("Building dist/signalbox ...");
  const exitCode = await run([process.execPath, "run", "--silent", "build"]);
  if (exitCode !== 0) console.error("The build failed, so no test was run: mend what is said above.");
  return exitCode === 0;
}

function isStale(): boolean {
  if (!existsSync(binary)) return true;
  const builtMs = statSync(binary).mtimeMs;
  return globSync(sources, { cwd: repository }).some((path) => statSync(join(repository, path)).mtimeMs > builtMs);
}

async function runTests(filters: readonly string[]): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-tests-"));
  const report = join(folder, "junit.xml");
  try {
    const reporting = ["--reporter=junit", `--reporter-outfile=${report}`];
    // Bun reads no test time limit from bunfig.toml, and its own (5 s) is short for a browser or for a dozen starts of the binary on a busy machine.
    const command = [
      process.execPath,
      "test",
      ...sharing(),
      "--only-failures",
      "--timeout=120000",
      ...reporting,
      ...filters,
    ];
    const exitCode = await run(command, await browserEnvironment());
    const found = countTests(existsSync(report) ? readFileSync(report, "utf8") : "", exitCode);
    if (exitCode !== 0)
      console.error(`bun test ended with code ${exitCode}: what failed, or did not load, is said above.`);
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One worker more than there are cores: tests wait for disks and for each other. In a file only a few tests run at once, because
 * each may be a program with a git, and a browser beside twenty of them has no time to draw.
 */
function sharing(): string[] {
  return [`--parallel=${availableParallelism() + 1}`, "--max-concurrency=4", `--timings=${timings}`];
}

/** The browser is looked for once, here; without one the browser tests fail with the same words, and the others run. */
async function browserEnvironment(): Promise<Record<string, string>> {
  try {
    return { CHROMIUM_PATH: await findBrowser() };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return {};
  }
}

async function run(command: string[], environment: Record<string, string> = {}): Promise<number> {
  const child = Bun.spawn(command, {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return await child.exited;
}
