/** Rules that a person writes while the engine runs: what they open, what they never open, and what they would have allowed. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { matchesRule, proposedPattern } from "../../src/domain/rule.ts";
import { addAsked, ruleRows, wouldAllow } from "../../src/projections/view-rules.ts";
import { applied, bare, gate, guarded, preparedTrack, ticket } from "../support/facts.ts";
import { given, type Story, settled } from "../support/given.ts";
import { beginOf, callTool, openGate, work } from "./steps.ts";

const addRule = (pattern: string) => ({ type: "add_rule", pattern, by: "person" }) as const;
const added = (pattern: string, ruleId = "R-001") => ({ type: "rule.added", ruleId, pattern, by: "person" }) as const;

function working(...settings: readonly Parameters<typeof settled>[0][]): { story: Story; agentId: string } {
  const story = settled(...(settings.length > 0 ? settings : [guarded()]), ...preparedTrack(), ticket("T-001"));
  return { story, agentId: work(story, "T-001") };
}

const ask = (story: Story, agentId: string, command: string) => callTool(story, agentId, "bash", { command });

describe("a rule that was added", () => {
  test("lets a later command like it start without a gate, in its own name", () => {
    const { story, agentId } = working();
    story.do(addRule("bun test *"));
    const toolCallId = ask(story, agentId, "bun test test/a.test.ts");
    expect(story.all("gate.opened")).toEqual([]);
    expect(story.last("command.started")).toMatchObject({ toolCallId, allowedBy: "rule R-001: bun test *" });
  });

  test("opens the cards of such commands that wait, with the payload hash of each, and no other", () => {
    const { story, agentId } = working();
    const [first, second] = [ask(story, agentId, "bun test a"), ask(story, agentId, "rm a")];
    const waiting = [...story.state.gates.values()][0];
    story.do(addRule("bun test *"));
    const { gateId, payloadHash, by, isEdited } = story.last("gate.approved");
    expect([gateId, payloadHash]).toEqual([waiting?.gateId ?? "", waiting?.payloadHash ?? ""]);
    expect([by, isEdited]).toEqual(["rule R-001: bun test *", false]);
    expect(story.state.toolCalls.get(first)?.status).toBe("allowed");
    expect(story.state.toolCalls.get(second)?.status).toBe("gated");
    story.do(beginOf(first));
    expect(ruleRows(story.state, (pattern) => wouldAllow(new Map(), pattern))[0]?.openedCount).toBe(1);
  });

  test("asks again once it is revoked, and stays on record with who revoked it", () => {
    const { story, agentId } = working();
    story.do(addRule("bun test *"), { type: "revoke_rule", ruleId: "R-001", by: "person" });
    ask(story, agentId, "bun test a");
    expect(openGate(story, "command").payload).toMatchObject({ command: "bun test a" });
    expect(story.state.rules.get("R-001")).toMatchObject({ pattern: "bun test *", revokedBy: "person" });
  });

  test.each(["manual", "step mode"])("opens nothing at %s: that asks for everything", (kind) => {
    const settings = kind === "manual" ? applied() : guarded();
    const story = settled(settings, ...preparedTrack(), ticket("T-001", { isStepMode: kind === "step mode" }));
    const agentId = work(story, "T-001");
    ask(story, agentId, "bun test a");
    story.do(addRule("bun test *"));
    ask(story, agentId, "bun test b");
    expect(story.all("gate.approved").filter(({ kind: gateKind }) => gateKind === "command")).toEqual([]);
    expect(story.all("gate.opened").filter(({ kind: gateKind }) => gateKind === "command").length).toBe(2);
  });

  test.each(["bun test; rm x", "bun test $(rm x)", "bun test | sh", "bun test\nrm x", "A=1 bun test"])(
    "never lets %j through",
    (command) => {
      const { story, agentId } = working();
      story.do(addRule("bun test *"), addRule("bun *"));
      ask(story, agentId, command);
      expect(openGate(story, "command").payload).toMatchObject({ command });
    },
  );

  test("never opens a card about an outcome that nobody knows", () => {
    const payload = { command: "bun test a", cwd: ".", startedAt: "2026-01-01T00:00:00.000Z" };
    const facts = [
      guarded(),
      ...preparedTrack(),
      ticket("T-001"),
      gate("G-1", "unknown", payload, { ticketId: "T-001" }),
    ];
    given(...facts)
      .when(addRule("bun test *"))
      .then(added("bun test *"));
  });
});

describe("a rule", () => {
  test("is refused when it is empty, names no program, or says what another says", () => {
    given(bare()).when(addRule("  ")).then({ code: "invalid" });
    given(bare()).when(addRule("*")).then({ code: "invalid" });
    given(bare()).when(addRule("b* test")).then({ code: "invalid" });
    given(bare(), added("ls *")).when(addRule("ls *")).then({ code: "conflict" });
    given(applied({ gates: { level: "guarded", allow: ["ls *"] } }))
      .when(addRule("ls *"))
      .then({ code: "conflict" });
  });

  test("is revoked once, and can be written again", () => {
    const revoke = { type: "revoke_rule", ruleId: "R-001", by: "person" } as const;
    const revoked = { type: "rule.revoked", ruleId: "R-001", by: "person" } as const;
    given().when(revoke).then({ code: "not_found" });
    given(added("ls *"), revoked).when(revoke).then({ code: "conflict" });
    given(added("ls *"), revoked).when(addRule("ls *")).then(added("ls *", "R-002"));
  });

  test("of a long pattern costs no more than the command's length", () => {
    const startMs = performance.now();
    expect(matchesRule(`x ${"a*".repeat(40)}b`, `x ${"a".repeat(200_000)}`)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test.each([
    ["bun test test/a.test.ts --bail", "bun test *"],
    ["npm run lint -- --fix", "npm run lint *"],
    ["git diff HEAD", "git diff *"],
    ["git diff", "git diff *"],
    ["rm -rf dist", "rm -rf dist"],
    ["node -e 1", "node -e 1"],
    ["make", "make"],
    ["bun test; rm x", "bun test; rm x"],
  ])("is proposed for %j as %j, and allows that command", (command, pattern) => {
    expect(proposedPattern(command)).toBe(pattern);
    expect(matchesRule(pattern, command)).toBe(true);
  });
});

test("what a rule would have allowed is what it lets through when the same is asked again", () => {
  const word = fc.constantFrom("bun", "test", "run", "git", "diff", "-x", "a/b", ";", "$HOME", "*", "rm");
  const command = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), command, (commands, like) => {
      const pattern = proposedPattern(like);
      const { story, agentId } = working();
      for (const each of commands) ask(story, agentId, each);
      const asked = new Map();
      addAsked(asked, story.events);
      const again = working();
      if (pattern.split(" ")[0]?.includes("*")) return;
      again.story.do(addRule(pattern));
      for (const each of commands) ask(again.story, again.agentId, each);
      const allowed = again.story.all("command.started").length;
      expect(wouldAllow(asked, pattern)).toMatchObject({ matchedCount: allowed, askedCount: commands.length });
    }),
    { numRuns: 60 },
  );
});
