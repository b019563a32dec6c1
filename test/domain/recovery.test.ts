/** A process may die at any moment: what it left open is said, nothing runs twice unasked, and the rest goes on. */
import { describe, expect, test } from "bun:test";
import { fold } from "../../src/domain/evolve.ts";
import { bare, guarded, preparedTrack, settingsWith, ticket } from "../support/facts.ts";
import { given, type Story, settled } from "../support/given.ts";
import {
  approve,
  beginOf,
  beginQa,
  callTool,
  check,
  decline,
  finish,
  offer,
  openGate,
  prepare,
  work,
} from "./steps.ts";

const start = { type: "start_engine", version: "1", pid: 7 } as const;

function crash(story: Story): Story {
  return story.do({ ...start, settings: story.state.settings });
}

describe("a start", () => {
  test("says which process it is, and which settings hold", () => {
    const settings = settingsWith();
    given()
      .when({ ...start, settings })
      .then({ type: "engine.started", pid: 7, hasRecovered: false }, { type: "settings.applied", settings });
  });

  test("does not repeat settings that have not changed", () => {
    given(guarded())
      .when({ ...start, settings: settled(guarded()).state.settings })
      .then({ type: "engine.started", hasRecovered: false });
  });

  test("after a crash says that there is something to recover, and goes on with it", () => {
    const story = settled(bare(), ...preparedTrack(), ticket("T-001"));
    const agentId = work(story, "T-001");
    expect(crash(story).last("engine.started").hasRecovered).toBe(true);
    expect(story.effects()).toEqual([`run_agent ${agentId}`]);
  });
});

describe("every stage goes on after a crash with the effect that it had", () => {
  const stages: [string, (story: Story) => void][] = [
    ["preparing", () => undefined],
    ["spawning", (story) => prepare(story, "T-001")],
    ["working", (story) => work(story, "T-001")],
    ["checking", (story) => finish(story, "T-001")],
    [
      "diagnosing",
      (story) => {
        finish(story, "T-001");
        check(story, "T-001", 1);
      },
    ],
    [
      "diagnosing",
      (story) => {
        finish(story, "T-001");
        check(story, "T-001", 1);
        beginQa(story, "T-001", "diagnosis");
      },
    ],
    [
      "queued",
      (story) => {
        finish(story, "T-001");
        check(story, "T-001", 0);
      },
    ],
  ];
  test.each(stages)("%s", (name, reach) => {
    const story = settled(bare(), ...preparedTrack(), ticket("T-001"));
    reach(story);
    const before = story.effects();
    expect<string>(story.ticket("T-001").stage.name).toBe(name);
    expect(before.length).toBe(1);
    expect(crash(story).effects()).toEqual(before);
    expect(fold(story.events)).toEqual(story.state);
  });
});

