/**
 * Matches lines against a model's regular expression under a time limit. The engine of a `RegExp` cannot be stopped from
 * the same thread, save by the limit of `node:vm`, which holds for expressions that would run for ages too.
 */
import { createContext, Script } from "node:vm";
import { z } from "zod";
import { ToolFault } from "./tool.ts";

const longestMs = 1_000;
const longestLine = 5_000;

// The lines and the expression are data in the context; nothing of the model's is ever compiled as code.
const script = new Script(
  "(() => { const expression = new RegExp(source, flags); const found = []; lines.forEach((line, index) => { if (expression.test(line)) found.push(index); }); return found.join(); })()",
);

export class LineMatcher {
  readonly #scene: { source: string; flags: string; lines: readonly string[] };
  #leftMs = longestMs;

  constructor(pattern: string) {
    const isIgnoringCase = pattern.startsWith("(?i)");
    const source = isIgnoringCase ? pattern.slice(4) : pattern;
    const flags = isIgnoringCase ? "i" : "";
    try {
      new RegExp(source, flags);
    } catch (error) {
      throw new ToolFault(`The pattern is not a regular expression: ${String(error)}`, error);
    }
    this.#scene = { source, flags, lines: [] };
    createContext(this.#scene);
  }

  /** The indexes of the lines that match. All calls together may take a second; then it throws a ToolFault. */
  matches(lines: readonly string[]): number[] {
    this.#scene.lines = lines.map((line) => line.slice(0, longestLine));
    const startedAt = performance.now();
    try {
      const found = z
        .string()
        .parse(script.runInContext(this.#scene, { timeout: Math.max(1, Math.ceil(this.#leftMs)) }));
      return found === "" ? [] : found.split(",").map(Number);
    } catch (error) {
      throw new ToolFault("The expression takes too long; use a simpler one, without nested repetition.", error);
    } finally {
      this.#leftMs -= performance.now() - startedAt;
    }
  }
}
