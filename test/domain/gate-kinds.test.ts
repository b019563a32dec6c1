/** What the answer at each kind of gate brings about, from a worker's start to a phase's checkpoint. */
import { describe, expect, test } from "bun:test";
import { applied, bare, guarded, preparedTrack, ticket, track, trackId } from "../support/facts.ts";
import { known, type Story, settled } from "../support/given.ts";
import {
  approve,
  beginOf,
  beginTechLead,
  callTool,
  check,
  complete,
  decline,
  finish,
  openGate,
  prepare,
  work,
} from "./steps.ts";

function planned(...facts: ReturnType<typeof ticket>[]): Story {
  return settled(guarded(), ...preparedTrack(), ...(facts.length > 0 ? facts : [ticket("T-001")]));
}

describe("a worker's start", () => {
  function prepared() {
    const story = settled(applied(), ...preparedTrack(), ticket("T-001"));
    return prepare(story, "T-001");
  }

  test("waits for its gate at level manual, before any token is spent", () => {
    const story = prepared();
    expect(story.effects()).toEqual([]);
    expect(openGate(story, "spawn").payload).toMatchObject({ prompt: "Do T-001.", model: "claude-haiku-5-5" });
    const begin = { type: "begin_agent", role: "worker", purpose: "work", streamId: "Tier 3 (Worker): T-001" } as const;
    const agent = {
      trackId,
      ticketId: "T-001",
      attempt: 1,
      model: "m",
      provider: "p",
      maxTokens: 1,
      system: "",
      message: [],
    };
    expect(story.refusal({ ...begin, ...agent }).code).toBe("conflict");
  });

  test("takes prompt, context and model from the edited payload", () => {
    const story = prepared();
    approve(story, "spawn", { prompt: "Do less.", context: "", model: "another-model" });
    expect(story.ticket("T-001").stage).toMatchObject({
      name: "spawning",
      prompt: "Do less.",
      model: "another-model",
      isAllowed: true,
    });
    expect(story.ticket("T-001").attempts[0]?.model).toBe("another-model");
    expect(story.effects()).toEqual(["begin_worker T-001"]);
  });

  test("that a person declines blocks the ticket with the words", () => {
    const story = decline(prepared(), "spawn", "Not today.");
    expect(story.ticket("T-001").stage).toMatchObject({
      name: "blocked",
      reason: expect.stringContaining("Not today."),
    });
  });
});

describe("a command", () => {
  function asked(command = "rm -rf dist") {
    const story = planned();
    const agentId = work(story, "T-001");
    return { story, toolCallId: callTool(story, agentId, "bash", { command, timeout_ms: 5_000_000 }), agentId };
  }

  test("runs as it was approved, byte for byte, once, with a bounded time", () => {
    const { story, toolCallId } = asked();
    approve(story, "command", { command: "rm -rf  dist/old\n", cwd: "worktrees/T-001/sub" });
    expect(story.effects()).toContain(`run_command ${toolCallId}`);
    story.do(beginOf(toolCallId));
    expect(story.last("command.started")).toMatchObject({
      command: "rm -rf  dist/old\n",
      cwd: "worktrees/T-001/sub",
      isEdited: true,
      timeoutMs: 600_000,
    });
    expect(story.refusal(beginOf(toolCallId)).code).toBe("conflict");
  });

  test("tells the model what a person made of it, and how it ended", () => {
    const { story, toolCallId } = asked();
    approve(story, "command", { command: "ls", cwd: "worktrees/T-001" });
    story.do(beginOf(toolCallId));
    story.do({
      type: "record_command",
      toolCallId,
      exitCode: 2,
      isTimedOut: false,
      durationMs: 1,
      output: "no such file",
    });
    const answer = known(story.state.toolCalls.get(toolCallId)?.answer, "answer");
    expect(answer.text).toBe("A person changed the command. What ran:\nls\n\nExit code 2.\nno such file");
    expect(answer.isError).toBe(true);
  });

  test("that is declined never runs, and its words are the answer", () => {
    const { story, toolCallId } = asked();
    decline(story, "command", "Use the trash.");
    expect(story.effects().filter((effect) => effect.startsWith("run_command"))).toEqual([]);
    expect(story.refusal(beginOf(toolCallId)).code).toBe("conflict");
    expect(story.state.toolCalls.get(toolCallId)?.answer?.text).toContain("Use the trash.");
  });

  test("that a rule allows starts at once, and says by which rule", () => {
    const story = settled(
      guarded({ gates: { level: "guarded", allow: ["bun test *"] } }),
      ...preparedTrack(),
      ticket("T-001"),
    );
    callTool(story, work(story, "T-001"), "bash", { command: "bun test a" });
    expect(story.last("command.started")).toMatchObject({ command: "bun test a", allowedBy: "rule: bun test *" });
  });

  test("of an agent that is no worker is refused", () => {
    const story = settled(bare(), ...preparedTrack());
    const agentId = beginTechLead(story, trackId);
    const command = { type: "request_tool", agentId, toolCallId: "x", name: "bash", input: { command: "ls" } } as const;
    expect(story.refusal(command).code).toBe("invalid");
  });
});

