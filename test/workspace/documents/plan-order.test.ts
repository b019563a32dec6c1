/** plan.md of a plan that is changed while it runs: tickets in the middle, in another order, with another title. */
import { describe, expect, test } from "bun:test";
import { type PlannedTicket, updatePlan } from "../../../src/workspace/documents/plan-document.ts";

const verification = "- [ ] Task: Conductor - User Manual Verification 'Core' (Protocol in workflow.md)\n";

function planned(...ticketIds: readonly string[]): PlannedTicket[] {
  return ticketIds.map((ticketId) => ({ ticketId, title: `Do ${ticketId}`, phase: "Core", mark: " ", sha: null }));
}

function lines(...ticketIds: readonly string[]): string {
  return ticketIds.map((ticketId) => `- [ ] Task: ${ticketId}: Do ${ticketId}\n`).join("");
}

const none: ReadonlySet<string> = new Set();
const moved = (...ticketIds: readonly string[]) => ({ moved: new Set(ticketIds), renamed: none });
const head = "## Phase 1: Core\n\n";

describe("a plan on disk", () => {
  test("has the parts of a split ticket after it, before what follows", () => {
    const plan = `${head}${lines("T-001", "T-002")}    - by hand\n${verification}`;
    expect(updatePlan(plan, planned("T-001", "T-003", "T-004", "T-002"), {})).toBe(
      `${head}${lines("T-001", "T-003", "T-004", "T-002")}    - by hand\n${verification}`,
    );
  });

  test("has a moved ticket before its new neighbour, with what is indented below it", () => {
    const plan = `${head}${lines("T-001", "T-002")}    - by hand\n\t- [ ] sub\n${lines("T-003")}${verification}End.\n`;
    expect(updatePlan(plan, planned("T-002", "T-001", "T-003"), {}, moved("T-002"))).toBe(
      `${head}${lines("T-002")}    - by hand\n\t- [ ] sub\n${lines("T-001", "T-003")}${verification}End.\n`,
    );
  });

  test("has a ticket that was moved to the end after the last one, before the verification", () => {
    const plan = `${head}${lines("T-001", "T-002", "T-003")}${verification}`;
    expect(updatePlan(plan, planned("T-002", "T-003", "T-001"), {}, moved("T-001"))).toBe(
      `${head}${lines("T-002", "T-003", "T-001")}${verification}`,
    );
  });

  test("keeps the order that a person gave it by hand, but for what was moved on the page", () => {
    const plan = `${head}${lines("T-003", "T-002", "T-001")}`;
    expect(updatePlan(plan, planned("T-001", "T-002", "T-003"), {})).toBe(plan);
    expect(updatePlan(plan, planned("T-002", "T-001", "T-003"), {}, moved("T-002"))).toBe(
      plan.replace(lines("T-003", "T-002"), lines("T-002", "T-003")),
    );
  });

  test("keeps its endings, also of a last line that has none", () => {
    const plan = `${head}${lines("T-001", "T-002")}`.replaceAll("\n", "\r\n").trimEnd();
    expect(updatePlan(plan, planned("T-002", "T-001"), {}, moved("T-002"))).toBe(
      `${head}${lines("T-002", "T-001")}`.replaceAll("\n", "\r\n").trimEnd(),
    );
  });

  test("leaves a ticket alone whose line a person has put into another phase", () => {
    const plan = `${head}${lines("T-001")}\n## Phase 2: Rest\n\n${lines("T-002")}`;
    expect(updatePlan(plan, planned("T-002", "T-001"), {}, moved("T-002"))).toBe(plan);
  });

  test("has the new title of a ticket that was renamed on the page, and keeps a title that was changed by hand", () => {
    const plan = "## Core\n* [x] Task 1.1: T-001: Mine abcdef0\n";
    const done = [{ ticketId: "T-001", title: "New", phase: "Core", mark: "x", sha: "abcdef0" }] as const;
    expect(updatePlan(plan, done, {})).toBe(plan);
    expect(updatePlan(plan, done, {}, { moved: none, renamed: new Set(["T-001"]) })).toBe(plan.replace("Mine", "New"));
  });
});
