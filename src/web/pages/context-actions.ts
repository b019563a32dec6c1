/** The forms of the context page: pin, unpin, evict and restore a piece, and have a request counted. */
import type { Hono } from "hono";
import { z } from "zod";
import { agentRequest } from "../../projections/agent-request.ts";
import { contextLevers, leverCommand, readAgent } from "../agent-context.ts";
import { rejectionStatus } from "../answer.ts";
import { countedRequest } from "../request-counter.ts";
import type { FormResult } from "./action-forms.ts";
import type { PageServices } from "./page-services.ts";
import { act, formOf, type Told, tell } from "./tell.ts";

const LeverForm = z.object({ lever: z.enum(contextLevers), piece: z.string().min(1) });

const done = {
  pin: "Pinned: no trimming takes it.",
  unpin: "Unpinned.",
  evict: "Evicted: the next request goes without it.",
  restore: "Restored: the next request has it again.",
} as const;

/** Adds the routes that the context page's forms post to. */
export function registerContextActions(app: Hono, services: PageServices): void {
  app.post("/actions/agents/:agentId/context", async (c) => {
    const form = LeverForm.safeParse(await formOf(c));
    if (!form.success) return act(c, services, unread, "", null);
    const { lever, piece } = form.data;
    const command = leverCommand(services, { agentId: c.req.param("agentId"), key: piece, lever });
    if (!("code" in command)) return act(c, services, { isValid: true, command }, done[lever], null);
    return tell(c, services, { status: rejectionStatus[command.code], message: command.message, errorId: null });
  });
  app.post("/actions/agents/:agentId/count", async (c) => {
    const told = await countAgent(services, c.req.param("agentId"));
    return tell(c, services, { ...told, errorId: null });
  });
}

const unread: FormResult = {
  isValid: false,
  status: 422,
  message: "The form could not be read. Reload the page and try again.",
};

async function countAgent(services: PageServices, agentId: string): Promise<Pick<Told, "status" | "message">> {
  const log = readAgent(services, agentId);
  const { engine } = services;
  if (!log || !engine.count)
    return { status: 404, message: `There is no agent ${agentId} whose request can be counted.` };
  const command = await countedRequest(
    (...asked) => engine.count?.(...asked) ?? Promise.resolve(null),
    log.agent,
    agentRequest(log),
  );
  if (!command)
    return {
      status: 409,
      message: `The endpoint of ${log.agent.provider} does not count tokens; the figures stay estimates.`,
    };
  const result = engine.dispatch(command);
  if (result.isAccepted) return { status: 200, message: "Counted by the endpoint." };
  return { status: rejectionStatus[result.rejection.code], message: result.rejection.message };
}
