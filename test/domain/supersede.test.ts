/** What was approved and is not so any more does not run: its gate is superseded, and a new one says what changed. */
import { describe, expect, test } from "bun:test";
import { fold } from "../../src/domain/evolve.ts";
import { type Json, payloadHash, type Surroundings } from "../../src/domain/gate.ts";
import { gate, guarded, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { settled } from "../support/given.ts";
import { approve, beginOf, callTool, offer, openGate, surroundings, work } from "./steps.ts";

function asked(settings = guarded()) {
  const story = settled(settings, ...preparedTrack(), ticket("T-001"));
  const agentId = work(story, "T-001");
  return { story, agentId, toolCallId: callTool(story, agentId, "bash", { command: "make" }) };
}

describe("a command", () => {
  test("is shown with its variables' names, its sandbox and the tree that it would meet", () => {
    const { story } = asked();
    expect(openGate(story, "command").payload).toEqual({ command: "make", cwd: "worktrees/T-001", ...surroundings });
  });

  test("waits as requested until that is known, over a crash too", () => {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    const agentId = work(story, "T-001");
    const call = { type: "request_tool", agentId, toolCallId: "c", name: "bash", input: { command: "make" } } as const;
    story.do(call);
    const before = story.effects();
    expect(before).toContain("offer_command c");
    story.do({ type: "start_engine", version: "1", pid: 2, settings: story.state.settings }, call);
    expect(story.effects()).toEqual(before);
    expect(offer(story, "c").all("gate.opened").length).toBe(1);
    expect(story.refusal({ type: "offer_command", toolCallId: "c", surroundings }).code).toBe("conflict");
  });

  const sandbox = { ...surroundings.sandbox, network: true };
  test.each<[string, Partial<Surroundings>, string | null, string]>([
    [
      "files",
      { treeHash: "other" },
      "src/a.ts changed since you looked: +3 -1 lines.",
      "src/a.ts changed since you looked: +3 -1 lines.",
    ],
    ["files that nobody can name", { treeHash: "other" }, null, "Files in the worktree changed since you looked."],
    [
      "the sandbox",
      { sandbox },
      null,
      "The sandbox is now: bubblewrap, it can write in the ticket's worktree only, the",
    ],
    ["its variables", { environment: ["HOME", "SECRET"] }, null, "gets SECRET besides and no longer gets PATH."],
  ])("does not run when its %s changed", (_what, changes, treeChange, words) => {
    const { story, toolCallId } = asked();
    const first = approve(story, "command").last("gate.opened");
    story.do(beginOf(toolCallId, changes, treeChange));
    const second = openGate(story, "command");
    expect(story.all("command.started")).toEqual([]);
    expect(second.reason).toContain(words);
    expect(second.payload).toEqual({ command: "make", cwd: "worktrees/T-001", ...surroundings, ...changes });
    expect(story.state.gates.get(first.gateId)).toMatchObject({
      status: "superseded",
      decision: "approve",
      supersededBy: second.gateId,
    });
    expect(fold(story.events)).toEqual(story.state);
    approve(story, "command").do(beginOf(toolCallId, changes));
    expect(story.last("command.started")).toMatchObject({ command: "make", allowedBy: `gate ${second.gateId}` });
  });

  test("that a person edited is shown again as edited, and the worker hears of it", () => {
    const { story, toolCallId } = asked();
    approve(story, "command", { command: "make less", cwd: "worktrees/T-001" });
    story.do(beginOf(toolCallId, { treeHash: "other" }));
    expect(openGate(story, "command").payload).toMatchObject({ command: "make less" });
    approve(story, "command").do(beginOf(toolCallId, { treeHash: "other" }));
    expect(story.last("command.started")).toMatchObject({ command: "make less", isEdited: true });
  });

  test("that a rule allows by now runs by that rule, whatever changed", () => {
    const { story, toolCallId } = asked();
    approve(story, "command");
    const settings = { ...story.state.settings, gates: { level: "guarded" as const, allow: ["make"] } };
    story.do({ type: "start_engine", version: "1", pid: 2, settings }, beginOf(toolCallId, { treeHash: "other" }));
    expect(story.last("command.started").allowedBy).toBe("rule: make");
  });

  test("whose outcome a crash hid is held to what was shown too", () => {
    const { story, agentId, toolCallId } = asked();
    approve(story, "command").do(beginOf(toolCallId));
    story.do({ type: "start_engine", version: "1", pid: 2, settings: story.state.settings });
    story.do({ type: "request_tool", agentId, toolCallId, name: "bash", input: { command: "make" } });
    approve(offer(story, toolCallId), "unknown").do(beginOf(toolCallId, { treeHash: "other" }));
    expect(story.all("command.started").length).toBe(1);
    expect(openGate(story, "unknown").payload).toMatchObject({ treeHash: "other", startedAt: expect.any(String) });
  });

  test("from a log of before, which says nothing of its surroundings, is answered and run", () => {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    const agentId = work(story, "T-001");
    const owner = { trackId, ticketId: "T-001", agentId, toolCallId: "old", timeoutMs: 1000 };
    story.tell(gate("G-0009", "command", { command: "make", cwd: "worktrees/T-001" }, owner));
    approve(story, "command").do(beginOf("old", { treeHash: "whatever" }));
    expect(story.last("command.started")).toMatchObject({ command: "make", allowedBy: "gate G-0009" });
  });
});

describe("an edit", () => {
  test("by someone who knows only the contract's fields keeps what was shown besides", () => {
    const { story } = asked();
    const edited = { command: "make less", cwd: "worktrees/T-001" };
    approve(story, "command", edited);
    const payload: Json = { ...edited, ...surroundings };
    expect(story.last("gate.approved")).toMatchObject({ payload, payloadHash: payloadHash(payload), isEdited: true });
  });

  test("that repeats only the contract's fields is none", () => {
    const { story } = asked();
    approve(story, "command", { command: "make", cwd: "worktrees/T-001" });
    expect(story.last("gate.approved").isEdited).toBe(false);
  });

  test.each(["environment", "sandbox", "treeHash"])("cannot say something else of the %s", (field) => {
    const { story } = asked();
    const { gateId, payloadHash: hash, payload } = openGate(story, "command");
    const edited: Json = { ...Object(payload), [field]: field === "treeHash" ? "other" : [] };
    const command = { type: "approve_gate", gateId, payloadHash: hash, payload: edited, by: "p" } as const;
    expect(story.refusal(command).code).toBe("invalid");
  });
});

describe("a decision on a superseded gate", () => {
  test("names the last of a line of new ones, and what that one is where it waits no more", () => {
    const { story, toolCallId } = asked();
    const { gateId, payloadHash: hash } = openGate(story, "command");
    for (const treeHash of ["second", "third"])
      approve(story, "command").do(beginOf(toolCallId, { treeHash }, "a changed."));
    const { gateId: last } = openGate(story, "command");
    const refused = () => story.refusal({ type: "approve_gate", gateId, payloadHash: hash, by: "p" }).message;
    expect(refused()).toEndWith(`Look at ${last} instead; nothing ran.`);
    approve(story, "command");
    expect(refused()).toEndWith(`Look at ${last} instead, which is approved; nothing ran.`);
  });

  test("is refused with words that name the new one", () => {
    const { story, toolCallId } = asked();
    const { gateId, payloadHash: hash } = openGate(story, "command");
    approve(story, "command").do(beginOf(toolCallId, { treeHash: "other" }, "a changed."));
    for (const type of ["approve_gate", "decline_gate"] as const) {
      const refusal = story.refusal({ type, gateId, payloadHash: hash, reason: "", by: "p" });
      expect(refusal.code).toBe("conflict");
      expect(refusal.message).toBe(
        `The gate ${gateId} is superseded. a changed. Look at ${openGate(story, "command").gateId} instead; nothing ran.`,
      );
    }
  });
});
