/**
 * Source text in colours: lines of tokens with class names, told by the file's name. `highlight.js` does it, and is loaded when
 * the first diff is looked at. Text stays text: what the library marks is taken apart again, and views escape it.
 */

/** What is used of the library: its own types would bring those of a browser into this program. */
interface Highlighter {
  registerLanguage(name: string, language: unknown): void;
  highlight(
    text: string,
    options: { readonly language: string; readonly ignoreIllegals: boolean },
  ): { readonly value: string };
}

export interface Token {
  readonly text: string;
  /** Class names; empty for plain text. */
  readonly classes: string;
}

/** Longer texts stay plain: the time it takes is bounded. */
const mostCharacters = 60_000;

/** Texts that were looked at last: a page is drawn again and again. */
const keptTexts = 64;
const kept = new Map<string, readonly (readonly Token[])[]>();

/** The lines of a text; null where its language is not known or it is too long. */
export function highlightedLines(path: string, text: string): readonly (readonly Token[])[] | null {
  const language = languageOf(path);
  if (language === null || text.length > mostCharacters) return null;
  const key = `${language}\n${text}`;
  const lines = kept.get(key) ?? tokenLines(marked(language, text));
  kept.delete(key);
  kept.set(key, lines);
  for (const oldest of kept.keys()) {
    if (kept.size <= keptTexts) break;
    kept.delete(oldest);
  }
  return lines;
}

let library: Highlighter | null = null;
const known = new Set<string>();

/** Required, not imported: a module that is required is first run here, and a language when it is first met. */
function marked(language: Language, text: string): string {
  const hljs: Highlighter = library ?? require("highlight.js/lib/core");
  library = hljs;
  if (!known.has(language)) hljs.registerLanguage(language, grammars[language]());
  known.add(language);
  return hljs.highlight(text, { language, ignoreIllegals: true }).value;
}

const grammars = {
  bash: (): unknown => require("highlight.js/lib/languages/bash"),
  c: (): unknown => require("highlight.js/lib/languages/c"),
  cpp: (): unknown => require("highlight.js/lib/languages/cpp"),
  csharp: (): unknown => require("highlight.js/lib/languages/csharp"),
  css: (): unknown => require("highlight.js/lib/languages/css"),
  dockerfile: (): unknown => require("highlight.js/lib/languages/dockerfile"),
  go: (): unknown => require("highlight.js/lib/languages/go"),
  ini: (): unknown => require("highlight.js/lib/languages/ini"),
  java: (): unknown => require("highlight.js/lib/languages/java"),
  javascript: (): unknown => require("highlight.js/lib/languages/javascript"),
  json: (): unknown => require("highlight.js/lib/languages/json"),
  kotlin: (): unknown => require("highlight.js/lib/languages/kotlin"),
  lua: (): unknown => require("highlight.js/lib/languages/lua"),
  makefile: (): unknown => require("highlight.js/lib/languages/makefile"),
  markdown: (): unknown => require("highlight.js/lib/languages/markdown"),
  php: (): unknown => require("highlight.js/lib/languages/php"),
  python: (): unknown => require("highlight.js/lib/languages/python"),
  ruby: (): unknown => require("highlight.js/lib/languages/ruby"),
  rust: (): unknown => require("highlight.js/lib/languages/rust"),
  sql: (): unknown => require("highlight.js/lib/languages/sql"),
  swift: (): unknown => require("highlight.js/lib/languages/swift"),
  typescript: (): unknown => require("highlight.js/lib/languages/typescript"),
  xml: (): unknown => require("highlight.js/lib/languages/xml"),
  yaml: (): unknown => require("highlight.js/lib/languages/yaml"),
};

type Language = keyof typeof grammars;

const languages: ReadonlyMap<string, Language> = new Map(
  [
    "bash sh bash zsh",
    "c c h",
    "cpp cc cpp cxx hpp hh",
    "csharp cs",
    "css css scss",
    "dockerfile dockerfile",
    "go go",
    "ini toml ini cfg",
    "java java",
    "javascript js mjs cjs jsx",
    "json json jsonc",
    "kotlin kt kts",
    "lua lua",
    "makefile makefile mk",
    "markdown md",
    "php php",
    "python py pyi",
    "ruby rb gemfile rakefile",
    "rust rs",
    "sql sql",
    "swift swift",
    "typescript ts mts cts tsx",
    "xml html htm xml svg vue",
    "yaml yml yaml",
  ].flatMap((line) => {
    const [language, ...endings] = line.split(" ");
    return isLanguage(language) ? endings.map((ending): [string, Language] => [ending, language]) : [];
  }),
);

function isLanguage(name: string | undefined): name is Language {
  return name !== undefined && Object.hasOwn(grammars, name);
}

function languageOf(path: string): Language | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return languages.get(name.slice(name.lastIndexOf(".") + 1)) ?? null;
}

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

/** What the library marked as nested elements, as lines of tokens that carry all their elements' classes. */
function tokenLines(html: string): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]];
  const open: string[] = [];
  for (const [part] of html.matchAll(/<span class="[^"]*">|<\/span>|\n|[^<\n]+/g)) {
    if (part === "\n") lines.push([]);
    else if (part === "</span>") open.pop();
    else if (part.startsWith("<span")) open.push(part.slice('<span class="'.length, -'">'.length));
    else lines.at(-1)?.push({ text: unescaped(part), classes: open.at(-1) ?? "" });
  }
  return lines;
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity] ?? entity);
}
