/** What counts as a weakened test, on diffs as workers write them: cheats are named, honest work is let through. */
import { describe, expect, test } from "bun:test";
import { parseDiff } from "../../src/domain/unified-diff.ts";
import { weakenedTests } from "../../src/domain/weakened-tests.ts";

type Kind = "changed" | "deleted" | "added" | { readonly renamedFrom: string };

/** A file's part of a diff; each line of `body` begins with its mark. */
function file(path: string, body: string, kind: Kind = "changed"): string {
  const lines = body === "" ? [] : body.split("\n");
  const from = typeof kind === "object" ? kind.renamedFrom : path;
  const heads = {
    changed: ["index 1111111..2222222 100644"],
    deleted: ["deleted file mode 100644", "index 1111111..0000000"],
    added: ["new file mode 100644", "index 0000000..2222222"],
  };
  const head =
    typeof kind === "object" ? ["similarity index 90%", `rename from ${from}`, `rename to ${path}`] : heads[kind];
  const names = [
    `--- ${kind === "added" ? "/dev/null" : `a/${from}`}`,
    `+++ ${kind === "deleted" ? "/dev/null" : `b/${path}`}`,
  ];
  const hunk = lines.length === 0 ? [] : [...names, `@@ -1,${lines.length} +1,${lines.length} @@`, ...lines];
  return [`diff --git a/${from} b/${path}`, ...head, ...hunk].join("\n");
}

function findings(...files: readonly string[]) {
  return weakenedTests(parseDiff(`${files.join("\n")}\n`), {
    checkCommand: "sh scripts/gate.sh && npm test",
    targetFiles: [],
  });
}

