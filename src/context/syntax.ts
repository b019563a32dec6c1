/**
 * Syntax trees: tree-sitter with the grammars inside the program. The library and each grammar are loaded when a file of
 * that language is first read (about 20 ms for the first), so a start costs nothing.
 */
import type { Language, Parser, Tree } from "@vscode/tree-sitter-wasm";
import runtime from "@vscode/tree-sitter-wasm/wasm/tree-sitter.wasm" with { type: "file" };
import goGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-go.wasm" with { type: "file" };
import javaGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-java.wasm" with { type: "file" };
import pythonGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm" with { type: "file" };
import rustGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm" with { type: "file" };
import tsxGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-tsx.wasm" with { type: "file" };
import typescriptGrammar from "@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm" with { type: "file" };
import type { LanguageName } from "./language.ts";

const grammars: Record<LanguageName, string> = {
  typescript: typescriptGrammar,
  tsx: tsxGrammar,
  python: pythonGrammar,
  go: goGrammar,
  rust: rustGrammar,
  java: javaGrammar,
};

type Library = { readonly Parser: typeof Parser; readonly Language: typeof Language };

let library: Promise<Library> | undefined;
const parsers = new Map<LanguageName, Promise<Parser>>();

/** Parses a source text, hands its tree to `read`, and frees the tree, whose memory no collector reaches. */
export async function withTree<T>(language: LanguageName, source: string, read: (tree: Tree) => T): Promise<T> {
  const parser = await parserOf(language);
  const tree = parser.parse(source);
  if (!tree) throw new Error(`the ${language} grammar gave no syntax tree`);
  try {
    return read(tree);
  } finally {
    tree.delete();
  }
}

function parserOf(language: LanguageName): Promise<Parser> {
  const known = parsers.get(language);
  if (known) return known;
  const made = makeParser(language);
  parsers.set(language, made);
  return made;
}

async function makeParser(language: LanguageName): Promise<Parser> {
  library ??= loadLibrary();
  const { Parser: ParserClass, Language: LanguageClass } = await library;
  const parser = new ParserClass();
  parser.setLanguage(await LanguageClass.load(await Bun.file(grammars[language]).bytes()));
  return parser;
}

async function loadLibrary(): Promise<Library> {
  const loaded = await import("@vscode/tree-sitter-wasm");
  // The bytes are given, because the library's own search for its file ends outside the compiled binary.
  const module = { wasmBinary: await Bun.file(runtime).bytes(), locateFile: () => runtime };
  await loaded.Parser.init(module);
  return loaded;
}
