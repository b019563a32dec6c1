/**
 * Matches lines against a model's regular expression in linear time. The engine's own `RegExp` can run for ages on a
 * hostile or careless expression and cannot be stopped, not even by the time limit of `node:vm` (measured).
 */
import type { RE2JS } from "re2js";
import { ToolFault } from "./tool.ts";

const longestLine = 5_000;

export interface LineMatcher {
  /** The indexes of the lines that match; of a very long line only the beginning is searched. */
  matches(lines: readonly string[]): number[];
}

/** Reads an expression in JavaScript's syntax; `(?i)` in front ignores case. Throws a ToolFault for one that it cannot read. */
export async function lineMatcher(pattern: string): Promise<LineMatcher> {
  const expression = await compiled(pattern);
  return {
    matches: (lines) => {
      const found: number[] = [];
      for (const [index, line] of lines.entries())
        if (expression.matcher(line.slice(0, longestLine)).find()) found.push(index);
      return found;
    },
  };
}

async function compiled(pattern: string): Promise<RE2JS> {
  // Loaded on first use: most agents never search.
  const { RE2JS } = await import("re2js");
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolFault(
      `The pattern cannot be used: ${reason}. Lookarounds and back references are not supported.`,
      error,
    );
  }
}
