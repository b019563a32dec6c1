/** From a goal to tickets: tiers 1 and 2, their tries, and what becomes of tracks that need each other. */
import { describe, expect, test } from "bun:test";
import { idSource, trackIdFor } from "../../src/domain/ids.ts";
import { emptyState } from "../../src/domain/state.ts";
import { streamId } from "../../src/domain/stream-id.ts";
import {
  bare,
  epic,
  guarded,
  preparedTrack,
  ticket,
  ticketProposal,
  track,
  trackId,
  trackProposal,
} from "../support/facts.ts";
import { given, run, type Story, settled } from "../support/given.ts";
import { beginOrchestrator, beginTechLead, callTool, complete, failOnce, openGate } from "./steps.ts";

const other = "other_20260101";

describe("a goal", () => {
  test("starts a run and an epic", () => {
    given()
      .when({ type: "create_epic", goal: " Greet. ", isStarting: true })
      .then({ type: "run.started", epicId: "E-001" }, { type: "epic.created", epicId: "E-001", goal: "Greet." });
  });

  test("joins the run that is on", () => {
    given(epic())
      .when({ type: "create_epic", goal: "More.", isStarting: true })
      .then({ type: "epic.created", epicId: "E-002" });
  });

  test.each(["", " \n", "x".repeat(100_001)])("must be words, and not endless", (goal) => {
    given().when({ type: "create_epic", goal, isStarting: true }).then({ code: "invalid" });
  });

  test("asks for one orchestrator", () => {
    const story = settled(epic());
    expect(story.effects()).toEqual(["begin_orchestrator E-001"]);
    const agentId = beginOrchestrator(story);
    expect(story.effects()).toEqual([`run_agent ${agentId}`]);
    expect(() => beginOrchestrator(story)).toThrow("No agent is needed");
  });

  test("leaves its tracks to be started by hand when it says so", () => {
    const story = settled(bare(), epic({ isStarting: false }));
    callTool(story, beginOrchestrator(story), "propose_tracks", [trackProposal("a")]);
    expect(story.effects()).toEqual([]);
    story.do({ type: "start_track", trackId: "title_a_20260101" });
    expect(story.effects()).toEqual(["prepare_track title_a_20260101"]);
  });
});

describe("a proposal that breaks a rule", () => {
  test("goes back to the model with every fault, and the next one may be right", () => {
    const story = settled(guarded(), epic());
    const agentId = beginOrchestrator(story);
    const toolCallId = callTool(story, agentId, "propose_tracks", [trackProposal("a", { depends_on: ["x", "y"] })]);
    const { text } = story.state.toolCalls.get(toolCallId)?.answer ?? { text: "" };
    expect(text).toContain('"a" depends on "x", which does not exist');
    expect(text).toContain('"a" depends on "y", which does not exist');
    callTool(story, agentId, "propose_tracks", [trackProposal("a")]);
    expect(openGate(story, "tracks").reason).toBe("Tier 1 proposes 1 track for the goal.");
  });

  test("three times blocks the epic with the last faults", () => {
    const story = settled(guarded(), epic());
    const agentId = beginOrchestrator(story);
    for (let count = 0; count < 3; count += 1) callTool(story, agentId, "propose_tracks", "I cannot.");
    expect(story.state.epics.get("E-001")).toMatchObject({
      status: "blocked",
      reason: expect.stringContaining("3 times"),
    });
    expect(story.state.agents.get(agentId)?.status).toBe("failed");
    expect(story.effects()).toEqual([]);
  });

  test("three times blocks the track of a tech lead", () => {
    const story = settled(guarded(), ...preparedTrack());
    const agentId = beginTechLead(story, trackId);
    for (let count = 0; count < 3; count += 1) callTool(story, agentId, "propose_tickets", { tickets: [] });
    expect(story.track(trackId)).toMatchObject({ status: "blocked", reason: expect.stringContaining("tickets") });
    story.do({ type: "start_track", trackId });
    expect(story.effects()).toEqual([`begin_tech_lead ${trackId}`]);
  });
});

