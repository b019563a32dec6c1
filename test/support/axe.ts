/** Runs axe-core in a page that is open, and says in words what it finds. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { z } from "zod";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const Violations = z.array(
  z.object({
    id: z.string(),
    impact: z.string().nullish(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
  }),
);

/** The rules that look at colours: all that another colour scheme can break. */
export const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * One line for each element that breaks a rule, of these rules or of all; the browser evaluates it by its own protocol, so
 * the page's policy holds.
 */
export async function faultsOf(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(`globalThis.axe === undefined && (() => { ${axe.source} })()`);
  const options = JSON.stringify({
    runOnly: rules ? { type: "rule", values: rules } : { type: "tag", values: tags },
    resultTypes: ["violations"],
  });
  const found = await page.evaluate(`axe.run(document, ${options}).then((result) => result.violations)`);
  return Violations.parse(found).flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => {
      const why = failureSummary.split("\n")[1]?.trim() ?? "";
      return `${impact ?? "unknown"} ${id}: ${target.join(" ")}: ${why}`;
    }),
  );
}
