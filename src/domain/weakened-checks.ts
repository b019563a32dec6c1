/** What in a diff makes the check itself ask for less: test scripts, runners' settings, CI, thresholds, snapshots. */
import type { TestFinding } from "./test-finding.ts";
import type { DiffLine, FileChange } from "./unified-diff.ts";

/** Files whose lines are commands that run tests. */
const commandFile =
  /(^|\/)(?:package\.json|deno\.jsonc?|composer\.json|GNUmakefile|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|Rakefile|noxfile\.py|tox\.ini|Jenkinsfile|\.travis\.yml|azure-pipelines\.yml|bitbucket-pipelines\.yml|(?:check|checks|tests?|run-?tests?|verify|ci)(?:[._-][\w-]+)*\.(?:sh|bash|ps1|mk))$|^\.github\/(?:workflows|actions)\/|^\.gitlab-ci|^\.circleci\/|^\.buildkite\/|^\.woodpecker/;

/** Files that tell a test runner what to run, and how much must pass. */
const settingsFile =
  /(^|\/)(?:(?:jest|vitest|vite|playwright|cypress|ava|wdio|web-test-runner|karma)[\w.-]*\.(?:conf|config)[\w.]*|jest\.config\.\w+|vitest\.workspace\.\w+|karma\.conf\.\w+|\.mocharc[\w.]*|bunfig\.toml|pytest\.ini|pyproject\.toml|setup\.cfg|tox\.ini|\.coveragerc|conftest\.py|phpunit\.xml[\w.]*|\.rspec|pom\.xml|build\.gradle(?:\.kts)?|Cargo\.toml|\.nycrc[\w.]*|\.c8rc[\w.]*|codecov\.ya?ml|\.codecov\.ya?ml|mix\.exs|test_helper\.exs|package\.json|stryker\.conf[\w.]*)$/;

const runnerConfig = /(^|\/)(?:jest|vitest|vite|playwright|cypress|ava|karma|web-test-runner)[\w.-]*\.\w+$/;

const snapshotFile = /\.snap$|(^|\/)__snapshots__\/|\.approved\.\w+$|\.ambr$|(^|\/)golden\/|\.golden$/;

const runner =
  /\b(?:vitest|jest|mocha|ava|node --test|bun (?:run )?test|deno test|pytest|unittest|tox|nox|cargo (?:test|nextest)|go test|mvn|mvnw|gradlew?|rspec|minitest|rake|phpunit|pest|dotnet test|ctest|mix test|swift test|xcodebuild|bats|playwright test|cypress run|(?:npm|pnpm|yarn|bun)(?: run)? (?:test|check|verify|ci)\b|make (?:test|check)|just (?:test|check))/;

const weakCommand =
  /\|\|\s*(?:true|:|exit\s+0|echo\b)|;\s*(?:true|exit\s+0)\s*["']?,?\s*$|--pass-?[wW]ith-?[nN]o-?[tT]ests|--testPathIgnorePatterns|--deselect\b|--ignore(?:-glob)?[= ]\S*test|-k\s+\\?["']?not\b|-m\s+\\?["']?not\b|-DskipTests|-Dmaven\.test\.skip|--grep-invert|--no-fail\b|-x\s+test\b|--exclude-task[= ]test/;

