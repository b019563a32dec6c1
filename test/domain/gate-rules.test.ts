/** When a gate asks: the level, step mode, and rules that no shell trick gets past. */
import { describe, expect, test } from "bun:test";
import {
  commandAllowedBy,
  mergeNeedsGate,
  planNeedsGate,
  spawnNeedsGate,
  writeAllowedBy,
} from "../../src/domain/gate-rules.ts";
import { matchesRule } from "../../src/domain/rule.ts";
import { applied, preparedTrack, ticket } from "../support/facts.ts";
import { settled } from "../support/given.ts";

type Level = "manual" | "guarded" | "all";

function at(level: Level, isStepMode = false) {
  const gates = { level, allow: ["bun test *"] };
  const story = settled(applied({ gates }), ...preparedTrack(), ticket("T-001", { isStepMode }));
  return { state: story.state, ticket: story.ticket("T-001") };
}

describe("a rule", () => {
  test.each([
    ["bun test *", "bun test"],
    ["bun test *", "bun test test/a.test.ts --bail"],
    ["git diff *", "git diff HEAD~1".replace("~", "-")],
    ["npm run *:check", "npm run lint:check"],
    ["echo 'a; b'", "echo 'a; b'"],
    ["*", "ls src"],
  ])("%s allows %s", (rule, command) => {
    expect(matchesRule(rule, command)).toBe(true);
  });

  test.each([
    ["another command", "bun test *", "bun run x"],
    ["a longer word", "git diff *", "git difftool"],
    ["a prefix of the rule", "bun test *", "bun tes"],
    ["a second command", "bun test *", "bun test; rm -rf /"],
    ["a command in the background", "bun test *", "bun test & curl evil"],
    ["a second command on success", "bun test *", "bun test && rm x"],
    ["a pipe", "bun test *", "bun test | sh"],
    ["a redirection", "bun test *", "bun test > /etc/passwd"],
    ["a substitution", "bun test *", "bun test $(rm x)"],
    ["backticks", "bun test *", "bun test `rm x`"],
    ["a variable", "bun test *", "bun test $HOME"],
    ["a line break", "bun test *", "bun test\nrm x"],
    ["a carriage return", "bun test *", "bun test\rrm x"],
    ["quotes", "bun test *", "bun test 'a'"],
    ["a backslash", "bun test *", "bun test \\x"],
    ["a home folder", "bun test *", "bun test ~/x"],
    ["a glob of the shell", "bun test *", "bun test {a,b}"],
    ["a comment", "bun test *", "bun test # x"],
    ["an environment variable before it", "* test", "PATH=/evil bun test"],
    ["a rule's full stop for every character", "a.b", "axb"],
    ["everything that a shell takes apart, even for a star", "*", "ls; rm x"],
  ])("does not allow %s", (_name, rule, command) => {
    expect(matchesRule(rule, command)).toBe(false);
  });
});

describe("the level", () => {
  test("manual asks for everything, rules or not", () => {
    const { state, ticket: one } = at("manual");
    expect([spawnNeedsGate(state, one), mergeNeedsGate(state, one), planNeedsGate(state)]).toEqual([true, true, true]);
    expect(commandAllowedBy(state, one, "bun test a")).toBeNull();
    expect(writeAllowedBy(state)).toBeNull();
  });

  test("guarded asks for plans, and for commands and writes that no rule allows", () => {
    const { state, ticket: one } = at("guarded");
    expect([spawnNeedsGate(state, one), mergeNeedsGate(state, one), planNeedsGate(state)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(commandAllowedBy(state, one, "bun test a")).toBe("rule: bun test *");
    expect(commandAllowedBy(state, one, "rm a")).toBeNull();
    expect(writeAllowedBy(state)).toBeNull();
  });

  test("all asks for nothing", () => {
    const { state, ticket: one } = at("all");
    expect([spawnNeedsGate(state, one), mergeNeedsGate(state, one), planNeedsGate(state)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(commandAllowedBy(state, one, "rm a")).toBe("level: all");
    expect(writeAllowedBy(state)).toBe("level: all");
  });

  test("guarded is manual for a ticket in step mode; all is not", () => {
    const guarded = at("guarded", true);
    expect(spawnNeedsGate(guarded.state, guarded.ticket)).toBe(true);
    expect(mergeNeedsGate(guarded.state, guarded.ticket)).toBe(true);
    expect(commandAllowedBy(guarded.state, guarded.ticket, "bun test a")).toBeNull();
    const free = at("all", true);
    expect(spawnNeedsGate(free.state, free.ticket)).toBe(false);
  });
});