const bad: readonly (readonly [name: string, diff: readonly string[], what: RegExp])[] = [
  [
    "a deleted test file",
    [
      file(
        "test/cart.test.ts",
        '-import { sum } from "../src/cart";\n-test("sums", () => {\n-  expect(sum([1, 2])).toBe(3);\n-});',
        "deleted",
      ),
    ],
    /deleted.*sums/,
  ],
  [
    "a case removed, while others are added elsewhere",
    [
      file("test/a.test.ts", ' import x\n-it("adds tax", () => {\n-  expect(tax(1)).toBe(2);\n-});\n it("b", () => {'),
      file("test/b.test.ts", '+it("is new", () => {\n+  expect(tax(1)).toBe(9);\n+});', "added"),
    ],
    /1 test case removed.*adds tax/,
  ],
  [
    "a renamed file that no runner finds",
    [file("test/old/cart.ts.bak", "", { renamedFrom: "src/cart.test.ts" })],
    /was src\/cart\.test\.ts/,
  ],
  [
    "it.skip",
    [file("a.test.js", '-it("works", () => {\n+it.skip("works", () => {\n   expect(f()).toBe(1);')],
    /skipped/,
  ],
  [
    "describe.only",
    [file("a.spec.tsx", '-describe("one", () => {\n+describe.only("one", () => {')],
    /kept from running/,
  ],
  ["xit", [file("a.spec.js", '-  it("works", () => {\n+  xit("works", () => {')], /skipped|removed/],
  [
    "test.todo in place of a test",
    [file("a.test.ts", '-test("works", () => {\n-  expect(f()).toBe(1);\n-});\n+test.todo("works");')],
    /todo/,
  ],
  [
    "assertions removed",
    [
      file(
        "a.test.ts",
        ' test("works", () => {\n   const x = f();\n-  expect(x.a).toBe(1);\n-  expect(x.b).toBe(2);\n+  expect(x.a).toBe(1);\n });',
      ),
    ],
    /1 assertion fewer/,
  ],
  [
    "a trivial assertion",
    [file("a.test.ts", ' test("works", () => {\n-  expect(f()).toBe(4);\n+  expect(true).toBe(true);\n });')],
    /cannot fail/,
  ],
  [
    "a loosened assertion",
    [file("a.test.ts", ' test("works", () => {\n-  expect(f()).toBe(4);\n+  expect(f()).toBeDefined();\n });')],
    /nearly anything/,
  ],
  [
    "an assertion with a way out",
    [file("a.test.ts", "-  expect(f() === 4).toBe(true);\n+  expect(f() === 4 || true).toBe(true);")],
    /cannot fail/,
  ],
  [
    "commented-out tests",
    [file("a.test.ts", "-  expect(f()).toBe(4);\n+  // expect(f()).toBe(4);")],
    /commented out|fewer/,
  ],
  [
    "a comment around tests",
    [file("a.test.ts", '+/*\n test("works", () => {\n   expect(f()).toBe(1);\n });\n+*/')],
    /inside/,
  ],
  [
    "an early return",
    [file("a.test.ts", ' test("works", () => {\n   setUp();\n+  return;\n   expect(f()).toBe(1);')],
    /return/,
  ],
  [
    "pytest.mark.skip",
    [file("tests/test_a.py", '+@pytest.mark.skip(reason="flaky")\n def test_a():\n     assert f() == 1')],
    /skip/,
  ],
  ["xfail", [file("tests/test_a.py", "+@pytest.mark.xfail\n def test_a():\n     assert f() == 1")], /xfail/],
  ["assert True", [file("test_a.py", " def test_a():\n-    assert f() == 1\n+    assert True")], /cannot fail/],
  ["if False", [file("test_a.py", "+if False:\n     def test_a():\n         assert f() == 1")], /inside|cannot/],
  ["t.Skip", [file("a_test.go", ' func TestA(t *testing.T) {\n+\tt.Skip("later")\n \tif f() != 1 {')], /skipped/],
  [
    "a Go test removed",
    [file("a_test.go", "-func TestA(t *testing.T) {\n-\tif f() != 1 {\n-\t\tt.Fatal(f())\n-\t}\n-}")],
    /TestA/,
  ],
  [
    "#[ignore]",
    [file("src/lib.rs", "     #[test]\n+    #[ignore]\n     fn adds() {\n         assert_eq!(add(1, 1), 2);")],
    /ignore/,
  ],
  [
    "a Rust test removed",
    [file("src/lib.rs", "-    #[test]\n-    fn adds() {\n-        assert_eq!(add(1, 1), 2);\n-    }")],
    /"adds"/,
  ],
  ["@Disabled", [file("src/test/java/CartTest.java", "+    @Disabled\n     @Test\n     void sums() {")], /Disabled/],
  [
    "a Java test without @Test",
    [file("src/test/java/CartTest.java", "-    @Test\n     void sums() {\n         assertEquals(3, sum());")],
    /"sums"/,
  ],
  ["Kotlin @Ignore", [file("src/test/kotlin/CartTest.kt", "+    @Ignore\n     @Test\n     fun sums() {")], /Ignore/],
  [
    "a Ruby pending",
    [file("spec/cart_spec.rb", '   it "sums" do\n+    pending "later"\n     expect(sum).to eq(3)')],
    /pending/,
  ],
  ["a Ruby xit", [file("spec/cart_spec.rb", '-  it "sums" do\n+  xit "sums" do')], /skipped|removed/],
  [
    "markTestSkipped",
    [
      file(
        "tests/CartTest.php",
        "     public function testSum() {\n+        $this->markTestSkipped();\n         $this->assertSame(3, sum());",
      ),
    ],
    /Skipped/,
  ],
  ["a C# Skip", [file("CartTests.cs", '-    [Fact]\n+    [Fact(Skip = "later")]\n     public void Sums() {')], /Skip/],
  [
    "DISABLED_ in gtest",
    [file("cart_test.cc", "-TEST(Cart, Sums) {\n+TEST(Cart, DISABLED_Sums) {\n   EXPECT_EQ(3, sum());")],
    /DISABLED/,
  ],
  ["an Elixir tag", [file("test/cart_test.exs", '+  @tag :skip\n   test "sums" do\n     assert sum() == 3')], /skip/],
  [
    "XCTSkip",
    [
      file(
        "CartTests.swift",
        "     func testSum() throws {\n+        throw XCTSkip()\n         XCTAssertEqual(sum(), 3)",
      ),
    ],
    /XCTSkip/,
  ],
  ["a bats skip", [file("test/cart.bats", ' @test "sums" {\n+  skip\n   [ "$(sum)" = 3 ]')], /skip/],
  [
    "a hollow test script",
    [file("package.json", '   "scripts": {\n-    "test": "vitest run"\n+    "test": "true"')],
    /vitest run.*true/,
  ],
  [
    "|| true in a script",
    [file("package.json", '-    "test": "jest"\n+    "test": "jest || true"')],
    /no longer fails/,
  ],
  [
    "another runner's exit",
    [file("package.json", '-    "check": "tsc && bun test",\n+    "check": "echo fine",')],
    /is now "echo fine"/,
  ],
  [
    "jest ignores a folder",
    [file("jest.config.js", " module.exports = {\n+  testPathIgnorePatterns: ['cart'],")],
    /left out/,
  ],
  ["vitest excludes", [file("vitest.config.ts", "   test: {\n+    exclude: ['test/cart.test.ts'],")], /left out/],
  ["pytest addopts", [file("pytest.ini", " [pytest]\n+addopts = --ignore=tests/test_cart.py")], /left out/],
  ["a coverage limit lowered", [file("jest.config.js", "-      branches: 90,\n+      branches: 40,")], /90 down to 40/],
  ["fail_under removed", [file("pyproject.toml", " [tool.coverage.report]\n-fail_under = 90")], /removed/],
  [
    "CI that may fail",
    [file(".github/workflows/ci.yml", "       - run: npm test\n+        continue-on-error: true")],
    /no longer fails/,
  ],
  ["CI without tests", [file(".github/workflows/ci.yml", "       - run: npm ci\n-      - run: npm test")], /ran tests/],
  ["a Makefile target emptied", [file("Makefile", " test:\n-\tgo test ./...\n+\t@true")], /no longer fails|ran tests/],
  ["the check's own script", [file("scripts/gate.sh", " #!/bin/sh\n-grep -q ok out.txt\n+exit 0")], /the check itself/],
  [
    "snapshots rewritten at once",
    [
      file(
        "src/__snapshots__/page.test.ts.snap",
        Array.from({ length: 40 }, (_, index) => `-old ${index}\n+new ${index}`).join("\n"),
      ),
    ],
    /40 lines of snapshots/,
  ],
];