const hollowScript = /^(?:true|:|exit 0|echo\b[^&|;]*|node -e ["'\\]*(?:process\.exit\(0\))?["'\\;]*|)$/;

const ciSoft =
  /\bcontinue-on-error:\s*true|\ballow_failure:\s*true|\bif:\s*(?:false|\$\{\{\s*false\s*\}\})|\bset \+e\b|\bwhen:\s*(?:never|manual)\b/;

const narrowing =
  /\btestPathIgnorePatterns\b|\bmodulePathIgnorePatterns\b|\btestIgnore\b|\bcollect_ignore\w*|\bnorecursedirs\b|addopts.*(?:--ignore|--deselect|-k |-m ["']?not)|\bpassWithNoTests["']?\s*[:=]\s*true|<skip(?:Tests)?>\s*true|\bskipTests\b|testFailureIgnore|\bignoreFailures\s*=?\s*true|<exclude>|\bexcludeTestsMatching\b|\bpathIgnorePatterns\b|\btest\s*=\s*false\b|\bharness\s*=\s*false\b|ExUnit\.\w+\(.*exclude|\bdangerouslyIgnoreUnhandledErrors\b|\benabled\s*=\s*false\b/;

const limits =
  /["']?\b(branches|functions|lines|statements|threshold|coverageThreshold|fail[_-]under|cov-fail-under|minimum|minimum_coverage|target|minMsi|mutationScoreThreshold|break)\b["']?\s*[:=(]?\s*["']?(\d+(?:\.\d+)?)/;

/** As many rewritten lines of snapshots are more than the trace of one change. */
const manySnapshotLines = 30;

/** Every finding about the check, and about what decides which tests run. */
export function weakenedChecks(
  changes: readonly FileChange[],
  { checkCommand, targetFiles }: { readonly checkCommand: string; readonly targetFiles: readonly string[] },
): TestFinding[] {
  return changes.flatMap((change) => [
    ...ownCheck(change, checkCommand, targetFiles),
    ...(commandFile.test(change.oldPath) || isNamed(change.oldPath, checkCommand) ? commandFindings(change) : []),
    ...(settingsFile.test(change.path) ? settingsFindings(change) : []),
    ...(snapshotFile.test(change.oldPath) ? snapshotFindings(change, changes) : []),
  ]);
}

/** A file that the check's own command names, such as `scripts/check.sh`. */
function isNamed(path: string, command: string): boolean {
  return command.split(/[\s;&|"'()=]+/).some((word) => word.replace(/^\.\//, "") === path);
}

function ownCheck(change: FileChange, command: string, targetFiles: readonly string[]): TestFinding[] {
  if (change.kind === "added" || !isNamed(change.oldPath, command) || targetFiles.includes(change.oldPath)) return [];
  const what = change.kind === "deleted" ? "deleted" : change.kind === "renamed" ? "renamed" : "changed";
  return [at(change, firstLine(change), `the check itself (${command}) was ${what}`)];
}

function commandFindings(change: FileChange): TestFinding[] {
  const { added, removed } = sides(change);
  const known = new Set(removed.map(({ text }) => text.trim()));
  const isScripts = /\.jsonc?$/.test(change.path);
  const weak = added.filter(({ text }) => {
    if (known.has(text.trim()) || (isScripts && !scriptOf(text))) return false;
    const softened = /^\t-/.test(text) && runner.test(text);
    return weakCommand.test(text) || ciSoft.test(text) || softened || /^\t@?(?:true|:|exit 0)\s*$/.test(text);
  });
  const found = weak.map(({ line, text }) =>
    at(change, line, `a check that no longer fails, or runs less: ${text.trim()}`),
  );
  return [
    ...found,
    ...(isScripts ? scriptFindings(change) : runnerFindings(change)).filter(({ line }) =>
      weak.every((one) => one.line !== line),
    ),
  ];
}

/** The name and command of a script that checks something. */
function scriptOf(text: string): { readonly name: string; readonly command: string } | null {
  const [, name = "", command = ""] =
    /^\s*"((?:[\w:-]*(?:test|check|verify|spec|e2e|coverage|lint|typecheck)[\w:-]*)|ci)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(
      text,
    ) ?? [];
  return name === "" ? null : { name, command };
}

function scriptFindings(change: FileChange): TestFinding[] {
  const { added, removed } = sides(change);
  const now = new Map(
    added.flatMap((line) => (scriptOf(line.text) ? [[scriptOf(line.text)?.name ?? "", line] as const] : [])),
  );
  const before = removed.flatMap((line) => {
    const script = scriptOf(line.text);
    return script ? [{ ...script, line: line.line }] : [];
  });
  const lost = before.flatMap(({ name, command, line }) => {
    const line2 = now.get(name);
    const next = scriptOf(line2?.text ?? "")?.command;
    if (next === undefined)
      return /^(?:test|check|verify|ci)$/.test(name)
        ? [at(change, line, `the script "${name}" (${command}) was removed`)]
        : [];
    const isLess = hollowScript.test(next.trim()) || (runner.test(command) && !runner.test(next));
    return isLess
      ? [at(change, line2?.line ?? line, `the script "${name}" was "${command}" and is now "${next}"`)]
      : [];
  });
  const fresh = [...now].flatMap(([name, line]) => {
    const command = scriptOf(line.text)?.command ?? "";
    const isKnown = before.some((script) => script.name === name);
    return !isKnown && hollowScript.test(command.trim())
      ? [at(change, line.line, `the script "${name}" checks nothing: "${command}"`)]
      : [];
  });
  return [...lost, ...fresh];
}

/** Lines that ran tests, and have nothing in their place. */
function runnerFindings(change: FileChange): TestFinding[] {
  const { added, removed } = sides(change);
  const lost = removed.filter(({ text }) => isRunning(text));
  const [first] = lost;
  if (!first || lost.length <= added.filter(({ text }) => isRunning(text)).length) return [];
  return [at(change, first.line, `a line that ran tests was removed: ${first.text.trim()}`)];
}

function isRunning(text: string): boolean {
  return runner.test(text) && !/^\s*(?:#|\/\/|-?\s*name:)/.test(text);
}

function settingsFindings(change: FileChange): TestFinding[] {
  const { added, removed } = sides(change);
  const known = new Set(removed.map(({ text }) => text.trim()));
  const isNarrower = ({ text }: DiffLine) =>
    !known.has(text.trim()) &&
    (narrowing.test(text) || (runnerConfig.test(change.path) && /^\s*["']?exclude["']?\s*[:=]/.test(text)));
  const narrower = added.filter(isNarrower);
  return [
    ...narrower.map(({ line, text }) => at(change, line, `tests are left out, or may fail: ${text.trim()}`)),
    ...limitFindings(change, added, removed),
  ];
}

function limitFindings(change: FileChange, added: readonly DiffLine[], removed: readonly DiffLine[]): TestFinding[] {
  const now = added.flatMap((line) => limitOf(line));
  return removed
    .flatMap((line) => limitOf(line))
    .flatMap((before) => {
      const index = now.findIndex(({ key }) => key === before.key);
      const [after] = index < 0 ? [] : now.splice(index, 1);
      if (!after) return [at(change, before.line, `the limit ${before.key} of ${before.value} was removed`)];
      return after.value < before.value
        ? [at(change, after.line, `the limit ${before.key} went from ${before.value} down to ${after.value}`)]
        : [];
    });
}

function limitOf({ text, line }: DiffLine) {
  const [, key = "", value = ""] = limits.exec(text) ?? [];
  return key === "" ? [] : [{ key, value: Number(value), line }];
}

function snapshotFindings(change: FileChange, changes: readonly FileChange[]): TestFinding[] {
  const gone = sides(change).removed.length;
  const isTestGone = changes.some(
    ({ kind, oldPath }) => kind === "deleted" && change.oldPath.includes(oldPath.slice(oldPath.lastIndexOf("/") + 1)),
  );
  if (change.kind === "deleted" && !isTestGone)
    return [at(change, 0, "a snapshot that tests compare with was deleted")];
  return gone >= manySnapshotLines && change.kind !== "deleted"
    ? [at(change, firstLine(change), `${gone} lines of snapshots were rewritten at once`)]
    : [];
}

function sides(change: FileChange): { readonly added: readonly DiffLine[]; readonly removed: readonly DiffLine[] } {
  const lines = change.hunks.flat();
  return { added: lines.filter(({ mark }) => mark === "+"), removed: lines.filter(({ mark }) => mark === "-") };
}

function firstLine(change: FileChange): number {
  return change.hunks.flat().find(({ mark }) => mark !== " ")?.line ?? 0;
}

function at(change: FileChange, line: number, what: string): TestFinding {
  return { file: change.path, line, what: what.length > 200 ? `${what.slice(0, 199)}…` : what };
}