describe("an agent that ends without its answer", () => {
  test.each(["tracks", "tickets"] as const)("is not begun again for ever: %s", (purpose) => {
    const story = settled(bare(), epic(), ...preparedTrack());
    const agentId = purpose === "tracks" ? beginOrchestrator(story) : beginTechLead(story, trackId);
    story.do({ type: "end_agent", agentId, text: "I have nothing to propose." });
    const blocked = purpose === "tracks" ? story.state.epics.get("E-001") : story.track(trackId);
    expect(blocked).toMatchObject({
      status: "blocked",
      reason: `The model ended its turn without proposing ${purpose}.`,
    });
  });

  test("blocks what it was for when it failed, and its open gate is withdrawn", () => {
    const story = settled(guarded(), epic());
    const agentId = beginOrchestrator(story);
    callTool(story, agentId, "propose_tracks", [trackProposal("a")]);
    story.do({ type: "fail_agent", agentId, code: "provider", reason: "It died.", isRetryable: true });
    expect(story.state.epics.get("E-001")?.reason).toBe("It died.");
    expect(story.last("gate.withdrawn").reason).toBe("It died.");
  });
});

describe("a thread that dies", () => {
  test.each(["tracks", "tickets"] as const)(
    "has its agent begun anew, as often as a ticket is retried: %s",
    (purpose) => {
      const story = settled(bare(), epic(), ...preparedTrack());
      const start = () => (purpose === "tracks" ? beginOrchestrator(story) : beginTechLead(story, trackId));
      for (let count = 0; count < 3; count += 1)
        story.do({ type: "fail_agent", agentId: start(), code: "crash", reason: "It died.", isRetryable: true });
      const blocked = purpose === "tracks" ? story.state.epics.get("E-001") : story.track(trackId);
      expect(blocked).toMatchObject({ status: "blocked", reason: "It died." });
    },
  );
});

describe("an effect that fails", () => {
  const failed = { type: "record_effect_failure", reason: "No such provider." } as const;

  test("for an agent stops that agent, so that it is not tried for ever", () => {
    const story = settled(bare(), epic(), ...preparedTrack());
    beginOrchestrator(story);
    beginTechLead(story, trackId);
    story.do({ ...failed, subject: "epic", subjectId: "E-001" }, { ...failed, subject: "track", subjectId: trackId });
    expect(story.effects()).toEqual([]);
    expect(story.track(trackId)).toMatchObject({ status: "blocked", reason: "No such provider." });
  });

  test("for a landing leaves the track completed", () => {
    const story = complete(settled(guarded(), ...preparedTrack(), ticket("T-001")), "T-001");
    story.do({ ...failed, subject: "track", subjectId: trackId });
    expect(story.track(trackId)).toMatchObject({
      status: "completed",
      landing: { name: "refused", reason: "No such provider." },
    });
  });
});

