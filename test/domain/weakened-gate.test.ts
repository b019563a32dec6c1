/** A green check that was made easier to pass opens nothing by itself: a person decides, or the attempt has failed. */
import { describe, expect, test } from "bun:test";
import { fold } from "../../src/domain/evolve.ts";
import { hostFlags } from "../../src/domain/host-files.ts";
import type { TestFinding } from "../../src/domain/test-finding.ts";
import { parseDiff } from "../../src/domain/unified-diff.ts";
import { preparedTrack, settingsWith, ticket } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { approve, finish, merge, openGate } from "./steps.ts";

const findings: TestFinding[] = [{ file: "a.test.ts", line: 3, what: "a test is skipped: it.skip" }];
type Level = "manual" | "guarded" | "all";

function at(level: Level) {
  return settingsWith({ gates: { level, allow: [] }, review: { qa: false, techLead: false } });
}

function checked(story: Story, found: TestFinding[] = findings, flags: string[] = []): Story {
  finish(story, "T-001");
  return story.do(
    { type: "begin_check", ticketId: "T-001", subject: "ticket", command: "bun test" },
    {
      type: "record_check",
      ticketId: "T-001",
      subject: "ticket",
      command: "bun test",
      exitCode: 0,
      isTimedOut: false,
      durationMs: 5,
      treeHash: "tree",
      commit: "ticket-commit",
      output: "1 pass",
      diff: "",
      ...(found.length > 0 && { findings: found }),
      ...(flags.length > 0 && { flags }),
    },
  );
}

function offered(story: Story): Story {
  const { stage } = story.ticket("T-001");
  expect(stage.name).toBe("queued");
  return story.do({
    type: "offer_merge",
    ticketId: "T-001",
    commit: "ticket-commit",
    trackCommit: "base",
    resultTree: "tree",
    diff: "-it(\n+it.skip(",
  });
}

function begun(level: Level): Story {
  return settled({ type: "settings.applied", settings: at(level) }, ...preparedTrack(), ticket("T-001"));
}

describe("a change that weakens tests", () => {
  test("asks before its merge where nothing else would, and says what was found first", () => {
    const story = checked(begun("guarded"));
    expect(story.effects()).toEqual(["offer_merge T-001"]);
    const gate = openGate(offered(story), "merge");
    expect(gate.reason).toStartWith("T-001 weakens tests: a.test.ts:3: a test is skipped: it.skip.");
    expect(merge(approve(story, "merge"), "T-001").ticket("T-001").stage.name).toBe("completed");
    expect(fold(story.events)).toEqual(story.state);
  });

  test("fails its attempt where nobody is asked, is told so, and ends blocked when it persists", () => {
    const story = begun("all");
    for (let attempt = 0; attempt < 3; attempt += 1) checked(story);
    expect(story.all("attempt.failed").map(({ reason }) => reason.includes("a.test.ts:3"))).toEqual([true, true, true]);
    expect(story.ticket("T-001").stage).toMatchObject({ name: "blocked" });
    expect(story.all("gate.opened").filter(({ kind }) => kind === "merge")).toEqual([]);
    expect(story.all("merge.started")).toEqual([]);
  });

  test("is no longer asked about, and has failed, once the level asks for nothing", () => {
    const story = offered(checked(begun("guarded")));
    story.do({ type: "start_engine", version: "1", pid: 2, settings: at("all") });
    expect(story.all("gate.withdrawn")).toHaveLength(1);
    expect(story.effects()).toEqual(["offer_merge T-001"]);
    offered(story);
    expect(story.last("attempt.failed")).toMatchObject({ cause: "check", attempt: 1 });
    expect(story.all("merge.started")).toEqual([]);
  });

  test("does not ask once it no longer does", () => {
    const story = checked(begun("guarded"), []);
    expect(story.effects()).toEqual(["merge_ticket T-001"]);
  });
});

describe("files that act on a person's machine", () => {
  test("are said in the merge's reason, and open no gate by themselves", () => {
    const story = checked(begun("manual"), [], ["Makefile holds commands that you run"]);
    expect(openGate(offered(story), "merge").reason).toEndWith("Makefile holds commands that you run.");
    expect(checked(begun("guarded"), [], ["Makefile holds commands that you run"]).effects()).toEqual([
      "merge_ticket T-001",
    ]);
  });

  test.each([
    [".github/workflows/ci.yml", "GitHub"],
    [".vscode/tasks.json", "editor"],
    [".claude/settings.json", "agents"],
    ["packages/a/.mcp.json", "agents"],
    ["CLAUDE.md", "agents"],
    [".envrc", "environment"],
    [".env.local", "environment"],
    ["package-lock.json", "packages"],
    ["Makefile", "commands"],
    ["docker/Dockerfile", "containers"],
    ["bunfig.toml", "Bun"],
    [".husky/pre-commit", "hook"],
    [".gitmodules", "git"],
  ])("%s", (path, word) => {
    const diff = `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`;
    expect(hostFlags(parseDiff(diff)).join()).toContain(word);
  });

  test.each([
    ["a new link", "new file mode 120000\nindex 0..2", "symbolic link"],
    ["a new mode", "old mode 100644\nnew mode 100755", "executable"],
    ["a submodule", "new file mode 160000\nindex 0..2", "submodule"],
    ["a binary", "index 1..2 100644\nBinary files a/x and b/x differ", "binary"],
  ])("%s", (_name, head, word) => {
    expect(hostFlags(parseDiff(`diff --git a/x b/x\n${head}\n`)).join()).toContain(word);
  });

  test("are named as they are, also with unusual characters", () => {
    const diff =
      'diff --git "a/\\303\\274/.env" "b/\\303\\274/.env"\nnew file mode 100644\n--- /dev/null\n+++ "b/\\303\\274/.env"\n@@ -0,0 +1 @@\n+A=1\n';
    expect(hostFlags(parseDiff(diff))[0]).toStartWith("ü/.env ");
  });

  test("are scripts of a package, not its dependencies", () => {
    const lines = (line: string) =>
      `diff --git a/package.json b/package.json\nindex 1..2 100644\n@@ -1 +1 @@\n+${line}\n`;
    expect(hostFlags(parseDiff(lines('    "postinstall": "node steal.js"')))).toHaveLength(1);
    expect(hostFlags(parseDiff(lines('    "zod": "^4.0.0"')))).toEqual([]);
  });
});
