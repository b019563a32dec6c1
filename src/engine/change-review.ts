/** What code, not a model, has to say of a change: tests that it weakens, and files that act on a person's own machine. */
import { hostFlags } from "../domain/host-files.ts";
import type { TestFinding } from "../domain/test-finding.ts";
import { parseDiff } from "../domain/unified-diff.ts";
import { weakenedTests } from "../domain/weakened-tests.ts";
import type { EffectContext } from "./engine-parts.ts";

interface ReviewedChange {
  readonly findings?: TestFinding[];
  readonly flags?: string[];
}

const tooLarge: TestFinding = {
  file: ".",
  line: 0,
  what: "the change is too large to be looked through to its end: tests in it may be weaker",
};

/** Looks through the whole change from one commit to another, beyond what is kept of its diff. Empty parts are left out. */
export async function reviewChange(
  context: EffectContext,
  { from, to }: { readonly from: string; readonly to: string },
  ticket: { readonly checkCommand: string; readonly targetFiles: readonly string[] },
): Promise<ReviewedChange> {
  const { text, isCut } = await context.parts.repository.patch(from, to);
  const changes = parseDiff(text);
  const findings = [...(isCut ? [tooLarge] : []), ...weakenedTests(changes, ticket)];
  const flags = hostFlags(changes);
  return { ...(findings.length > 0 && { findings }), ...(flags.length > 0 && { flags }) };
}
