/**
 * The programming languages whose files can be shown without their bodies: which files are theirs, and how their syntax
 * trees name functions, bodies and comments. Files of other languages get the outline of `outline.ts`.
 */
import { extname } from "node:path";

/** A language that has a grammar in the program. */
export type LanguageName = "typescript" | "tsx" | "python" | "go" | "rust" | "java";

/** How one language's syntax tree is read. Node names are those of its tree-sitter grammar. */
export interface LanguageRules {
  /** Nodes with a `body` field that is dropped. */
  readonly functions: ReadonlySet<string>;
  /** Nodes that are a body by themselves, without a function around them. */
  readonly blocks: ReadonlySet<string>;
  /** Nodes that hold declarations: a function's own comments and decorators stand beside it, right below one of these. */
  readonly containers: ReadonlySet<string>;
  /** Long constants, cut in the middle. */
  readonly values: ReadonlySet<string>;
  readonly comments: ReadonlySet<string>;
  /** What stands for a dropped body; `note` is "" or words such as "hidden". */
  readonly hidden: (note: string) => string;
  readonly lineComment: string;
}

const braces = (note: string) => (note ? `{ … ${note} }` : "{ … }");

const ecmascript: LanguageRules = {
  functions: new Set([
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "method_definition",
    "arrow_function",
  ]),
  blocks: new Set(["class_static_block"]),
  containers: new Set(["program", "class_body", "statement_block", "object", "interface_body"]),
  values: new Set(["object", "array", "template_string", "string"]),
  comments: new Set(["comment"]),
  hidden: braces,
  lineComment: "//",
};

/** The rules of each language, by the names of its grammar. */
export const languageRules: Record<LanguageName, LanguageRules> = {
  typescript: ecmascript,
  tsx: ecmascript,
  python: {
    functions: new Set(["function_definition"]),
    blocks: new Set(),
    containers: new Set(["module", "block"]),
    values: new Set(["dictionary", "list", "set", "tuple", "string"]),
    comments: new Set(["comment"]),
    hidden: (note) => (note ? `...  # … ${note}` : "..."),
    lineComment: "#",
  },
  go: {
    functions: new Set(["function_declaration", "method_declaration", "func_literal"]),
    blocks: new Set(),
    containers: new Set(["source_file", "block"]),
    values: new Set(["literal_value", "raw_string_literal", "interpreted_string_literal"]),
    comments: new Set(["comment"]),
    hidden: braces,
    lineComment: "//",
  },
  rust: {
    functions: new Set(["function_item", "closure_expression"]),
    blocks: new Set(["macro_rule"]),
    containers: new Set(["source_file", "declaration_list", "block"]),
    values: new Set(["array_expression", "string_literal", "raw_string_literal"]),
    comments: new Set(["line_comment", "block_comment"]),
    hidden: braces,
    lineComment: "//",
  },
  java: {
    functions: new Set(["method_declaration", "constructor_declaration", "lambda_expression"]),
    blocks: new Set(["static_initializer"]),
    containers: new Set(["program", "class_body", "enum_body_declarations", "interface_body", "block"]),
    values: new Set(["array_initializer", "string_literal"]),
    comments: new Set(["line_comment", "block_comment"]),
    hidden: braces,
    lineComment: "//",
  },
};

const byExtension: Readonly<Record<string, LanguageName>> = {
  ".ts": "typescript",
  ".mts": "typescript",
  ".cts": "typescript",
  ".tsx": "tsx",
  // The TSX grammar reads JavaScript whole: only type assertions in angle brackets set it apart from TypeScript's.
  ".js": "tsx",
  ".jsx": "tsx",
  ".mjs": "tsx",
  ".cjs": "tsx",
  ".py": "python",
  ".pyi": "python",
  ".go": "go",
  ".rs": "rust",
  ".java": "java",
};

/** The language of a file by its name; null when it has no grammar here. */
export function languageOf(filePath: string): LanguageName | null {
  return byExtension[extname(filePath).toLowerCase()] ?? null;
}
