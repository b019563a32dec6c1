/** A person's decision: on exactly what was shown, once; and what each kind's answer brings about. */
import { describe, expect, test } from "bun:test";
import { plainJson } from "../../src/domain/decision.ts";
import { canonicalJson, payloadHash } from "../../src/domain/gate.ts";
import { epic, gate, guarded, preparedTrack, ticketProposal, trackId, trackProposal } from "../support/facts.ts";
import { given, settled } from "../support/given.ts";
import { approve, beginOrchestrator, beginTechLead, callTool, decline, openGate } from "./steps.ts";

const shown = { command: "rm -rf dist", cwd: "w" };
const opened = gate("G-0001", "command", shown);
const approval = { type: "approve_gate", gateId: "G-0001", payloadHash: payloadHash(shown), by: "person" } as const;

describe("the payload hash", () => {
  test("covers JSON with sorted keys and no spaces", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "ä" }], a: true })).toBe('{"a":true,"b":[1,{"c":"ä","d":null}]}');
    expect(payloadHash({ b: 1, a: 2 })).toBe(payloadHash({ a: 2, b: 1 }));
    expect(payloadHash({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });
});

describe("a decision", () => {
  test("approves what was shown", () => {
    given(opened).when(approval).then({ type: "gate.approved", isEdited: false, payload: shown, by: "person" });
  });

  test("is not edited when only the order of keys differs", () => {
    const payload = { cwd: "w", command: "rm -rf dist" };
    given(opened)
      .when({ ...approval, payload })
      .then({ type: "gate.approved", isEdited: false });
  });

  test("takes an edited payload, with its own hash", () => {
    const payload = { command: "ls", cwd: "w" };
    const hash = payloadHash(payload);
    given(opened)
      .when({ ...approval, payload })
      .then({ type: "gate.approved", isEdited: true, payload, payloadHash: hash });
  });

  test("is refused a second time", () => {
    const approved = {
      type: "gate.approved",
      gateId: "G-0001",
      kind: "command",
      payload: shown,
      payloadHash: "x",
      isEdited: false,
      by: "p",
    } as const;
    given(opened, approved).when(approval).then({ code: "conflict" });
  });

  test("is refused on another payload than the one that is shown", () => {
    given(opened)
      .when({ ...approval, payloadHash: "0" })
      .then({ code: "stale" });
    given(opened)
      .when({ ...approval, type: "decline_gate", payloadHash: "0", reason: "" })
      .then({ code: "stale" });
  });

  test("is refused on a gate that does not exist", () => {
    given().when(approval).then({ code: "not_found" });
  });

  test.each([
    ["a field too much", { ...shown, sudo: true }],
    ["a missing field", { command: "ls" }],
    ["an empty command", { command: "", cwd: "w" }],
    ["no object", "ls"],
  ])("is refused when the edit has %s", (_name, payload) => {
    given(opened)
      .when({ ...approval, payload })
      .then({ code: "invalid" });
  });
});

describe("what only shows how things are cannot be edited", () => {
  const merge = { ticketId: "T-001", title: "t", commit: "c", trackCommit: "d", diff: "" };
  const land = { trackId, title: "t", branch: "main", fromCommit: "a", toCommit: "b", diffstat: "" };
  const budget = { limit: "runUsd", scopeId: "run", current: 1, spent: 1, needed: 1, raiseTo: 2 };
  test.each([
    ["merge", merge, { commit: "other" }],
    ["land", land, { branch: "production" }],
    ["checkpoint", { trackId, phase: "One", tickets: [], commit: "c" }, { phase: "Two" }],
    ["conflict", { ticketId: "T-001", files: ["a"], resolution: "rework" }, { files: ["b"] }],
    ["budget", budget, { limit: "dayUsd" }],
  ] as const)("in a %s gate", (kind, payload, change) => {
    const json = JSON.parse(JSON.stringify(payload));
    const command = { ...approval, payloadHash: payloadHash(json) };
    given(gate("G-0001", kind, json))
      .when({ ...command, payload: { ...json, ...change } })
      .then({ code: "invalid" });
    const story = settled(gate("G-0001", kind, json));
    expect(story.do(command).last("gate.approved").isEdited).toBe(false);
  });

  test("but the new limit of a budget can", () => {
    const command = { ...approval, payloadHash: payloadHash(budget), payload: { ...budget, raiseTo: 7 } };
    given(gate("G-0001", "budget", budget))
      .when(command)
      .then({ type: "gate.approved", isEdited: true }, { type: "budget.raised", limit: "runUsd", to: 7 });
  });
});

describe("tracks and tickets", () => {
  function proposed() {
    const story = settled(guarded(), epic());
    const agentId = beginOrchestrator(story);
    callTool(story, agentId, "propose_tracks", {
      tracks: [trackProposal("a"), trackProposal("b", { depends_on: ["a"] })],
    });
    return { story, agentId };
  }

  test("are made, and started, as the approved payload says", () => {
    const { story } = proposed();
    approve(story, "tracks", { tracks: [trackProposal("a", { title: "Only this one" })] });
    expect([...story.state.tracks.keys()]).toEqual(["only_this_one_20260101"]);
    expect(story.last("track.started").trackId).toBe("only_this_one_20260101");
    expect(story.state.epics.get("E-001")).toMatchObject({ status: "planned", trackIds: ["only_this_one_20260101"] });
  });

  test("know each other by their ids, not by the model's keys", () => {
    const { story } = proposed();
    approve(story, "tracks");
    expect(story.all("track.created").map((event) => event.dependsOn)).toEqual([[], ["title_a_20260101"]]);
  });

  test("are not taken from an edit that breaks a rule of the graph, or has another shape", () => {
    const { story } = proposed();
    const { gateId, payloadHash: hash } = openGate(story, "tracks");
    const edit = (payload: unknown) =>
      story.refusal({ type: "approve_gate", gateId, payloadHash: hash, payload: plainJson(payload), by: "p" }).code;
    expect(edit({ tracks: [trackProposal("a", { depends_on: ["a"] })] })).toBe("invalid");
    expect(edit([trackProposal("a")])).toBe("invalid");
    expect(edit(JSON.stringify({ tracks: [trackProposal("a")] }))).toBe("invalid");
  });

  test("that a person declines bring the words to the model, which may propose anew", () => {
    const { story, agentId } = proposed();
    const { toolCallId } = openGate(story, "tracks");
    decline(story, "tracks", "Smaller, please.");
    expect(story.state.toolCalls.get(toolCallId ?? "")?.answer).toMatchObject({ isError: true });
    expect(story.state.toolCalls.get(toolCallId ?? "")?.answer?.text).toContain("Smaller, please.");
    callTool(story, agentId, "propose_tracks", { tracks: [trackProposal("c")] });
    expect(openGate(story, "tracks").payload).toMatchObject({ tracks: [{ key: "c" }] });
  });

  test("get ids in the order of the proposal, across tracks", () => {
    const story = settled(guarded(), ...preparedTrack(), ...preparedTrack({ trackId: "other_20260101" }));
    for (const id of [trackId, "other_20260101"]) {
      callTool(story, beginTechLead(story, id), "propose_tickets", {
        tickets: [ticketProposal("a"), ticketProposal("b", { depends_on: ["a"] })],
      });
      approve(story, "tickets");
    }
    expect(story.all("ticket.created").map(({ ticketId, dependsOn }) => [ticketId, ...dependsOn])).toEqual([
      ["T-001"],
      ["T-002", "T-001"],
      ["T-003"],
      ["T-004", "T-003"],
    ]);
  });
});
