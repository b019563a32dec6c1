/** What the person of a scene changes in the plan: every way in which a person can, in one run. */
import { z } from "zod";
import { openAccess } from "../../src/cli/project-access.ts";
import type { PersonCommand } from "../../src/domain/command.ts";
import { NewTicket } from "../../src/domain/plan-edit.ts";
import type { TestWorld } from "../support/cli-world.ts";

const Gates = z.array(z.object({ kind: z.string(), ticketId: z.string().nullish(), trackId: z.string().nullish() }));

/** Changes the plan of the track whose first ticket is about to start; does nothing while none is. */
export async function changePlan(root: string, world: TestWorld): Promise<boolean> {
  const { look, change } = await openAccess({ command: "gates", positionals: [], options: { project: root } }, world);
  const gate = Gates.parse(await look({ what: "gates" })).find(({ kind }) => kind === "spawn");
  if (!gate?.trackId) return false;
  for (const command of changesOf(gate.trackId)) await change(command);
  return true;
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
