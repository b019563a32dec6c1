/** Finds where a text stops being JSON, which the runtime's own parser does not say. */

type Wanted = "a value" | "a value or ]" | 'a name in "" or }' | 'a name in ""' | ":" | ", or the end" | "nothing more";

const punctuation = /[{}[\],:]/y;
const text = /"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;
const space = /[ \t\r\n]*/y;

export interface JsonPlace {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** What JSON wants there, in words. */
  readonly wanted: string;
}

/** The first place that is not JSON; null when the whole text is. */
export function brokenJsonPlace(json: string): JsonPlace | null {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "a value";
  for (let at = skip(json, 0); ; at = skip(json, at)) {
    const token: string | null = take(punctuation, json, at) ?? take(text, json, at) ?? take(word, json, at);
    if (token === null && at === json.length && wanted === "nothing more") return null;
    const next: Wanted | null = token === null ? null : afterToken(token, wanted, open);
    if (token === null || next === null) return { ...placeOf(json, at), wanted };
    wanted = next;
    at += token.length;
  }
}

/** What may follow a token; null when the token is not wanted. `open` is what is still to be closed, and is kept. */
function afterToken(token: string, wanted: Wanted, open: ("{" | "[")[]): Wanted | null {
  const isValueWanted = wanted === "a value" || wanted === "a value or ]";
  switch (token) {
    case "{":
    case "[":
      if (!isValueWanted) return null;
      open.push(token);
      return token === "{" ? 'a name in "" or }' : "a value or ]";
    case "}":
    case "]": {
      const isEmpty = wanted === (token === "}" ? 'a name in "" or }' : "a value or ]");
      const isEnd = wanted === ", or the end" && open.at(-1) === (token === "}" ? "{" : "[");
      if (!isEmpty && !isEnd) return null;
      open.pop();
      return afterValue(open);
    }
    case ",":
      return wanted === ", or the end" ? (open.at(-1) === "{" ? 'a name in ""' : "a value") : null;
    case ":":
      return wanted === ":" ? "a value" : null;
    default:
      if (isValueWanted) return afterValue(open);
      return token.startsWith('"') && wanted.startsWith("a name") ? ":" : null;
  }
}

function afterValue(open: readonly string[]): Wanted {
  return open.length === 0 ? "nothing more" : ", or the end";
}

function take(pattern: RegExp, json: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(json)?.[0] ?? null;
}

function skip(json: string, at: number): number {
  return at + (take(space, json, at) ?? "").length;
}

function placeOf(json: string, at: number): { line: number; column: number } {
  const before = json.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}
