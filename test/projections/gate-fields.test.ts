/** A payload as fields for people: laid over it they change only what was changed, whatever characters it holds. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { GateKind, Json } from "../../src/domain/gate.ts";
import { agrees, gateEditor, withFields, withItem, withoutItem } from "../../src/projections/gate-fields.ts";
import { payloadDifference } from "../../src/projections/payload-difference.ts";
import { boxLine, boxText, textOfBox } from "../../src/projections/unseen-text.ts";

const ticket = (key: string): Json => ({
  key,
  title: `Title ${key}`,
  description: "Do.",
  target_files: ["a.ts", "b.ts"],
  acceptance_criteria: ["It works."],
  verify: "make",
});
const plan: Json = { tickets: [ticket("one"), ticket("two")] };

function textsOf(kind: GateKind, payload: Json): ReadonlyMap<string, string> {
  const fields = gateEditor(kind, payload)?.groups.flatMap((group) => group.fields) ?? [];
  return new Map(fields.map(({ name, text }) => [name, text]));
}

const change = (name: string, text: string) => new Map([[name, text]]);

describe("fields", () => {
  test("of a plan change the ticket that they are of, and keep what they do not show", () => {
    const changed = withFields(
      "tickets",
      plan,
      new Map([...change("field.tickets.1.title", "New"), ...change("field.tickets.1.depends_on", "one\n")]),
    );
    expect(changed).toEqual({
      tickets: [ticket("one"), { ...Object(ticket("two")), title: "New", depends_on: ["one"] }],
    });
    expect(withFields("tickets", plan, change("field.tickets.0.target_files", "c.ts\n\nsrc/*"))).toMatchObject({
      tickets: [{ target_files: ["c.ts", "src/*"] }, {}],
    });
  });

  test("that were not changed give the payload back, whatever it holds", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\\u202e", "\u202e\\", "\n\na\r\n", "\\\\u0041\ufe0f"),
    );
    const item = fc.record({
      key: text,
      title: text,
      description: text,
      target_files: fc.array(text),
      acceptance_criteria: fc.array(text),
    });
    fc.assert(
      fc.property(fc.array(item), (tickets) => {
        const payload: Json = { tickets };
        const sent = textsOf("tickets", payload);
        expect(withFields("tickets", payload, sent)).toEqual(payload);
        expect(agrees("tickets", payload, sent)).toBe(true);
      }),
    );
  });

  test("hold every text so that nothing is hidden, and reading it back gives the same text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
        expect(textOfBox(boxText(text))).toBe(text);
        expect(textOfBox(boxLine(text))).toBe(text);
        expect(boxText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
        expect(boxLine(text)).not.toContain("\n");
      }),
    );
    expect(boxText("rm x\u202e # \r")).toBe("rm x\\u202e # \\u000d");
  });

  test("of a budget are a number; what is none stays as it was typed, for the rules to refuse", () => {
    const budget: Json = { limit: "runUsd", scopeId: "", current: 1, spent: 1, needed: 1, raiseTo: 2 };
    expect(withFields("budget", budget, change("field.raiseTo", "3.5"))).toMatchObject({ raiseTo: 3.5 });
    expect(withFields("budget", budget, change("field.raiseTo", "lots"))).toMatchObject({ raiseTo: "lots" });
  });

  test("are not offered where the payload does not fit into them, or is approved as it is", () => {
    expect(gateEditor("tickets", { tickets: [1] })).toBeNull();
    expect(gateEditor("tickets", { tickets: [{ target_files: [1] }] })).toBeNull();
    expect(gateEditor("merge", { diff: "" })).toBeNull();
  });

  test("of a plan take one more, under a key that is free, and one less", () => {
    const more = withItem("tickets", { tickets: [ticket("ticket-3"), ticket("two")] });
    expect(more).toMatchObject({ tickets: [{}, {}, { key: "ticket-4", title: "", target_files: [] }] });
    expect(withoutItem("tickets", plan, 0)).toEqual({ tickets: [ticket("two")] });
  });
});

describe("the difference", () => {
  const words = (before: Json, after: Json) =>
    payloadDifference(before, after).map(
      ({ place, parts }) =>
        `${place}: ${parts.map(({ kind, text }) => `${{ same: "", added: "+", removed: "-" }[kind]}${text}`).join("|")}`,
    );

  test("names the places, and in them the words", () => {
    expect(words({ command: "bun test a", cwd: "." }, { command: "bun test b", cwd: "." })).toEqual([
      "command: bun test |-a|+b",
    ]);
    expect(words(plan, plan)).toEqual([]);
  });

  test("of a list tells entries by their key: one that was taken out shifts no other", () => {
    const places = payloadDifference(plan, withoutItem("tickets", plan, 0)).map(({ place }) => place);
    expect(places.every((place) => /^tickets · (one · |in this order$)/.test(place))).toBe(true);
    expect(words(plan, { tickets: [ticket("two"), ticket("one")] })).toEqual(
      ["tickets · in this order: -one, two|+two, one"].map(() => expect.stringContaining("in this order")),
    );
  });

  test("leaves nothing out that was added or taken, however long the text", () => {
    const body = "A line of a long prompt.\n".repeat(3_000);
    const [only] = payloadDifference({ prompt: body }, { prompt: `${body}And run it as root.\n` });
    expect(only?.parts.at(-1)).toEqual({ kind: "added", text: "And run it as root.\n" });
    expect(only?.parts[0]?.text).toContain("characters as they were");
  });
});
