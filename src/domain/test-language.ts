/** What tests look like in each language: which files hold them, and how a case, an assertion and a skipped case are written. */

export interface TestLanguage {
  /** Extensions of its files, without the dot. */
  readonly extensions: readonly string[];
  /** A path that holds tests. */
  readonly file: RegExp;
  /** A line that begins a test case; its first group is the name, where it stands on the same line. */
  readonly test: RegExp;
  readonly assertion: RegExp;
  /** A line that keeps tests from running. */
  readonly skip: RegExp;
  /** A skip that depends on the machine: nothing to say about in a file that is new. */
  readonly conditional?: RegExp;
  /** An assertion that cannot fail. */
  readonly trivial: RegExp;
  /** Assertions that hold for nearly anything. */
  readonly loose?: RegExp;
  /** A line comment. */
  readonly comment: RegExp;
}

const slashes = /^\s*(\/\/|\/\*|\*(\s|$))/;
const hashes = /^\s*#/;
const inTests = /(^|\/)(tests?|specs?|__tests__|e2e)\//i;

function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join("|"), "i");
}

const javascript: TestLanguage = {
  extensions: ["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
  file: either(/[._-](test|spec|cy|e2e)\.[cm]?[jt]sx?$/, inTests),
  test: /(?:^|[^.\w$])[xf]?(?:it|test|Deno\.test)(?:\.\w+)*(?:\(|`)(?:[^"'`]*["'`]([^"'`]*))?/,
  assertion:
    /\b(?:expect|assert)\w*(?:\.\w+)*\s*\(|\bt\.(?:is|deepEqual|true|false|throws\w*|not|like|equal\w*|ok|same|match|assert)\(|\.should\b|\bverify\w*\(/,
  skip: /\b(?:it|test|describe|context|suite)(?:\.\w+)*\.(?:skip|todo|only|skipIf|runIf|if|todoIf|failing|fails|fixme)\b|(?:^|[^.\w$])(?:xit|xtest|xdescribe|xcontext|fit|fdescribe)\s*\(|\b(?:this|t|ctx|context)\.(?:skip|todo)\(|\b(?:skip|todo|ignore)\s*:\s*(?:true|["'`])/,
  conditional: /\.(?:skipIf|runIf|if|todoIf)\(/,
  trivial:
    /\b(?:expect|assert(?:\.\w+)?)\(\s*(true|false|1|0|null|undefined|"[^"]*"|'[^']*')\s*(?:,\s*\1\s*)?\)(?:(?:\.to(?:Be|Equal|StrictEqual)|\.to\.(?:be|equal|eql)|\.is)\(\s*\1\s*\)|\.to(?:BeTruthy|BeDefined)\(\)|\.to\.be\.(?:true|ok)|\s*;?\s*$)|\bexpect\(.*\|\|\s*true\s*\)|\bassert(?:\.\w+)?\(.*\|\|\s*true\s*[,)]/,
  loose:
    /\.(?:toBeDefined|toBeTruthy|toBeFalsy|toBeInstanceOf|toBeTypeOf|not\.toBeNull|not\.toBeUndefined|not\.toThrow)\(|expect\.any(?:thing)?\(/,
  comment: slashes,
};

const python: TestLanguage = {
  extensions: ["py"],
  file: either(/(^|\/)(test_[^/]*|[^/]*_tests?|conftest)\.py$/, inTests),
  test: /^\s*(?:async\s+)?def\s+(test\w*)\s*\(/,
  assertion: /^\s*assert\b|\bself\.(?:assert|fail)\w*\(|\bpytest\.(?:raises|warns|fail)\b|\bassert_\w+\(/,
  skip: /@?\bpytest\.mark\.(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail)\(|@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b|\bself\.skipTest\(|\braise\s+(?:unittest\.)?SkipTest|^\s*__test__\s*=\s*False/,
  conditional: /skipif|skipIf|skipUnless|sys\.platform|importorskip/,
  trivial:
    /^\s*assert\s+(?:True|1|not False|\(?\s*(\d+|"[^"]*"|'[^']*')\s*==\s*\1)\s*\)?\s*(?:,.*)?$|\bor\s+True\s*$|\bassertTrue\(\s*True\s*[,)]|\bassertEqual\(\s*(\w+|"[^"]*")\s*,\s*\2\s*\)/,
  loose: /\bassert\s+\S+\s+is\s+not\s+None\s*$|\bassertIsNotNone\(|\bassert\s+isinstance\(/,
  comment: hashes,
};

const go: TestLanguage = {
  extensions: ["go"],
  file: /_test\.go$/,
  test: /^func\s+((?:Test|Fuzz|Example)\w*)\s*\(|\b[tb]\.Run\(\s*"?([^",]*)/,
  assertion: /\b[tb]\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:require|assert|is|qt)\.\w+\(/,
  skip: /\b[tb]\.(?:Skip|Skipf|SkipNow)\(|^\/\/go:build\s+(?:ignore|never)\b|^\/\/\s*\+build\s+ignore/,
  conditional: /testing\.Short|runtime\.GOOS/,
  trivial:
    /\b(?:require|assert)\.True\(\s*t\s*,\s*true\b|\b(?:require|assert)\.Equal\(\s*t\s*,\s*(\w+|"[^"]*")\s*,\s*\1\s*[,)]/,
  comment: slashes,
};

const rust: TestLanguage = {
  extensions: ["rs"],
  file: /\.rs$/,
  test: /^\s*#\[(?:\w+::)*(?:test|rstest|test_case|case)\b/,
  assertion: /\b(?:prop_)?assert(?:_eq|_ne|_matches)?!/,
  skip: /^\s*#\[ignore\b|^\s*#!?\[cfg\((?:any\(\)|FALSE|false|never)\)\]/,
  trivial: /\bassert!\(\s*true\s*[,)]|\bassert_eq!\(\s*(\w+|"[^"]*")\s*,\s*\1\s*[,)]|\|\|\s*true\s*\)/,
  loose: /\bassert!\([^;]*\.(?:is_ok|is_some)\(\)\s*\)/,
  comment: slashes,
};

const jvm: TestLanguage = {
  extensions: ["java", "kt", "kts", "groovy", "scala"],
  file: either(/(^|\/)(Test\w*|\w*(Tests?|IT|Spec|TestCase))\.(java|kt|groovy|scala)$/, /(^|\/)src\/\w*[tT]est\w*\//),
  test: /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\b|^\s*(?:test|it|should)\s*\(\s*"([^"]*)/,
  assertion: /\b(?:assert\w*|verify\w*|fail|check\w*)\s*[({]|\.should\w*|\bshould\w+|\bexpect\w*\(/,
  skip: /@(?:Disabled|Ignore|Ignored|DisabledIf\w*|EnabledIf\w*|DisabledOn\w*|EnabledOn\w*)\b|\benabled\s*=\s*false|\bassum\w+\(\s*(?:false|true)\s*\)|\bx(?:test|it|describe)\b|\bAssumptions\.abort\(/,
  conditional: /@(?:DisabledIf|EnabledIf|DisabledOn|EnabledOn)/,
  trivial:
    /\bassertTrue\(\s*true\s*[,)]|\bassertFalse\(\s*false\s*[,)]|\bassertEquals\(\s*(\w+|"[^"]*")\s*,\s*\1\s*[,)]|\bassertThat\(\s*true\s*\)\.isTrue\(/,
  loose: /\bassertNotNull\(|\.isNotNull\(\)|\bassertDoesNotThrow\(/,
  comment: slashes,
};

const csharp: TestLanguage = {
  extensions: ["cs", "fs", "vb"],
  file: either(/(Tests?|Specs?|Facts)\.(cs|fs|vb)$/, /(^|\/)[^/]*[._]?Tests?\//),
  test: /\[(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod|Property)\b/,
  assertion: /\bAssert\.\w+|\.Should\w*\(|\bVerify\w*\(|\bExpect\w*\(/,
  skip: /\bSkip\s*=\s*["$@]|\[(?:Ignore|Explicit)\b|\bAssert\.(?:Ignore|Inconclusive|Skip)\(|\bSkip\.If/,
  trivial:
    /\bAssert\.(?:True|IsTrue|That)\(\s*true\s*[,)]|\bAssert\.(?:Equal|AreEqual)\(\s*(\w+|"[^"]*")\s*,\s*\1\s*[,)]|\bAssert\.Pass\(/,
  loose: /\bAssert\.(?:NotNull|IsNotNull)\(|\.NotBeNull\(/,
  comment: slashes,
};

const ruby: TestLanguage = {
  extensions: ["rb"],
  file: either(/(_spec|_test)\.rb$/, /(^|\/)test_[^/]*\.rb$/, inTests),
  test: /^\s*(?:it|specify|scenario|example|test)\s*[\s(]["'{]([^"']*)|^\s*def\s+(test_\w+)|^\s*it\s*\{/,
  assertion: /\bexpect[\s({]|\b(?:assert|refute)\w*\b|\.(?:must|wont)_\w+|\.should\b|\bis_expected\b/,
  skip: /^\s*(?:xit|xdescribe|xcontext|xspecify|fit|fdescribe|fcontext)\b|^\s*(?:skip|pending)\b|,\s*(?::skip|skip:|:pending|pending:|:focus|focus:)|\.skip\b/,
  trivial:
    /\bexpect\(\s*(true|1)\s*\)\.to\s+(?:eq\(?\s*\1|be\b)|\bassert\s*\(?\s*true\b|\bassert_equal\s*\(?\s*(\w+)\s*,\s*\2\s*\)?\s*$/,
  comment: hashes,
};

const php: TestLanguage = {
  extensions: ["php", "phpt"],
  file: either(/(Test|Cest|Spec)\.php$|\.phpt$/, inTests),
  test: /\bfunction\s+(test\w*)\s*\(|#\[Test\b|^\s*\*\s*@test\b|^\s*(?:it|test)\(\s*["']([^"']*)/,
  assertion: /(?:->|::)(?:assert|expect|should)\w*\(|\bassert\w*\(|\bexpect\(/,
  skip: /\bmarkTest(?:Skipped|Incomplete)\(|->(?:skip|todo|only)\(|#\[(?:Skip|Ignore)|@group\s+(?:skip|ignore)/,
  trivial:
    /\bassertTrue\(\s*true\s*[,)]|\bassert(?:Same|Equals)\(\s*(\w+|'[^']*')\s*,\s*\1\s*[,)]|\bexpect\(\s*true\s*\)->toBe(?:True\(\)|\(\s*true)/,
  comment: either(slashes, /^\s*#(?!\[)/),
};

const cpp: TestLanguage = {
  extensions: ["c", "cc", "cpp", "cxx", "h", "hpp", "m", "mm"],
  file: either(/(_|-|\.)?(unit)?tests?\.(c|cc|cpp|cxx|m|mm)$/, /(^|\/)test[_-][^/]*$/, inTests),
  test: /^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P|TEST_CASE|SCENARIO|BOOST_AUTO_TEST_CASE|START_TEST)\s*\(\s*([^)]*)/,
  assertion: /\b(?:EXPECT|ASSERT|REQUIRE|CHECK|BOOST_(?:CHECK|REQUIRE|TEST)|ck_assert|cmocka)\w*\s*\(|\bassert\w*\(/,
  skip: /\bGTEST_SKIP\b|\bDISABLED_\w+|\[\.\]|\[!(?:mayfail|shouldfail)\]|^\s*#if\s+0\b|\bSKIP\(/,
  trivial:
    /\b(?:EXPECT|ASSERT)_TRUE\(\s*true\s*\)|\b(?:EXPECT|ASSERT)_EQ\(\s*(\w+)\s*,\s*\1\s*\)|\b(?:REQUIRE|CHECK)\(\s*true\s*\)|\bassert\(\s*(?:1|true)\s*\)/,
  comment: slashes,
};

const elixir: TestLanguage = {
  extensions: ["ex", "exs"],
  file: either(/_test\.exs$/, inTests),
  test: /^\s*(?:test|property|feature)\s+"([^"]*)/,
  assertion: /\b(?:assert|refute)\w*\b/,
  skip: /@(?:module|describe)?tag\s*\(?:?\s*(?::?skip|skip:|pending)|\bexclude:\s*\[/,
  trivial: /^\s*assert\s+(?:true|1\s*==\s*1)\s*$|\bor\s+true\s*$/,
  comment: hashes,
};

const swift: TestLanguage = {
  extensions: ["swift"],
  file: either(/Tests?\.swift$/, /(^|\/)\w*Tests\//),
  test: /\bfunc\s+(test\w*)\s*\(|@Test\b/,
  assertion: /\bXCT(?:Assert|Fail|Unwrap)\w*\(?|#(?:expect|require)\b/,
  skip: /\bXCTSkip\w*|\.disabled\(|\bXCTExpectFailure\(|\bfunc\s+(?:skip|disabled|x|_)_?test\w*\(/,
  trivial: /\bXCTAssert(?:True)?\(\s*true\s*[,)]|#expect\(\s*true\s*\)|\bXCTAssertEqual\(\s*(\w+)\s*,\s*\1\s*[,)]/,
  comment: slashes,
};

const shell: TestLanguage = {
  extensions: ["bats", "sh", "bash"],
  file: either(/\.bats$/, /(^|[_-])tests?([_-][^/]*)?\.(sh|bash)$/, inTests),
  test: /^\s*@test\s+["']([^"']*)|^\s*(?:function\s+)?(test_\w+)\s*\(\)/,
  assertion: /^\s*(?:\[\[?\s|assert\w*\b|refute\w*\b|test\s+|diff\s|cmp\s|grep\s)/,
  skip: /^\s*skip\b/,
  trivial: /^\s*\[\[?\s+(?:1|0|true|1 -eq 1|1 = 1)\s+\]\]?\s*$|\|\|\s*(?:true|:)\s*$/,
  comment: hashes,
};

const languages: readonly TestLanguage[] = [
  javascript,
  python,
  go,
  rust,
  jvm,
  csharp,
  ruby,
  php,
  cpp,
  elixir,
  swift,
  shell,
];

const byExtension = new Map(languages.flatMap((language) => language.extensions.map((name) => [name, language])));

/** The language of a file that holds tests, by its path; null for every other file. */
export function testLanguage(path: string): TestLanguage | null {
  const language = byExtension.get(/\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "");
  return language?.file.test(path) ? language : null;
}
