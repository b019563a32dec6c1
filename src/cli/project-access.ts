/**
 * How commands that look or steer reach a project: through its running server when there is one, else on the log. Both
 * ways give the same JSON, because both are made by the same projections.
 */
import type { PersonCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { failure } from "./cli-error.ts";
import type { Invocation } from "./command-table.ts";
import { findProject, type Project } from "./project.ts";
import { findServer, type ServerLink } from "./server-link.ts";
import { judgeState, lookingNote, refused } from "./state-owner.ts";
import type { World } from "./world.ts";

/** What can be looked at, and by what it is narrowed. */
export type Look =
  | { readonly what: "state" | "gates" | "allGates" | "usage" | "summary" }
  | { readonly what: "events"; readonly after: number; readonly limit: number; readonly type?: string }
  | { readonly what: "comms"; readonly streamId?: string; readonly isFull: boolean }
  | { readonly what: "context"; readonly streamId: string };

export interface ProjectAccess {
  readonly project: Project;
  readonly server: ServerLink | null;
  look(look: Look): Promise<Json>;
  /** Carries out a lever; a refusal is a `CliError` with the reason. Gives the events when they are known here. */
  change(command: PersonCommand): Promise<readonly Event[]>;
}

/** Opens the project of a call for looking and steering. */
export async function openAccess({ options }: Invocation, world: World): Promise<ProjectAccess> {
  const project = await findProject(options.project, world);
  const state = await judgeState(project, world);
  if ("found" in state) {
    world.note(lookingNote(project, state));
    return { ...accessToLog(project, world), change: async () => Promise.reject(refused(project, state)) };
  }
  const server = state.kind === "ours" ? await findServer(project, world) : null;
  return server ? remoteAccess(project, server) : accessToLog(project, world);
}

function accessToLog(project: Project, world: World): ProjectAccess {
  return {
    project,
    server: null,
    look: async (look) => (await import("./look-at-log.ts")).lookAtLog(project, look),
    change: (command) => changeLog(project, command, world),
  };
}

function remoteAccess(project: Project, server: ServerLink): ProjectAccess {
  return {
    project,
    server,
    look: (look) => server.call("GET", lookPath(look)),
    change: async (command) => {
      const route = changeRoute(command);
      await server.call(route.method, route.path, route.body);
      return [];
    },
  };
}

function lookPath(look: Look): string {
  switch (look.what) {
    case "state":
    case "gates":
    case "usage":
    case "summary":
      return `/api/${look.what}`;
    case "allGates":
      return "/api/gates?status=all";
    case "events": {
      const type = look.type === undefined ? "" : `&type=${encodeURIComponent(look.type)}`;
      return `/api/events?after=${look.after}&limit=${look.limit}${type}`;
    }
    case "comms": {
      const stream = look.streamId === undefined ? "" : `&stream=${encodeURIComponent(look.streamId)}`;
      return `/api/comms?full=${look.isFull ? 1 : 0}${stream}`;
    }
    case "context":
      return `/api/streams/${encodeURIComponent(look.streamId)}/context`;
    default:
      return look satisfies never;
  }
}

interface Route {
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: Json;
}

function changeRoute(command: PersonCommand): Route {
  switch (command.type) {
    case "pause_engine":
    case "unpause_engine":
      return { method: "PATCH", path: "/api/engine", body: { isPaused: command.type === "pause_engine" } };
    case "approve_gate": {
      const { gateId, payloadHash, payload } = command;
      const edited = payload === undefined ? {} : { payload };
      return decisionRoute(gateId, { decision: "approve", payloadHash, ...edited });
    }
    case "decline_gate":
      return decisionRoute(command.gateId, {
        decision: "decline",
        payloadHash: command.payloadHash,
        reason: command.reason,
      });
    case "cancel_ticket":
      return { method: "POST", path: ticketPath(command.ticketId, "cancellation"), body: { reason: command.reason } };
    case "skip_ticket":
      return { method: "POST", path: ticketPath(command.ticketId, "skip"), body: { reason: command.reason } };
    case "retry_ticket":
      return { method: "POST", path: ticketPath(command.ticketId, "retry"), body: {} };
    default:
      throw failure("unsupported", `"${command.type}" cannot be sent to a running server from here. Use its page.`);
  }
}

function decisionRoute(gateId: string, body: Json): Route {
  return { method: "POST", path: `/api/gates/${encodeURIComponent(gateId)}/decision`, body };
}

function ticketPath(ticketId: string, resource: string): string {
  return `/api/tickets/${encodeURIComponent(ticketId)}/${resource}`;
}

/** Without a server: an engine that only takes the command and writes it down, and starts nothing. */
async function changeLog(project: Project, command: PersonCommand, world: World): Promise<readonly Event[]> {
  const { loadConfig } = await import("./config/load-config.ts");
  const { composeEngine } = await import("./compose.ts");
  const config = await loadConfig(project.root, {}, world);
  const engine = await composeEngine({ project, config, world, isResting: true });
  try {
    const result = engine.dispatch(command);
    if (result.isAccepted) return result.events;
    throw failure(result.rejection.code, result.rejection.message);
  } finally {
    await engine.stop("a lever was pulled from the command line");
  }
}
