/** `signalbox init`: sets conductor/ up, never over a file that is there. What it writes, its user has accepted. */
import { initDocuments } from "../../workspace/documents/init-documents.ts";
import type { RunCommand } from "../command-table.ts";
import { loadConfig } from "../config/load-config.ts";
import { findProject } from "../project.ts";
import { acceptTrust, isTrusted } from "../trust.ts";
import type { World } from "../world.ts";

/** Asks for the goal of the product and the check where it can; `--yes` and a pipe take what was detected. */
export const init: RunCommand = async ({ options }, world) => {
  const project = await findProject(options.project, world);
  const before = await loadConfig(project.root, {}, world);
  const wasTrusted = await isTrusted(project.root, before.projectFile, world);
  const isAsking = world.isInteractive && !options.yes && !options.json;
  const answers = isAsking ? await askAnswers(world) : {};
  const { created } = initDocuments(project.root, answers);
  // A file that was there already, and that nobody accepted, stays a stranger's.
  const { projectFile } = await loadConfig(project.root, {}, world);
  if (wasTrusted) await acceptTrust(project.root, projectFile, world);
  if (options.json) world.out(`${JSON.stringify({ created })}\n`);
  else world.out(created.length === 0 ? "conductor/ is already set up; nothing was changed.\n" : createdText(created));
  return 0;
};

async function askAnswers(world: World) {
  const product = await world.ask("What is this project, in a sentence? (Enter to fill in later) ");
  const verifyCommand = await world.ask("Which command checks it, such as npm test? (Enter for the detected one) ");
  return { ...(product !== "" && { product }), ...(verifyCommand !== "" && { verifyCommand }) };
}

function createdText(created: readonly string[]): string {
  const lines = created.map((path) => `  ${path}`).join("\n");
  return `Created:\n${lines}\n\nRead and change them as you like, commit them, then: signalbox run --epic "GOAL"\n`;
}