describe("a write outside the target files", () => {
  test("is done with the approved text", () => {
    const story = planned();
    const toolCallId = callTool(story, work(story, "T-001"), "write", { path: "README.md", content: "a" });
    approve(story, "write", { path: "README.md", content: "b" });
    expect(story.last("write.allowed")).toMatchObject({ path: "README.md", isEdited: true, toolCallId });
    expect(story.state.toolCalls.get(toolCallId)).toMatchObject({
      status: "allowed",
      payload: { path: "README.md", content: "b" },
    });
  });

  test("is not done when it is declined", () => {
    const story = planned();
    const toolCallId = callTool(story, work(story, "T-001"), "write", { path: "README.md", content: "a" });
    decline(story, "write", "Leave it.");
    expect(story.all("write.allowed")).toEqual([]);
    expect(story.state.toolCalls.get(toolCallId)?.answer?.text).toContain("Leave it.");
  });
});

describe("a merge", () => {
  function queued(): Story {
    const story = settled(applied({ review: { qa: false, techLead: false } }), ...preparedTrack(), ticket("T-001"));
    finish(story, "T-001");
    check(story, "T-001", 0);
    expect(story.effects()).toEqual(["offer_merge T-001"]);
    return story.do({
      type: "offer_merge",
      ticketId: "T-001",
      commit: "ticket-commit",
      trackCommit: "base",
      resultTree: "tree",
      diff: "+hello",
    });
  }

  test("waits for its gate, then enters the queue", () => {
    const story = queued();
    expect(story.effects()).toEqual([]);
    approve(story, "merge");
    expect(story.effects()).toEqual(["merge_ticket T-001"]);
  });

  test("that is declined is another attempt, which hears why", () => {
    const story = decline(queued(), "merge", "Too clever.");
    expect(story.ticket("T-001").attempts[0]?.failure).toMatchObject({
      cause: "declined",
      reason: expect.stringContaining("Too clever."),
    });
    expect(story.ticket("T-001").stage.name).toBe("preparing");
  });
});

describe("a conflict", () => {
  function conflicted(): Story {
    const story = planned();
    finish(story, "T-001");
    check(story, "T-001", 0);
    return story.do({ type: "record_conflict", ticketId: "T-001", files: ["src/a.ts"] });
  }

  test("when approved, is done again on the track as it is now", () => {
    const story = approve(conflicted(), "conflict");
    expect(story.last("attempt.failed")).toMatchObject({ cause: "conflict", isFresh: true });
    expect(story.last("attempt.started")).toMatchObject({ attempt: 2, isFresh: true });
  });

  test("when declined, blocks the ticket", () => {
    const story = decline(conflicted(), "conflict", "I will do it.");
    expect(story.ticket("T-001").stage).toMatchObject({
      name: "blocked",
      reason: expect.stringContaining("I will do it."),
    });
  });

  test("at level all, is done again without asking", () => {
    const story = settled(bare(), ...preparedTrack(), ticket("T-001"));
    finish(story, "T-001");
    check(story, "T-001", 0);
    story.do({ type: "record_conflict", ticketId: "T-001", files: ["src/a.ts"] });
    expect(story.last("attempt.started")).toMatchObject({ attempt: 2, isFresh: true });
  });
});

