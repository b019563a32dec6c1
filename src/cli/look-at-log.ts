/** Looking at a project whose server does not run: its log is read, folded, and shown by the same projections as the API's. */
import { toolsFor } from "../agents/tools/toolset.ts";
import type { Event } from "../domain/event.ts";
import { fold } from "../domain/evolve.ts";
import { Json } from "../domain/gate.ts";
import { apiComms } from "../projections/api-comms.ts";
import { apiContext } from "../projections/api-context.ts";
import { apiGates } from "../projections/api-gate.ts";
import { apiState } from "../projections/api-state.ts";
import { summary } from "../projections/summary.ts";
import { apiUsage } from "../projections/usage.ts";
import { failure } from "./cli-error.ts";
import type { Project } from "./project.ts";
import type { Look } from "./project-access.ts";
import { readEvents } from "./read-log.ts";

/** The same JSON as the API gives for this look. */
export async function lookAtLog(project: Project, look: Look): Promise<Json> {
  // Projections hold optional fields as absent, which JSON leaves out: one trip makes plain JSON of them.
  return Json.parse(JSON.parse(JSON.stringify(viewOf(project, look))));
}

function viewOf(project: Project, look: Look): unknown {
  if (look.what === "events") return readEvents(project, look);
  const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
  switch (look.what) {
    case "state":
      return apiState(fold(events), project, new Map());
    case "gates":
      return apiGates(fold(events), "open");
    case "allGates":
      return apiGates(fold(events), "all");
    case "usage":
      return apiUsage(fold(events));
    case "summary":
      return summary(fold(events));
    case "comms":
      return apiComms(events, look.streamId, { isFull: look.isFull });
    case "context":
      return contextOf(events, look.streamId);
    default:
      return look satisfies never;
  }
}

/** The context of the agent that had this stream last. */
function contextOf(events: readonly Event[], streamId: string): object {
  const state = fold(events);
  const eventsOf = (id: string) => events.filter((event) => "agentId" in event && event.agentId === id);
  const context = apiContext(state, streamId, { eventsOf, unsent: () => null, toolsFor });
  if (context) return context;
  const known = new Set([...state.agents.values()].map((agent) => agent.streamId));
  throw failure("not_found", `There is no stream "${streamId}". Streams: ${[...known].join(", ") || "none yet"}.`);
}
