/** What people are told of lines that a merge takes out of earlier tickets' work. */
import { expect, test } from "bun:test";
import { applied, guarded, preparedTrack, ticket } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { check, finish, openGate } from "./steps.ts";

const replaced = [
  { ticketId: "T-000", file: "src/a.ts", lineCount: 1 },
  { ticketId: "T-000", file: "src/b.ts", lineCount: 3 },
];

function checked(level: "manual" | "guarded"): Story {
  const story = settled(guarded(), ...preparedTrack(), ticket("T-001"));
  finish(story, "T-001");
  story.tell(applied({ gates: { level, allow: [] }, review: { qa: false, techLead: false } }));
  return check(story, "T-001", 0);
}

test("a merge that git calls clean and that would drop lines is a conflict, which says whose", () => {
  const story = checked("guarded");
  const reason = "The merge of T-001 would drop 1 line of T-000 in src/a.ts.";
  story.do({ type: "record_conflict", ticketId: "T-001", files: ["src/a.ts"], reason });
  expect(story.last("merge.conflicted")).toMatchObject({ files: ["src/a.ts"], reason });
  expect(openGate(story, "conflict").reason).toStartWith(reason);
});

test("a merge's card says what it takes out of earlier tickets", () => {
  const story = checked("manual");
  const shown = { commit: "c", trackCommit: "t", resultTree: "r", diff: "d" };
  story.do({ type: "offer_merge", ticketId: "T-001", ...shown, replaced });
  expect(openGate(story, "merge").reason).toEndWith(
    "It takes out 1 line of T-000 in src/a.ts, 3 lines of T-000 in src/b.ts.",
  );
});

test("a merge records what it took out, and nothing where it took out nothing", () => {
  const story = checked("guarded");
  story.do({ type: "record_merge", ticketId: "T-001", commit: "m", treeHash: "t", replaced });
  expect(story.last("merge.completed")).toMatchObject({ replaced });
  const other = checked("guarded");
  other.do({ type: "record_merge", ticketId: "T-001", commit: "m", treeHash: "t", replaced: [] });
  expect(other.last("merge.completed")).not.toHaveProperty("replaced");
});
