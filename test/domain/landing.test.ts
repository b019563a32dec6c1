/** A finished track's way into the user's branch: one at a time, after its gate, and never by mistake. */
import { describe, expect, test } from "bun:test";
import { bare, guarded, preparedTrack, ticket, trackId } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { approve, complete, decline, openGate } from "./steps.ts";

const other = "other_20260101";
const commits = { branch: "main", fromCommit: "a", toCommit: "b", diffstat: " 1 file changed" };

function finished(settings = guarded()): Story {
  const story = settled(settings, ...preparedTrack(), ...preparedTrack({ trackId: other }));
  story.tell(ticket("T-001"), ticket("T-002", { trackId: other }));
  complete(story, "T-001");
  return complete(story, "T-002");
}

function prepared(story = finished()): Story {
  return story.do({ type: "record_prepared_landing", trackId, ...commits });
}

describe("a landing", () => {
  test("is prepared one track at a time, and waits for its gate", () => {
    const story = finished();
    expect(story.effects()).toEqual([`prepare_landing ${trackId}`]);
    expect(prepared(story).effects()).toEqual([]);
    expect(openGate(story, "land").payload).toEqual({ trackId, title: "Greet", ...commits });
  });

  test("is carried out once approved, and the next one follows", () => {
    const story = approve(prepared(), "land");
    expect(story.effects()).toEqual([`land_track ${trackId}`]);
    story.do({ type: "record_landing", trackId, branch: "main", commit: "b" });
    expect(story.effects()).toEqual([`prepare_landing ${other}`]);
  });

  test("that is declined leaves the branch alone, and the next one follows", () => {
    const story = decline(prepared(), "land", "Later.");
    expect(story.track(trackId).landing).toEqual({ name: "declined", reason: "Later." });
    expect(story.effects()).toEqual([`prepare_landing ${other}`]);
  });

  test("that was refused (a dirty tree) is tried again at the next start", () => {
    const story = finished().do({ type: "refuse_landing", trackId, reason: "Your tree has changes." });
    expect(story.effects()).toEqual([`prepare_landing ${other}`]);
    story.do({ type: "start_engine", version: "1", pid: 1, settings: story.state.settings });
    expect(story.effects()).toEqual([`prepare_landing ${trackId}`]);
  });

  test("at level all needs the word for it beforehand", () => {
    expect(finished(bare()).effects()).toEqual([]);
    const story = prepared(finished(bare({ isLanding: true })));
    expect(story.effects()).toEqual([`land_track ${trackId}`]);
  });

  test("is off the table when a skipped ticket is to be done after all", () => {
    const story = settled(guarded(), ...preparedTrack(), ticket("T-001"), ticket("T-002"));
    story.do({ type: "skip_ticket", ticketId: "T-002", reason: "" });
    prepared(complete(story, "T-001")).do({ type: "retry_ticket", ticketId: "T-002", by: "person" });
    expect(story.last("gate.withdrawn").kind).toBe("land");
    expect(story.effects()).toEqual(["prepare_attempt T-002"]);
    expect(story.refusal({ type: "record_prepared_landing", trackId, ...commits }).code).toBe("conflict");
    expect(complete(story, "T-002").effects()).toEqual([`prepare_landing ${trackId}`]);
  });

  test("of a track that does not exist is refused", () => {
    const story = settled();
    expect(story.refusal({ type: "record_prepared_landing", trackId, ...commits }).code).toBe("not_found");
    expect(story.refusal({ type: "record_landing", trackId, branch: "main", commit: "b" }).code).toBe("not_found");
    expect(story.refusal({ type: "refuse_landing", trackId, reason: "" }).code).toBe("not_found");
  });
});
