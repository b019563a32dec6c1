/** What the person of a scene changes while it runs: the plan, in every way in which one can, or the settings. */
import { join } from "node:path";
import { z } from "zod";
import { openAccess } from "../../src/cli/project-access.ts";
import type { PersonCommand } from "../../src/domain/command.ts";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import type { TestWorld } from "../support/cli-world.ts";

const Gates = z.array(z.object({ kind: z.string(), ticketId: z.string().nullish(), trackId: z.string().nullish() }));

/** Steers the track whose first ticket is about to start; gives false, and does nothing, while none is. */
export async function steer(what: "plan" | "settings", root: string, world: TestWorld): Promise<boolean> {
  const { look, change } = await openAccess({ command: "gates", positionals: [], options: { project: root } }, world);
  const gate = Gates.parse(await look({ what: "gates" })).find(({ kind }) => kind === "spawn");
  if (!gate?.trackId) return false;
  if (what === "settings") await changeSettings(root);
  else for (const command of changesOf(gate.trackId)) await change(command);
  return true;
}

/** Another model, and no review by the tech lead: the next start goes on with them. */
async function changeSettings(root: string): Promise<void> {
  const path = join(root, "conductor/signalbox.toml");
  const text = await Bun.file(path).text();
  await Bun.write(path, `${text.replace('["three-a", "three-b"]', '["three-c"]')}[review]\ntech_lead = false\n`);
}

/** Of the tickets T-001 to T-004, each of which needs the one before it. */
function changesOf(trackId: string): PersonCommand[] {
  const word = (name: string) => ({
    title: `Write the word ${name}`,
    description: `Write the word ${name} into its file.`,
    targetFiles: [`${name}.txt`],
  });
  return [
    {
      type: "edit_ticket",
      ticketId: "T-002",
      changes: { description: "Write the word ewe instead.", targetFiles: ["ewe.txt"] },
    },
    {
      type: "add_ticket",
      trackId,
      ticket: NewTicket.parse({ ...word("owl"), dependsOn: ["T-001"], afterTicketId: "T-002" }),
    },
    { type: "split_ticket", ticketId: "T-003", parts: [word("cat"), word("cow")], isChained: true },
    { type: "move_ticket", ticketId: "T-005", beforeTicketId: "T-002" },
    { type: "edit_ticket", ticketId: "T-004", changes: { dependsOn: ["T-005", "T-007"] } },
  ];
}