describe("a track", () => {
  function two(): Story {
    const story = settled(bare(), ...preparedTrack(), track({ trackId: other, dependsOn: [trackId] }), ticket("T-001"));
    return story.do({ type: "start_track", trackId: other });
  }

  test("is planned when the track that it needs is completed", () => {
    const story = two();
    expect(story.effects()).toEqual(["prepare_attempt T-001"]);
    expect(complete(story, "T-001").effects()).toEqual([`prepare_track ${other}`]);
  });

  test("is blocked with the track that it needs, and goes on with it", () => {
    const story = two();
    for (let count = 0; count < 3; count += 1) failOnce(story, "T-001");
    expect(story.track(other)).toMatchObject({
      status: "blocked",
      reason: `It needs the track ${trackId}, which is blocked.`,
    });
    story.do({ type: "retry_ticket", ticketId: "T-001", by: "person" });
    expect(story.track(other).status).toBe("planning");
    expect(complete(story, "T-001").effects()).toEqual([`prepare_track ${other}`]);
  });

  test("cannot start twice, nor when it does not exist", () => {
    const story = two();
    expect(story.refusal({ type: "start_track", trackId }).code).toBe("conflict");
    expect(story.refusal({ type: "start_track", trackId: "x" }).code).toBe("not_found");
  });

  test("is taken in once, and only with tracks that exist", () => {
    const fact = track({ dependsOn: ["nobody"] });
    if (fact.type !== "track.created") throw new Error("not a track");
    const { type: _type, ...fields } = fact;
    given()
      .when({ type: "import_track", ...fields })
      .then({ code: "invalid" });
    given()
      .when({ type: "import_track", ...fields, dependsOn: [] })
      .then({ type: "track.created", trackId });
    given(track())
      .when({ type: "import_track", ...fields })
      .then({ code: "conflict" });
  });

  test("gets its tickets as the model proposed them, with what it left out filled in", () => {
    const story = settled(bare(), ...preparedTrack());
    callTool(story, beginTechLead(story, trackId), "propose_tickets", [
      ticketProposal("a", { verify: "make", step_mode: true }),
    ]);
    expect(story.ticket("T-001")).toMatchObject({
      verify: "make",
      isStepMode: true,
      phase: "Implementation",
      priority: "medium",
    });
  });
});

describe("ids", () => {
  test("count on from the state, each kind by itself", () => {
    const ids = idSource({ ...emptyState(), counts: { epic: 1, ticket: 998, gate: 0, agent: 0, call: 0, rule: 0 } });
    expect([ids.epic(), ids.ticket(), ids.ticket(), ids.gate(), ids.agent(), ids.call()]).toEqual([
      "E-002",
      "T-999",
      "T-1000",
      "G-0001",
      "A-0001",
      "C-00001",
    ]);
  });

  test.each([
    ["Add a Parser for ISO-8601 durations!", "add_a_parser_for_20260101"],
    ["Größe", "gro_e_20260101"],
    ["日本語", "track_20260101"],
    ["../../etc", "etc_20260101"],
  ])("of the track %p is %s", (title, expected) => {
    expect(trackIdFor({ key: "t1", title }, "2026-01-01T10:00:00Z", new Set())).toBe(expected);
  });

  test("of tracks are never used twice", () => {
    expect(trackIdFor({ key: "Greet People!", title: "Something else" }, "2026-01-01T10:00:00Z", new Set())).toBe(
      "greet_people_20260101",
    );
    expect(trackIdFor({ key: "1", title: "Greet" }, "2026-01-01T10:00:00Z", new Set(["greet_20260101"]))).toBe(
      "greet_2_20260101",
    );
  });

  test("of streams are the names of the contract", () => {
    const names = (["orchestrator", "tech_lead", "worker", "qa"] as const).map((role) => streamId(role, "X"));
    expect(names).toEqual([
      "Tier 1 (Orchestrator): X",
      "Tier 2 (Tech Lead): X",
      "Tier 3 (Worker): X",
      "Tier 4 (QA): X",
    ]);
  });
});

test("two goals at once do not mix", () => {
  const story = run(
    { type: "create_epic", goal: "One.", isStarting: true },
    { type: "create_epic", goal: "Two.", isStarting: true },
  );
  const first = beginOrchestrator(story, "E-001");
  const second = beginOrchestrator(story, "E-002");
  callTool(story, second, "propose_tracks", [trackProposal("b")]);
  callTool(story, first, "propose_tracks", [trackProposal("a")]);
  const [b, a] = [...story.state.gates.values()];
  expect([b?.epicId, a?.epicId]).toEqual(["E-002", "E-001"]);
  story.do({ type: "approve_gate", gateId: b?.gateId ?? "", payloadHash: b?.payloadHash ?? "", by: "p" });
  expect(story.state.epics.get("E-001")?.status).toBe("planning");
  expect(story.state.epics.get("E-002")?.trackIds).toEqual(["title_b_20260101"]);
});
