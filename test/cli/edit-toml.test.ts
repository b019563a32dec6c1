/** One key of a config file changes, and nothing else: comments, order, blanks and unusual spellings stay as they are. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { withKeys } from "../../src/cli/config/edit-toml.ts";

const file = `# Ours.
[workers] # how many
max = 4   # two are enough at night
retries = 2

[tiers.worker]
model = [
  "small", # first
  "large",
]
max_tokens = 16000

[prices."my-model"]
input = 1.0
# The end.
`;

describe("a key", () => {
  test("changes in its line, and keeps the comment behind it", () => {
    const edited = withKeys(file, [{ path: ["workers", "max"], value: 6 }]);
    expect(edited).toBe(file.replace("max = 4   #", "max = 6   #"));
  });

  test("whose value takes several lines is one line afterwards", () => {
    const edited = withKeys(file, [{ path: ["tiers", "worker", "model"], value: ["large"] }]) ?? "";
    expect(edited).toContain('[tiers.worker]\nmodel = [ "large" ]\nmax_tokens = 16000');
  });

  test("that is new joins its table after the last key; a new table comes last", () => {
    const edits = [
      { path: ["workers", "max_turns"], value: 9 },
      { path: ["budget", "run_usd"], value: 2.5 },
      { path: ["prices", "my-model", "output"], value: 5 },
    ];
    const edited = withKeys(file, edits) ?? "";
    expect(edited).toContain("retries = 2\nmax_turns = 9\n\n[tiers.worker]");
    expect(edited).toContain("input = 1.0\noutput = 5\n# The end.\n");
    expect(edited.endsWith("# The end.\n\n[budget]\nrun_usd = 2.5\n")).toBe(true);
  });

  test("can be taken out, and taking out what is not there changes nothing", () => {
    expect(withKeys(file, [{ path: ["workers", "retries"], value: undefined }])).toBe(
      file.replace("retries = 2\n", ""),
    );
    expect(withKeys(file, [{ path: ["budget", "day_usd"], value: undefined }])).toBe(file);
  });

  test("starts a file that is not there yet, in a table whose name needs quotes", () => {
    expect(withKeys("", [{ path: ["prices", "a.b", "input"], value: 1 }])).toBe('\n[prices."a.b"]\ninput = 1\n');
  });

  test.each([
    "workers = { max = 4 }\n",
    "workers.max = 4\n",
    "[workers]\nmax = 4\n[workers]\n",
    '[tiers]\nqa.model = "a"\nworker.model = "b"\n',
  ])("is refused where it cannot be changed alone: %p", (source) => {
    expect(
      withKeys(source, [
        { path: ["workers", "max"], value: 5 },
        { path: ["tiers", "qa", "model"], value: "c" },
      ]),
    ).toBeNull();
  });
});

test("whatever a file holds, an edit changes that key only, or is refused", () => {
  const key = fc.constantFrom("a", "b", "c", "d e", "f.g");
  const value = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.array(fc.string(), { maxLength: 3 }));
  const tables = fc.dictionary(key, fc.dictionary(key, value, { maxKeys: 4 }), { maxKeys: 4 });
  const isSafe = (content: Record<string, Record<string, unknown>>, table: string, name: string, to: unknown) => {
    const source = stringify(content).replaceAll("\n[", "\n# [not.a.table]\n[");
    const edited = withKeys(source, [{ path: [table, name], value: to }]);
    if (edited === null) throw new Error("A file of plain tables was refused.");
    expect(parse(edited)).toEqual(parse(stringify({ ...content, [table]: { ...content[table], [name]: to } })));
    expect(edited.split("# [not.a.table]").length).toBe(source.split("# [not.a.table]").length);
  };
  fc.assert(fc.property(tables, key, key, value, isSafe), { numRuns: 300 });
});
