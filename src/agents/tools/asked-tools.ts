/** The tools that the main loop answers: the shell, proposals and reports. Nothing of them happens in the thread. */
import { z } from "zod";
import { TicketProposals, TrackProposals, Verdict } from "../../domain/proposal.ts";
import { defineTool, madeOnce, type Tool } from "./tool.ts";

export const bashTool = asked(
  "bash",
  "Runs a shell command in the worktree. A person or a rule may have to allow it first.",
  z.object({ command: z.string().min(1), timeout_ms: z.int().positive().optional() }),
);

export const reportBlockedTool = asked(
  "report_blocked",
  "Says that the ticket cannot be done, and why. Ends your work on it.",
  z.object({ reason: z.string().min(1) }),
);

// Strict: a call whose input was cut or broken must not pass for an acceptance.
export const acceptTicketTool = asked("accept_ticket", "Accepts the ticket's diff.", z.strictObject({}));

export const requestReworkTool = asked(
  "request_rework",
  "Sends the ticket back to its worker; the reason says what must change.",
  z.object({ reason: z.string().min(1) }),
);

export const proposeTracksTool = judged(
  "propose_tracks",
  "Proposes the tracks that reach the goal. depends_on names the keys of other tracks; no cycles.",
  TrackProposals,
);

export const proposeTicketsTool = judged(
  "propose_tickets",
  "Proposes the track's tickets. target_files are the files that a ticket may write; depends_on names keys; no cycles.",
  TicketProposals,
);

export const reportVerdictTool = judged(
  "report_verdict",
  "Reports whether the work meets every acceptance criterion.",
  Verdict,
);

function asked<S extends z.ZodType>(name: string, description: string, schema: S): Tool {
  return defineTool(name, description, schema, false, async (input) => ({
    kind: "ask",
    name,
    input: z.json().parse(input),
  }));
}

/** A tool whose input is judged as a whole by the main loop, which names every fault at once. */
function judged(name: string, description: string, schema: z.ZodType): Tool {
  const inputSchema = madeOnce(schema);
  return {
    name,
    description,
    get inputSchema() {
      return inputSchema();
    },
    isReadOnly: false,
    isJudged: true,
    run: async (input) => ({ kind: "ask", name, input }),
  };
}