describe("a checkpoint", () => {
  function atCheckpoint(): Story {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"), ticket("T-002", { phase: "Second" }));
    story.tell(applied({ gates: { level: "manual", allow: [] }, review: { qa: false, techLead: false } }));
    return complete2(story, "T-001");
  }

  /** A ticket to its merge at level manual. */
  function complete2(story: Story, ticketId: string): Story {
    finish(story, ticketId);
    check(story, ticketId, 0);
    story.do({
      type: "offer_merge",
      ticketId,
      commit: "ticket-commit",
      trackCommit: "base",
      resultTree: "tree",
      diff: "",
    });
    approve(story, "merge");
    story.do({ type: "begin_merge", ticketId, trackCommit: "base", ticketCommit: "ticket-commit", resultTree: "tree" });
    check(story, ticketId, 0, "merged");
    return story.do({ type: "record_merge", ticketId, commit: "merge", treeHash: "tree" });
  }

  test("asks once for each phase whose tickets are merged", () => {
    const story = atCheckpoint();
    expect(openGate(story, "checkpoint").payload).toMatchObject({ phase: "Phase", tickets: ["T-001: Title of T-001"] });
    approve(story, "checkpoint");
    expect(story.track(trackId).checkpoints).toEqual({ Phase: "merge" });
    complete2(story, "T-002");
    approve(story, "checkpoint");
    expect(story.track(trackId).status).toBe("completed");
  });

  test("that is declined stops the track: nothing of it is left running or waiting", () => {
    const story = decline(atCheckpoint(), "checkpoint", "It does not greet.");
    expect(story.track(trackId)).toMatchObject({
      status: "blocked",
      reason: expect.stringContaining("It does not greet."),
    });
    expect(story.ticket("T-002").stage.name).toBe("blocked");
    expect(story.effects()).toEqual([]);
  });

  test("that was declined asks again when the blocked ticket is retried", () => {
    const story = decline(atCheckpoint(), "checkpoint");
    story.do({ type: "retry_ticket", ticketId: "T-002", by: "person" });
    expect(openGate(story, "checkpoint").payload).toMatchObject({ phase: "Phase" });
  });

  test("of the last phase asks again when its track is started again", () => {
    const story = approve(atCheckpoint(), "checkpoint");
    decline(complete2(story, "T-002"), "checkpoint");
    story.do({ type: "start_track", trackId });
    approve(story, "checkpoint");
    expect(story.track(trackId).status).toBe("completed");
  });

  test("is recorded without asking at the other levels", () => {
    const story = complete(planned(), "T-001");
    expect(story.last("checkpoint.recorded")).toMatchObject({ phase: "Phase", by: "level: guarded" });
  });

  test("of two tracks at once are two gates", () => {
    const facts = [...preparedTrack(), ...preparedTrack({ trackId: "other_20260101" })];
    const other = ticket("T-002", { trackId: "other_20260101" });
    const story = settled(
      ...facts,
      { type: "engine.paused", by: "p" },
      ticket("T-001"),
      other,
      track({ trackId: "third" }),
    );
    const skip = (ticketId: string, id: string) =>
      ({ type: "ticket.skipped", ticketId, trackId: id, reason: "" }) as const;
    story.write(skip("T-001", trackId), skip("T-002", "other_20260101")).settle();
    expect(story.all("gate.opened").map((event) => event.gateId)).toEqual(["G-0001", "G-0002"]);
  });
});
