/** What waits, and why a track does not move: one sentence each. */
import { expect, test } from "bun:test";
import { payloadHash } from "../../src/domain/gate.ts";
import { recentLandings } from "../../src/projections/view-landings.ts";
import { trackRows } from "../../src/projections/view-tracks.ts";
import { oldestWaits } from "../../src/projections/view-waits.ts";
import { fullEngine } from "../support/every-page.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { openedGate } from "../support/page-scene.ts";
import { planFacts, trackId } from "../support/sample-facts.ts";

test("every kind of gate asks in one sentence, oldest first", () => {
  expect(oldestWaits(fullEngine().state(), 20).map((wait) => `${wait.gateId} ${wait.sentence}`)).toEqual([
    "G-001 Tier 2 proposes 2 tickets for Print durations in the CLI",
    "G-002 Run bun test test/parse-duration.test.ts --bail for T-002 Parse several units",
    "G-003 Merge T-006 Format seconds into its track",
    "G-004 A worker is ready to start on T-003 Name the wrong character in errors",
    "G-005 Write src/units.ts, outside the target files of Parse durations",
    "G-006 Land Print durations in the CLI in main",
    "G-101 Tier 1 proposes 1 track: Parse durations",
    "G-102 Try Phase 1: Reading of Parse durations by hand",
    "G-103 A budget is reached: raise it, or stop",
    "G-104 A crash hid what came of bun run publish for Parse durations",
    "G-105 The merge of Parse durations has a conflict",
  ]);
});

test("no sentence is made for more than are shown, and a payload of another shape still has one", () => {
  const engine = new FakeEngine();
  engine.add(openedGate("G-001", "command", "no object"), openedGate("G-002", "tracks", {}));
  expect(oldestWaits(engine.state(), 1).map((wait) => wait.sentence)).toEqual(["Run a command for this project"]);
});

test("a long text becomes one line that says where it was cut, and keeps white space that hides something", () => {
  const sentenceOf = (command: string) => {
    const engine = new FakeEngine();
    engine.add(openedGate("G-001", "command", { command, cwd: "." }));
    return oldestWaits(engine.state(), 1)[0]?.sentence;
  };
  expect(sentenceOf("  a\n\tb  ")).toBe("Run a b for this project");
  expect(sentenceOf("x".repeat(81))).toBe(`Run ${"x".repeat(80)}… for this project`);
  expect(sentenceOf(`a${" ".repeat(400)}rm -rf /`)).toBe("Run a… for this project");
  expect(sentenceOf("a\u00a0\u2028b")).toBe("Run a\u00a0\u2028b for this project");
});

test("a track that does not move says why, and one that moves says nothing", () => {
  const engine = new FakeEngine();
  const rest = () => trackRows(engine.state())[0]?.rest;
  const [epic, created, started, ...tickets] = planFacts();
  if (!epic || !created || !started) throw new Error("The sample plan begins with an epic, a track and its start.");
  engine.add(epic, created);
  expect(rest()).toBe("Not started.");
  engine.add(started);
  expect(rest()).toBeNull();
  engine.add(openedGate("G-001", "tickets", {}));
  expect(rest()).toBeNull();
  const payload = { tickets: [] };
  const hash = payloadHash(payload);
  engine.add({
    type: "gate.opened",
    gateId: "G-002",
    kind: "tickets",
    trackId,
    reason: "",
    payload,
    payloadHash: hash,
  });
  expect(rest()).toBe("Waits for you to approve its tickets.");
  engine.add(...tickets);
  engine.add({ type: "ticket.blocked", ticketId: "T-001", trackId, reason: "No file." });
  expect(rest()).toContain("T-002: ");
});

test("landings come newest first, at the time of their approval", () => {
  const engine = new FakeEngine();
  engine.add(...planFacts(), { type: "track.landed", trackId, branch: "main", commit: "c0ffee1" });
  expect(recentLandings(engine.state(), 5)).toMatchObject([
    { trackId, title: "Greeting", branch: "main", commit: "c0ffee1" },
  ]);
});
