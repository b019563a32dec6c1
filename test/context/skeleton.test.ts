/** The skeleton and curated views on real files of each language: what they keep, what they hide, and that they never throw. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { curatedView } from "../../src/context/curated.ts";
import { skeletonOf } from "../../src/context/skeleton.ts";

function fixture(name: string): Promise<string> {
  return Bun.file(`${import.meta.dir}/fixtures/${name}.txt`).text();
}

const kept: Record<string, string[]> = {
  "sample.ts": [
    "/** Prices of a basket. … */",
    'import { round } from "./round.ts";',
    "export interface BasketLine<T extends Item = Item> {",
    "  readonly count: number;",
    'export type Total = { readonly kind: "empty" }',
    "// Adds up what a basket costs. …",
    "export async function total<T extends Item>(lines: readonly BasketLine<T>[], discount = 0): Promise<Total> { … }",
    "export const double = (value: number): number => …;",
    "export class Basket {",
    "  constructor(private readonly owner: string) { … }",
    "  add(line: BasketLine): void { … }",
    "  get size(): number { … }",
    "  list(request: Request): Response { … },",
  ],
  "sample.tsx": [
    "export const Names: FC<{ names: string[] }> = ({ names }) => …;",
    'test("shows every name", () => { … });',
  ],
  "sample.py": [
    '"""Prices of a basket. …"""',
    "class Basket(dict):",
    '    """Lines of one customer. …"""',
    "    owner: str",
    "    def __init__(self, owner: str, *, limit: int = LIMIT) -> None:\n        ...",
    '        """How many lines. …"""\n        ...',
    "    @property",
    "@core_logic\nasync def total(\n    lines: list[Basket],\n    discount: float = 0.0,\n) -> int:\n    ...",
    "def helper(): ...",
  ],
  "sample.go": [
    "// Package shop adds up baskets. …",
    "type Line struct {",
    '	Name  string `json:"name"`',
    "	Total(lines []Line) (int, error)",
    "func (b *Basket) Total(lines []Line, discount float64) (cents int, err error) { … }",
    "func LookUp[T any](name string) *T { … }",
    "var hook = func() { … }",
  ],
  "sample.rs": [
    "//! Prices of a basket. …",
    "/// One line of a basket. …\n#[derive(Debug, Clone)]\npub struct Line<'a> {",
    "    fn total(&self, lines: &[Line]) -> Result<u64, String>;",
    "impl<'a> Totaler for Line<'a> {",
    "    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { … }",
    "pub const fn double(value: u64) -> u64 { … }",
  ],
  "sample.java": [
    "public class Basket<T extends Item> {",
    "  private final List<T> items = new ArrayList<>();",
    "  public Basket(String owner) { … }",
    "  @Override\n  public int total(double discount) throws ShopException { … }",
  ],
};

describe("skeleton", () => {
  for (const [name, lines] of Object.entries(kept)) {
    test(`of ${name} keeps signatures and drops bodies`, async () => {
      const skeleton = await skeletonOf(`src/${name}`, await fixture(name));
      for (const line of lines) expect(skeleton).toContain(line);
      expect(skeleton).not.toMatch(/secret|hot_?detail|core_?detail/i);
    });
  }

  test("cuts a long constant in the middle", async () => {
    const source = `export const table = [\n${Array.from({ length: 300 }, (_, n) => `  ${n},`).join("\n")}\n];\n`;
    const skeleton = await skeletonOf("table.ts", source);
    expect(skeleton).toContain("more lines ]");
    expect(skeleton.length).toBeLessThan(120);
  });

  test("shows the head of what does not parse, and says so", async () => {
    const source = `${"%% <<< ]] nonsense (( \n".repeat(100)}`;
    const skeleton = await skeletonOf("broken.go", source);
    expect(skeleton).toContain("does not parse as go");
    expect(skeleton.length).toBeLessThan(source.length);
  });

  test("keeps most of a file that has one mistake", async () => {
    const skeleton = await skeletonOf(
      "a.ts",
      "export function f(a: number) { return a }\nlet = = ;\nexport type B = string;\n",
    );
    expect(skeleton).toContain("export function f(a: number) { … }");
    expect(skeleton).toContain("export type B = string;");
  });

  test("gives headings of documents, signatures of other languages, else the head", async () => {
    expect(await skeletonOf("a.md", "# One\n\nwords\n\n## Two\nmore\n")).toBe("# One\n## Two");
    const c = "#include <a.h>\nstatic int add(int a, int b) {\n  return a + b;\n}\nint main(void)\n{\n  return 0;\n}\n";
    expect(await skeletonOf("a.c", c)).toBe("static int add(int a, int b) { … }\nint main(void)");
    expect(await skeletonOf("a.yaml", "key: value\n".repeat(60))).toContain("(21 more lines)");
  });

  test("says what an empty, a binary and a huge file are", async () => {
    expect(await skeletonOf("a.ts", " \n")).toBe("(empty file)");
    expect(await skeletonOf("a.ts", "a\0b")).toBe("(not a text file)");
    expect(await skeletonOf("a.ts", "let a = 1;\n".repeat(60_000))).toContain("too large to parse");
  });

  test("never throws, whatever the text", async () => {
    const names = fc.constantFrom("a.ts", "a.tsx", "a.py", "a.go", "a.rs", "a.java", "a.rb", "a.md", "");
    const pieces = fc.constantFrom(
      "{",
      "}",
      "`",
      "${",
      "function f(",
      "def f():\n",
      "/*",
      "*/",
      "'''",
      '"',
      "\n",
      " ",
      "=>",
      "é🚂",
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
    );
    await fc.assert(
      fc.asyncProperty(names, text, async (name, source) => {
        expect(typeof (await skeletonOf(name, source))).toBe("string");
        expect(typeof (await curatedView(name, source))).toBe("string");
      }),
      { numRuns: 150 },
    );
  });
});

describe("curated view", () => {
  const marked: Record<string, string[]> = {
    "sample.ts": ["hotDetail", "coreDetail"],
    "sample.py": ["hot_detail", "core_detail"],
    "sample.go": ["hotDetail"],
    "sample.rs": ["core_detail"],
  };
  for (const [name, details] of Object.entries(marked)) {
    test(`of ${name} keeps marked bodies whole and hides the others`, async () => {
      const view = await curatedView(name, await fixture(name));
      for (const detail of details) expect(view).toContain(detail);
      expect(view).toContain("… hidden");
      expect(view).not.toMatch(/secretTotal|secret_owner|secretSum|SECRET_FACTOR|secret_one/);
    });
  }

  test("keeps comments and class structure", async () => {
    const view = await curatedView("sample.py", await fixture("sample.py"));
    expect(view).toContain("A long explanation that nobody needs.");
    expect(view).toContain("Secret class notes.");
    expect(view).toContain("        ...  # … hidden");
    expect(await curatedView("sample.ts", await fixture("sample.ts"))).toContain("// The secret formula follows.");
  });
});
