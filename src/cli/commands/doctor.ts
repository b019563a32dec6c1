/** `signalbox doctor`: checks what a run needs, and says how to mend what is missing. Exit 1 when something needed is. */
import type { RunCommand } from "../command-table.ts";
import { examine, type Finding } from "../examine.ts";
import { painter } from "../paint.ts";
import { textTable } from "../text-table.ts";

/** Prints one line a check; with `--json` the list of findings. */
export const doctor: RunCommand = async ({ options }, world) => {
  const findings = await examine(options, world);
  const isFit = findings.every((finding) => finding.status !== "missing");
  const message = "Something that a run needs is missing; see the lines with a cross.";
  const error = isFit ? {} : { error: { code: "unfit", message } };
  if (options.json) world.out(`${JSON.stringify({ isFit, findings, ...error })}\n`);
  else world.out(findingsText(findings, isFit, world.hasColour));
  if (!isFit) world.note(`signalbox: ${message}\n`);
  return isFit ? 0 : 1;
};

function findingsText(findings: readonly Finding[], isFit: boolean, hasColour: boolean): string {
  const paint = painter(hasColour);
  const marks = { ok: paint.green("✓"), warning: paint.yellow("!"), missing: paint.red("✗") };
  const rows = findings.flatMap((finding) => [
    [marks[finding.status], finding.name, finding.found],
    ...(finding.enforced ?? []).map((sentence) => ["", "", `+ ${sentence}`]),
    ...(finding.notEnforced ?? []).map((sentence) => ["", "", `- ${sentence}`]),
    ...(finding.remedy === null ? [] : [["", "", `→ ${finding.remedy}`]]),
  ]);
  return `${textTable(rows)}\n${isFit ? "Everything that a run needs is here.\n" : ""}`;
}
