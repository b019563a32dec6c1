/** The documents in conductor/: what a run writes, and that a hand edit survives it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Documents } from "../../../src/workspace/documents/documents.ts";
import { readTracks } from "../../../src/workspace/documents/read-tracks.ts";
import { sampleTicket, sampleTrack } from "./sample-track.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "documents-test-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = "conductor/tracks/dates_20260105";
const read = (path: string) => readFileSync(join(root, path), "utf8");
const write = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};

describe("writing a track", () => {
  test("makes every document in the format of the conductor extension", () => {
    const tickets = [
      sampleTicket("T-001", "Read ISO dates", { name: "completed", commit: "0123456789abcdef" }),
      sampleTicket("T-002", "Refuse wrong dates", { name: "working", agentId: "A-1" }),
      sampleTicket("T-003", "Show dates", { name: "todo" }, { phase: "Phase 2: Page" }),
    ];
    new Documents(root).writeTrack(sampleTrack({ checkpoints: { Core: "fedcba9876543" } }), tickets);
    expect(read(`${folder}/plan.md`)).toBe(`# Implementation Plan: Parse dates

## Phase 1: Core [checkpoint: fedcba9]

- [x] Task: T-001: Read ISO dates 0123456
- [~] Task: T-002: Refuse wrong dates
- [x] Task: Conductor - User Manual Verification 'Core' (Protocol in workflow.md) fedcba9

## Phase 2: Page

- [ ] Task: T-003: Show dates
- [ ] Task: Conductor - User Manual Verification 'Page' (Protocol in workflow.md)
`);
    expect(read("conductor/tracks.md")).toStartWith("# Project Tracks\n");
    expect(read("conductor/tracks.md")).toEndWith(
      "\n---\n\n- [~] **Track: Parse dates**\n*Link: [./tracks/dates_20260105/](./tracks/dates_20260105/)*\n",
    );
    expect(JSON.parse(read(`${folder}/metadata.json`))).toEqual({
      track_id: "dates_20260105",
      type: "feature",
      status: "in_progress",
      created_at: "2026-01-05T10:00:00.000Z",
      updated_at: "2026-01-05T10:00:00.000Z",
      description: "People can type dates.",
    });
    expect(read(`${folder}/spec.md`)).toContain("## Acceptance Criteria\n\n- [ ] ISO dates parse\n");
    expect(read(`${folder}/index.md`)).toContain("[Implementation Plan](./plan.md)");
    expect(readdirSync(join(root, folder)).sort()).toEqual(["index.md", "metadata.json", "plan.md", "spec.md"]);
  });

  test("changes nothing when written again, and only marks when something moved", () => {
    const documents = new Documents(root);
    const open = [sampleTicket("T-001", "Read ISO dates", { name: "todo" })];
    documents.writeTrack(sampleTrack({ status: "new" }), open);
    const before = read(`${folder}/plan.md`);
    documents.writeTrack(sampleTrack({ status: "new" }), open);
    expect(read(`${folder}/plan.md`)).toBe(before);
    const done = [sampleTicket("T-001", "Read ISO dates", { name: "completed", commit: "abcdef0123" })];
    documents.writeTrack(sampleTrack({ status: "completed", updatedAt: "2026-01-06T00:00:00.000Z" }), done);
    const marked = before.replace("- [ ] Task: T-001: Read ISO dates", "- [x] Task: T-001: Read ISO dates abcdef0");
    expect(read(`${folder}/plan.md`)).toBe(marked);
    expect(read("conductor/tracks.md")).toContain("- [x] **Track: Parse dates**");
    expect(read(`${folder}/metadata.json`)).toContain('"status": "completed"');
  });

  test("never overwrites what people have written", () => {
    write(`${folder}/spec.md`, "mine");
    write(`${folder}/index.md`, "mine too");
    write(`${folder}/metadata.json`, '{"owner":"me",  "status" : "new", "n": 1.50, "updated_at":"x"}');
    new Documents(root).writeTrack(sampleTrack(), []);
    expect(read(`${folder}/spec.md`)).toBe("mine");
    expect(read(`${folder}/index.md`)).toBe("mine too");
    expect(read(`${folder}/metadata.json`)).toBe(
      '{"owner":"me",  "status" : "in_progress", "n": 1.50, "updated_at":"2026-01-05T10:00:00.000Z"}',
    );
  });

  test("leaves metadata that does not parse to its author", () => {
    write(`${folder}/metadata.json`, "{ broken");
    new Documents(root).writeTrack(sampleTrack(), []);
    expect(read(`${folder}/metadata.json`)).toBe("{ broken");
  });

  test("marks skipped as done, blocked and cancelled as open, a retry as begun", () => {
    const tickets = [
      sampleTicket("T-001", "One", { name: "skipped", reason: "" }),
      sampleTicket("T-002", "Two", { name: "blocked", reason: "", causeTicketId: null }),
      sampleTicket("T-003", "Three", { name: "cancelled", reason: "" }),
      sampleTicket("T-004", "Four", { name: "queued", isAllowed: false }),
    ];
    new Documents(root).writeTrack(sampleTrack(), tickets);
    const marks = [...read(`${folder}/plan.md`).matchAll(/- \[(.)\] Task: T-/g)].map((match) => match[1]);
    expect(marks).toEqual(["x", " ", " ", "~"]);
  });

  test("keeps its structure whatever a model calls things", () => {
    const evil = "x\n## Phase 9: y\n---\n- [x] **Track: z**\r*Link: (./tracks/other/)* <!-- **";
    const tickets = [sampleTicket("T-001", evil, { name: "todo" }, { phase: `A [checkpoint: abcdef1]\n## B ${evil}` })];
    const track = sampleTrack({
      title: evil,
      goal: `${evil}\n\`\`\`\n## Acceptance Criteria\n- none`,
      acceptanceCriteria: [evil],
    });
    const documents = new Documents(root);
    documents.writeTrack(track, tickets);
    const [plan, registry] = [read(`${folder}/plan.md`), read("conductor/tracks.md")];
    documents.writeTrack(track, tickets);
    expect(read(`${folder}/plan.md`)).toBe(plan);
    expect(read("conductor/tracks.md")).toBe(registry);
    const [only, ...others] = readTracks(root);
    expect(others).toEqual([]);
    expect(only?.tasks.map((task) => task.ticketId)).toEqual(["T-001", null]);
    expect(only?.acceptanceCriteria).toHaveLength(1);
  });

  test("refuses to write through a link that leads out of the project", () => {
    const outside = mkdtempSync(join(tmpdir(), "documents-outside-"));
    symlinkSync(outside, join(root, "conductor"));
    expect(() => new Documents(root).writeTrack(sampleTrack(), [])).toThrow(/leads out of the project/);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });
});

describe("reading tracks", () => {
  test("takes in what the extension and people write, old forms too", () => {
    write(
      "conductor/tracks.md",
      `# Project Tracks\n\n---\n\n## [~] Track: Old *form*\n*Link: [./conductor/tracks/old_20250101/](./conductor/tracks/old_20250101/)*\n\n---\n\n1. [x] **Track: Done one**\n*Link: [./tracks/done_20250202/](./tracks/done_20250202/)*\n*Goal: be done*\n\n- [ ] **Track: No folder**\n*Link: [./tracks/none_1/](./tracks/none_1/)*\n`,
    );
    write(
      "conductor/tracks/old_20250101/plan.md",
      `# Plan\r\n\r\n## Phase 1: First [checkpoint: 1234567]\r\n- [x] Task 1.1: Do it. abcdef1\r\n    - [x] Write tests [46b351e]\r\n    - WHERE: here\r\n- [~] Task: T-007: Go on\r\n\`\`\`\r\n- [ ] Task: an example\r\n\`\`\`\r\n- [ ] Task: Conductor - User Manual Verification 'First' (Protocol in workflow.md)\r\n\r\n## Phase: Review Fixes\r\n* [ ] plain\r\n`,
    );
    write(
      "conductor/tracks/old_20250101/spec.md",
      "# Spec: Old\n\n## 1. Overview\nWhy.\n\n## Acceptance Criteria\n- [x] one\n* two\n",
    );
    write(
      "conductor/tracks/old_20250101/metadata.json",
      '{"type":"bug","status":"in_progress","description":"The goal"}',
    );
    write("conductor/tracks/done_20250202/plan.md", "");
    write("conductor/tracks/loose_1/spec.md", "# Loose");
    const [old, done, loose, ...others] = readTracks(root);
    expect(others).toEqual([]);
    expect(old).toMatchObject({
      trackId: "old_20250101",
      title: "Old *form*",
      goal: "The goal",
      kind: "bug",
      status: "in_progress",
      acceptanceCriteria: ["one", "two"],
    });
    expect(old?.tasks.map(({ phase, title, ticketId, mark, sha }) => [phase, title, ticketId, mark, sha])).toEqual([
      ["First", "Do it", null, "x", "abcdef1"],
      ["First", "Go on", "T-007", "~", null],
      ["First", "Conductor - User Manual Verification 'First' (Protocol in workflow.md)", null, " ", null],
      ["Review Fixes", "plain", null, " ", null],
    ]);
    expect(old?.tasks[0]).toMatchObject({
      subtasks: [{ title: "Write tests", sha: "46b351e" }],
      details: "- WHERE: here",
    });
    expect(done).toMatchObject({ trackId: "done_20250202", title: "Done one", status: "completed", tasks: [] });
    expect(loose).toMatchObject({ trackId: "loose_1", title: "Loose", status: "new" });
  });

  test("finds nothing in a project without documents", () => {
    expect(readTracks(root)).toEqual([]);
  });
});
