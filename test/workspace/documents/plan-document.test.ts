/** plan.md: its marks and commit ids, with whatever else a person wrote in it kept. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { linesOf, oneLine, textOf } from "../../../src/workspace/documents/lines.ts";
import { parseMetadata, updateMetadata } from "../../../src/workspace/documents/metadata-document.ts";
import { type PlannedTicket, updatePlan } from "../../../src/workspace/documents/plan-document.ts";
import { parseRegistry, updateRegistry } from "../../../src/workspace/documents/registry-document.ts";
import { markTask, parseTask } from "../../../src/workspace/documents/task-line.ts";

const ticket = (changes: Partial<PlannedTicket> = {}): PlannedTicket => ({
  ticketId: "T-001",
  title: "Go",
  phase: "Core",
  mark: " ",
  sha: null,
  ...changes,
});

describe("a plan that people have edited", () => {
  test("gets new tickets before the verification of their phase, in its own line endings", () => {
    const plan =
      "## Phase 1: Core\r\n\r\n- [ ] Task: mine  \r\n\t- [ ] sub\r\n- [ ] Task: Conductor - User Manual Verification 'Core' (x)\r\n\r\nEnd.";
    expect(updatePlan(plan, [ticket()], {})).toBe(
      plan.replace("- [ ] Task: Conductor", "- [ ] Task: T-001: Go\r\n- [ ] Task: Conductor"),
    );
  });

  test("gets a new ticket after its last task and sub-tasks where a phase has no verification", () => {
    const plan = "## Core\n- [ ] Task: mine\n    - [ ] sub\n\n## Notes\nx\n";
    expect(updatePlan(plan, [ticket()], {})).toBe(
      "## Core\n- [ ] Task: mine\n    - [ ] sub\n- [ ] Task: T-001: Go\n\n## Notes\nx\n",
    );
  });

  test("gets a new phase after the last one, before what follows", () => {
    const text = updatePlan("## Phase 1: A\n\n- [ ] Task: a\n\n## Notes\n", [ticket({ phase: "B" })], {});
    expect(text).toStartWith(
      "## Phase 1: A\n\n- [ ] Task: a\n\n## Phase 2: B\n\n- [ ] Task: T-001: Go\n- [ ] Task: Conductor",
    );
    expect(text).toEndWith("\n\n## Notes\n");
  });

  test("has a hand-written task named when it becomes a ticket", () => {
    expect(updatePlan("## Phase 1: Core\n* [ ] Task 1.2: Go\n", [ticket({ mark: "~" })], {})).toBe(
      "## Phase 1: Core\n* [~] Task 1.2: T-001: Go\n",
    );
  });

  test("keeps its examples in fences, and an unclosed fence does no harm", () => {
    const fenced = "## Phase 1: Core\n```\n- [ ] Task: T-001: Go\n```\n";
    expect(updatePlan(fenced, [ticket()], {})).toBe(`${fenced}- [ ] Task: T-001: Go\n`);
    const once = updatePlan("## Phase 1: Core\n```\nopen\n", [ticket()], {});
    expect(updatePlan(once, [ticket()], {})).toBe(once);
  });

  test("has checkpoints set, kept and replaced", () => {
    const plan = "## Phase 1: Core\n- [ ] Task: x\n";
    const once = updatePlan(plan, [], { Core: "1111111aaa" });
    expect(once).toBe("## Phase 1: Core [checkpoint: 1111111]\n- [ ] Task: x\n");
    expect(updatePlan(once, [], { "Phase 1: Core": "1111111aaa" })).toBe(once);
    expect(updatePlan(once, [], { core: "2222222" })).toContain("[checkpoint: 2222222]\n");
  });
});

describe("a task's line", () => {
  test("has its commit appended and replaced, in brackets or not", () => {
    expect(markTask("- [ ] Task: T-1: Go", "x", "abcdef01")).toBe("- [x] Task: T-1: Go abcdef0");
    expect(markTask("- [x] Task: T-1: Go [46b351e]", "x", "abcdef01")).toBe("- [x] Task: T-1: Go abcdef0");
    expect(markTask("- [x] Task: T-1: Go abcdef0", "~", null)).toBe("- [~] Task: T-1: Go");
    expect(markTask("- [X] Task: T-1: Go", "x", null)).toBe("- [X] Task: T-1: Go");
  });

  test("tells a title that ends in hex digits from a commit", () => {
    expect(markTask("- [ ] Task: T-1: Mend defaced", "x", "abcdef01", "Mend defaced")).toBe(
      "- [x] Task: T-1: Mend defaced abcdef0",
    );
    expect(parseTask("- [ ] Task: T-1: Mend defaced")).toMatchObject({ title: "Mend defaced", sha: null });
  });
});

const wildLine = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "")),
  fc.constantFrom(
    "",
    "  ",
    "\t- [ ] x\t",
    "## Notes",
    "## Phase 1: Core",
    "- [ ] Task: T-009: hand",
    "---",
    "```",
    "# T",
    "- [x] done 1234567",
  ),
);
const wildText = fc
  .array(fc.tuple(wildLine, fc.constantFrom("\n", "\r\n")), { maxLength: 20 })
  .chain((lines) =>
    fc.constantFrom("", "tail ").map((tail) => lines.map(([body, ending]) => body + ending).join("") + tail),
  );
const wildTicket = fc.record({
  ticketId: fc.integer({ min: 1, max: 5 }).map((number) => `T-00${number}`),
  title: fc.string({ unit: "grapheme", minLength: 1 }),
  phase: fc.oneof(fc.constantFrom("Core", "Phase 1: Core", "", "## X"), fc.string({ unit: "grapheme" })),
  mark: fc.constantFrom(" " as const, "~" as const, "x" as const),
  sha: fc.constantFrom(null, "abcdef0123"),
});

describe("any text", () => {
  test("is its lines again, byte for byte", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => textOf(linesOf(text)) === text));
  });

  test("keeps every line that is not a ticket's through an update of the plan, in order", () => {
    fc.assert(
      fc.property(
        wildText,
        fc.uniqueArray(wildTicket, { selector: (one) => one.ticketId, maxLength: 5 }),
        (text, tickets) => {
          const after = linesOf(updatePlan(text, tickets, {})).map((line) => line.body);
          const titles = new Set(tickets.map((one) => oneLine(one.title)));
          const isOurs = (body: string) => {
            const task = parseTask(body);
            return task !== null && (tickets.some((one) => one.ticketId === task.ticketId) || titles.has(task.title));
          };
          let from = 0;
          for (const { body } of linesOf(text).filter((line) => !isOurs(line.body))) {
            from = after.indexOf(body, from) + 1;
            if (from === 0) return false;
          }
          return true;
        },
      ),
    );
  });

  test("settles: a second update changes nothing, and every ticket has one line", () => {
    fc.assert(
      fc.property(
        wildText,
        fc.uniqueArray(wildTicket, { selector: (one) => one.ticketId, maxLength: 5 }),
        (text, tickets) => {
          const once = updatePlan(text, tickets, {});
          expect(updatePlan(once, tickets, {})).toBe(once);
          for (const { ticketId } of tickets) {
            const own = linesOf(once).filter((line) => !line.isFenced && parseTask(line.body)?.ticketId === ticketId);
            expect(own).toHaveLength(1);
          }
        },
      ),
    );
  });

  test("takes a track into the registry once, and keeps the rest", () => {
    fc.assert(
      fc.property(wildText, fc.string({ unit: "grapheme" }), (text, title) => {
        const once = updateRegistry(text, { trackId: "a_1", title, mark: " " });
        expect(once).toStartWith(text);
        const twice = updateRegistry(once, { trackId: "a_1", title, mark: "x" });
        expect(parseRegistry(twice).map((track) => [track.trackId, track.mark])).toEqual([["a_1", "x"]]);
        expect(twice).toHaveLength(once.length);
      }),
    );
  });

  test("of metadata keeps every key that is not ours", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, "\t"), (object, space) => {
        const text = JSON.stringify({ ...object, status: "new", updated_at: "a" }, null, space);
        const after = updateMetadata(text, { status: "completed", updated_at: "b" });
        const { status, updated_at, ...rest } = parseMetadata(after) ?? {};
        const { status: _status, updated_at: _updated, ...before } = parseMetadata(text) ?? {};
        const isParsed = parseMetadata(text) !== null;
        expect(status).toBe(isParsed ? "completed" : undefined);
        expect(updated_at).toBe(isParsed ? "b" : undefined);
        expect(rest).toEqual(before);
      }),
    );
  });
});
