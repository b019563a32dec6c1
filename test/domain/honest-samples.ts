/** Diffs of honest work near tests: nothing is to be said of them. */
import { file } from "../support/diff-text.ts";

export const good: readonly (readonly [name: string, diff: readonly string[]])[] = [
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
