/** A fact of a ticket's diff that makes its check easier to pass: where, and what. */
import { z } from "zod";

export const TestFinding = z.object({ file: z.string(), line: z.number().int().nonnegative(), what: z.string() });
export type TestFinding = z.infer<typeof TestFinding>;

const namedFindings = 5;

/** Findings in one line, the first few in full. */
export function findingWords(findings: readonly TestFinding[]): string {
  const named = findings.slice(0, namedFindings).map(({ file, line, what }) => `${file}:${line}: ${what}`);
  const more = findings.length > named.length ? `; and ${findings.length - named.length} more` : "";
  return `${named.join("; ")}${more}`;
}