const good: readonly (readonly [name: string, diff: readonly string[]])[] = [
  ["a new test file", [file("test/b.test.ts", '+test("b", () => {\n+  expect(b()).toBe(1);\n+});', "added")]],
  [
    "new cases",
    [
      file(
        "a.test.ts",
        ' test("a", () => {\n   expect(a()).toBe(1);\n });\n+test("b", () => {\n+  expect(b()).toBe(2);\n+});',
      ),
    ],
  ],
  ["a changed expectation", [file("a.test.ts", "-  expect(total()).toBe(10);\n+  expect(total()).toBe(12);")]],
  [
    "a renamed case",
    [file("a.test.ts", '-test("adds", () => {\n+test("adds two numbers", () => {\n   expect(add(1, 1)).toBe(2);')],
  ],
  [
    "a moved file",
    [
      file("test/unit/a.test.ts", '-import { a } from "./a";\n+import { a } from "../a";', {
        renamedFrom: "test/a.test.ts",
      }),
    ],
  ],
  [
    "cases moved to another file",
    [
      file("a.test.ts", '-test("b", () => {\n-  expect(b()).toBe(2);\n-});'),
      file("b.test.ts", '+test("b", () => {\n+  expect(b()).toBe(2);\n+});', "added"),
    ],
  ],
  [
    "a file split in two",
    [
      file(
        "all.test.ts",
        '-test("a", () => {\n-  expect(a()).toBe(1);\n-});\n-test("b", () => {\n-  expect(b()).toBe(2);\n-});',
        "deleted",
      ),
      file("a.test.ts", '+test("a", () => {\n+  expect(a()).toBe(1);\n+});', "added"),
      file("b.test.ts", '+test("b", () => {\n+  expect(b()).toBe(2);\n+});', "added"),
    ],
  ],
  [
    "a table of cases",
    [
      file(
        "a.test.ts",
        '-test("1", () => {\n-  expect(f(1)).toBe(2);\n-});\n-test("2", () => {\n-  expect(f(2)).toBe(3);\n-});\n+test.each([\n+  [1, 2],\n+  [2, 3],\n+])("%d", (from, to) => {\n+  expect(f(from)).toBe(to);\n+});',
      ),
    ],
  ],
  [
    "one whole value instead of its fields",
    [
      file(
        "a.test.ts",
        "-  expect(x.a).toBe(1);\n-  expect(x.b).toBe(2);\n-  expect(x.c).toBe(3);\n+  expect(x).toEqual({ a: 1, b: 2, c: 3 });",
      ),
    ],
  ],
  [
    "a whole value over several lines",
    [
      file(
        "a.test.ts",
        "-  expect(x.a).toBe(1);\n-  expect(x.b).toBe(2);\n+  expect(x).toEqual({\n+    a: 1,\n+    b: 2,\n+  });",
      ),
    ],
  ],
  [
    "asserting helpers",
    [file("a.test.ts", "-  expect(a.ok).toBe(true);\n-  expect(b.ok).toBe(true);\n+  expectOk(a);\n+  expectOk(b);")],
  ],
  [
    "tests that go with their subject",
    [
      file("src/old.ts", "-export const old = 1;", "deleted"),
      file("test/old.test.ts", '-test("old", () => {\n-  expect(old).toBe(1);\n-});', "deleted"),
    ],
  ],
  [
    "product code with words like skip",
    [file("src/parser.ts", "+  if (token.skip) return;\n+  it.skip = true;\n+  reader.skip(2);")],
  ],
  [
    "a removed helper in a test folder",
    [file("test/support/clock.ts", "-export function clock() {\n-  return 0;\n-}", "deleted")],
  ],
  [
    "a parametrized pytest",
    [
      file(
        "test_a.py",
        '-def test_one():\n-    assert f(1) == 2\n-\n-def test_two():\n-    assert f(2) == 3\n+@pytest.mark.parametrize("a, b", [\n+    (1, 2),\n+    (2, 3),\n+])\n+def test_f(a, b):\n+    assert f(a) == b',
      ),
    ],
  ],
  [
    "unittest to pytest",
    [
      file(
        "tests/test_a.py",
        "-class TestA(unittest.TestCase):\n-    def test_a(self):\n-        self.assertEqual(f(), 1)\n+def test_a():\n+    assert f() == 1",
      ),
    ],
  ],
  [
    "a platform skip in a new file",
    [
      file(
        "tests/test_win.py",
        '+@pytest.mark.skipif(sys.platform != "win32", reason="windows")\n+def test_win():\n+    assert f() == 1',
        "added",
      ),
    ],
  ],
  [
    "a Go table",
    [
      file(
        "a_test.go",
        "-func TestOne(t *testing.T) {\n-\tif f(1) != 2 {\n-\t\tt.Fatal()\n-\t}\n-}\n-func TestTwo(t *testing.T) {\n-\tif f(2) != 3 {\n-\t\tt.Fatal()\n-\t}\n-}\n+func TestF(t *testing.T) {\n+\tfor _, tt := range []struct{ in, out int }{\n+\t\t{1, 2},\n+\t\t{2, 3},\n+\t} {\n+\t\tif f(tt.in) != tt.out {\n+\t\t\tt.Fatal(tt)\n+\t\t}\n+\t}\n+}",
      ),
    ],
  ],
  [
    "Go's short mode in a new file",
    [
      file(
        "slow_test.go",
        '+func TestSlow(t *testing.T) {\n+\tif testing.Short() {\n+\t\tt.Skip("slow")\n+\t}\n+\trequire.Equal(t, 1, f())\n+}',
        "added",
      ),
    ],
  ],
  [
    "a Rust case added",
    [
      file(
        "src/lib.rs",
        "     #[test]\n     fn adds() {\n         assert_eq!(add(1, 1), 2);\n     }\n+    #[test]\n+    fn adds_zero() {\n+        assert_eq!(add(0, 0), 0);\n+    }",
      ),
    ],
  ],
  [
    "Rust product code",
    [file("src/lib.rs", "-pub fn add(a: i32, b: i32) -> i32 { a - b }\n+pub fn add(a: i32, b: i32) -> i32 { a + b }")],
  ],
  [
    "a Java case rewritten",
    [
      file(
        "src/test/java/CartTest.java",
        "     @Test\n-    void sum() {\n-        assertEquals(3, cart.sum());\n+    void sumsItems() {\n+        assertThat(cart.sum()).isEqualTo(3);\n     }",
      ),
    ],
  ],
  [
    "rspec rewritten",
    [
      file(
        "spec/cart_spec.rb",
        '-  it "sums" do\n-    cart.sum.should == 3\n+  it "sums all items" do\n+    expect(cart.sum).to eq(3)',
      ),
    ],
  ],
  ["a new script", [file("package.json", '   "scripts": {\n+    "build": "tsc",\n     "test": "vitest run"')]],
  [
    "a stricter script",
    [file("package.json", '-    "test": "vitest run"\n+    "test": "tsc --noEmit && vitest run --coverage"')],
  ],
  [
    "a dependency called test",
    [file("package.json", '   "devDependencies": {\n-    "vitest": "1.0.0",\n+    "vitest": "2.0.0",')],
  ],
  ["a limit raised", [file("jest.config.js", "-      branches: 60,\n+      branches: 80,")]],
  ["a linter's exclude", [file("pyproject.toml", " [tool.ruff]\n+exclude = ['build']")]],
  [
    "CI with one step more",
    [file(".github/workflows/ci.yml", "-      - run: npm test\n+      - run: npm run lint\n+      - run: npm test")],
  ],
  ["a Makefile target more", [file("Makefile", " test:\n \tgo test ./...\n+\n+build:\n+\tgo build ./...")]],
  ["one snapshot", [file("src/__snapshots__/page.test.ts.snap", "-  <b>old</b>\n+  <b>new</b>")]],
  [
    "a guard clause in a test helper",
    [file("test/support/server.ts", "   if (!server)\n+    return;\n   server.stop();")],
  ],
  ["a comment in a test", [file("a.test.ts", "+  // The total has tax in it.\n   expect(total()).toBe(10);")]],
  [
    "a longer comment in a test",
    [file("a.test.ts", '+/*\n+ * What totals are.\n+ */\n test("a", () => {\n   expect(total()).toBe(10);')],
  ],
  [
    "documents",
    [file("README.md", "-Run `npm test`.\n+Run `npm test` or `npm run test:watch`.\n+Tests may use it.skip.")],
  ],
];

describe("a weakened test", () => {
  test.each(bad)("is seen: %s", (_name, diff, what) => {
    const found = findings(...diff);
    expect(found.map((finding) => finding.what).join("; ")).toMatch(what);
  });

  test("is told with its file and its line", () => {
    expect(findings(file("a.test.ts", ' import x\n \n-it("works", () => {\n+it.skip("works", () => {'))).toMatchObject([
      { file: "a.test.ts", line: 3 },
    ]);
  });

  test("is told up to a limit", () => {
    const many = Array.from({ length: 50 }, (_, index) => `-it("${index}", f);\n+it.skip("${index}", f);`).join("\n");
    expect(findings(file("a.test.ts", many))).toHaveLength(20);
  });
});

describe("honest work", () => {
  test.each(good)("is let through: %s", (_name, diff) => {
    expect(findings(...diff)).toEqual([]);
  });

  test("may change the check's script when that is its ticket", () => {
    const changes = parseDiff(file("scripts/gate.sh", "-grep -q ok out.txt\n+grep -qi ok out.txt"));
    const ticket = { checkCommand: "sh scripts/gate.sh", targetFiles: ["scripts/gate.sh"] };
    expect(weakenedTests(changes, ticket)).toEqual([]);
  });
});
