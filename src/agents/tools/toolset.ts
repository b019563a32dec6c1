/** Which tools each purpose is offered, and what each may read. */
import type { AgentStart } from "../protocol.ts";
import {
  acceptTicketTool,
  bashTool,
  proposeTicketsTool,
  proposeTracksTool,
  reportBlockedTool,
  reportVerdictTool,
  requestReworkTool,
} from "./asked-tools.ts";
import { editTool, readTool, skeletonTool, writeTool } from "./file-tools.ts";
import { globTool, grepTool } from "./search-tools.ts";
import type { Access, Tool } from "./tool.ts";

const offered: Readonly<Record<AgentStart["purpose"], readonly Tool[]>> = {
  tracks: [readTool, globTool, grepTool, proposeTracksTool],
  tickets: [readTool, globTool, grepTool, skeletonTool, proposeTicketsTool],
  review: [readTool, globTool, grepTool, skeletonTool, acceptTicketTool, requestReworkTool],
  work: [readTool, writeTool, editTool, globTool, grepTool, skeletonTool, bashTool, reportBlockedTool],
  diagnosis: [],
  verdict: [reportVerdictTool],
};

/** The tools that an agent may call. */
export function toolsFor(purpose: AgentStart["purpose"]): readonly Tool[] {
  return offered[purpose];
}

/** What an agent may read below its root. */
export function accessFor(role: AgentStart["role"]): Access {
  if (role === "orchestrator") return "documents";
  return role === "worker" ? "worktree" : "project";
}
