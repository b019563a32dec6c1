/**
 * Names of roles, tiers and streams. A stream id is the one key under which everything that an agent says and does
 * appears: in the API, in SSE frames, on the page.
 */
import { z } from "zod";

export const Role = z.enum(["orchestrator", "tech_lead", "worker", "qa"]);
export type Role = z.infer<typeof Role>;

export type Tier = 1 | 2 | 3 | 4;

const tierOf: Record<Role, Tier> = { orchestrator: 1, tech_lead: 2, worker: 3, qa: 4 };
const titleOf: Record<Role, string> = {
  orchestrator: "Orchestrator",
  tech_lead: "Tech Lead",
  worker: "Worker",
  qa: "QA",
};

/** The tier (1 to 4) that a role belongs to. */
export function roleTier(role: Role): Tier {
  return tierOf[role];
}

/** The role's name as people read it. */
export function roleTitle(role: Role): string {
  return titleOf[role];
}

/** The stream id of a role at its subject: an epic id for tier 1, a track id for tier 2, a ticket id for tiers 3 and 4. */
export function streamId(role: Role, subjectId: string): string {
  return `Tier ${tierOf[role]} (${titleOf[role]}): ${subjectId}`;
}
