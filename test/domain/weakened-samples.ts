/** Diffs of workers that cheat, each with what must be said of it. */
import { file } from "../support/diff-text.ts";

export const bad: readonly (readonly [name: string, diff: readonly string[], what: RegExp])[] = [
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