describe("a command that ran when the process died", () => {
  function lost(settings = guarded()) {
    const story = settled(settings, ...preparedTrack(), ticket("T-001"));
    const agentId = work(story, "T-001");
    const toolCallId = callTool(story, agentId, "bash", { command: "make deploy" });
    if (story.state.settings.gates.level !== "all") {
      approve(story, "command");
      story.do(beginOf(toolCallId));
    }
    crash(story);
    const again = {
      type: "request_tool",
      agentId,
      toolCallId,
      name: "bash",
      input: { command: "make deploy" },
    } as const;
    story.do(again);
    if (story.effects().includes(`offer_command ${toolCallId}`)) offer(story, toolCallId);
    return { story, agentId, toolCallId, again };
  }

  test("is not run again until a person says so", () => {
    const { story, toolCallId, again } = lost();
    expect(story.effects().filter((effect) => effect.startsWith("run_command"))).toEqual([]);
    expect(openGate(story, "unknown").payload).toMatchObject({ command: "make deploy", cwd: "worktrees/T-001" });
    story.do(again);
    approve(story, "unknown");
    expect(story.effects()).toContain(`run_command ${toolCallId}`);
    expect(story.do(beginOf(toolCallId)).last("command.started").command).toBe("make deploy");
  });

  test("is shown with the time at which it began", () => {
    const { story } = lost();
    expect(openGate(story, "unknown").payload).toMatchObject({ startedAt: story.last("command.started").at });
  });

  test("and that a person was asked about, is done again afresh when the next start asks about nothing", () => {
    const { story, agentId, again } = lost();
    const gate = openGate(story, "unknown");
    story.do({ ...start, settings: { ...story.state.settings, gates: { level: "all", allow: [] } } });
    expect(story.state.gates.get(gate.gateId)?.status).toBe("withdrawn");
    expect(story.last("attempt.failed")).toMatchObject({ cause: "interrupted", isFresh: true, isFinal: false });
    expect(story.last("attempt.started")).toMatchObject({ attempt: 2, isFresh: true });
    expect(story.effects()).toEqual(["prepare_attempt T-001"]);
    expect(story.refusal(again)).toMatchObject({ message: `The agent ${agentId} is no longer running.` });
  });

  test("when declined, is told to the worker in the person's words, and as unknown", () => {
    const { story, toolCallId } = lost();
    decline(story, "unknown", "It was deployed.");
    const text = story.state.toolCalls.get(toolCallId)?.answer?.text ?? "";
    expect(text).toContain("It was deployed.");
    expect(text).toContain("not known");
    expect(text).not.toContain("It was not done");
  });

  test("at level all, costs no retry: the ticket is done again in a fresh worktree", () => {
    const { story, agentId } = lost(bare());
    expect(story.last("attempt.failed")).toMatchObject({ cause: "interrupted", isFresh: true, isFinal: false });
    expect(story.last("attempt.started")).toMatchObject({ attempt: 2, isFresh: true, model: "claude-haiku-5-5" });
    expect(story.state.agents.get(agentId)?.status).toBe("failed");
  });

  test("keeps its gate over a second crash", () => {
    const { story, again } = lost();
    crash(story).do(again);
    expect(story.all("gate.opened").filter((event) => event.kind === "unknown").length).toBe(1);
    expect(openGate(story, "unknown").status).toBe("open");
  });
});

describe("what waits for a person", () => {
  test("waits still after a crash, and is asked once", () => {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
    const agentId = work(story, "T-001");
    const toolCallId = callTool(story, agentId, "bash", { command: "ls" });
    crash(story).do({ type: "request_tool", agentId, toolCallId, name: "bash", input: { command: "ls" } });
    expect(story.all("gate.opened").length).toBe(1);
    approve(story, "command");
    crash(story);
    expect(story.effects()).toContain(`run_command ${toolCallId}`);
  });
});

describe("a pause", () => {
  test("keeps running agents and begins nothing new", () => {
    const story = settled(bare(), ...preparedTrack(), ticket("T-001"), ticket("T-002"));
    const agentId = work(story, "T-001");
    story.do({ type: "pause_engine", by: "person" });
    expect(story.effects()).toEqual([`run_agent ${agentId}`]);
    story.do({ type: "end_agent", agentId, text: "Done." });
    expect(story.effects()).toEqual([]);
    expect(story.do({ type: "unpause_engine", by: "person" }).effects()).toEqual([
      "run_check T-001",
      "prepare_attempt T-002",
    ]);
  });

  test("twice is one fact", () => {
    given().when({ type: "pause_engine", by: "person" }).then({ type: "engine.paused", by: "person" });
    given({ type: "engine.paused", by: "person" }).when({ type: "pause_engine", by: "person" }).then();
    given().when({ type: "unpause_engine", by: "person" }).then();
  });

  test("lasts over a restart", () => {
    const story = settled(bare(), { type: "engine.paused", by: "person" });
    expect(crash(story).state.isPaused).toBe(true);
  });
});
