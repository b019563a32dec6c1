/** Routes over what agents know: the map of a request, its exact text, and the levers on its pieces. */
import { z } from "zod";
import { wireText } from "../../domain/next-request.ts";
import { agentRequest } from "../../projections/agent-request.ts";
import { apiContext } from "../../projections/api-context.ts";
import { contextLevers, contextReader, leverCommand, readAgent } from "../agent-context.ts";
import type { WebServices } from "../web-services.ts";
import { type ApiRoute, defineRoute, failure, type Reply, rejected } from "./route.ts";

const ContextReply = z.looseObject({
  streamId: z.string(),
  agentId: z.string(),
  model: z.string(),
  turnCount: z.number(),
  usedTokens: z.number(),
  windowTokens: z.number(),
});
const AgentParams = z.object({ agentId: z.string() });

export const contextRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/streams/:streamId/context",
    summary: "What the next request of that stream's agent holds, part by part, and what would be trimmed.",
    params: z.object({ streamId: z.string() }),
    status: 200,
    reply: ContextReply,
    refusals: [404],
    handle: (services, { params }) => mapReply(services, params.streamId),
  }),
  defineRoute({
    method: "GET",
    path: "/api/agents/:agentId/request",
    summary: "The exact text of the agent's next request (its last, when it has ended), as it goes over the wire.",
    params: AgentParams,
    status: 200,
    reply: z.looseObject({ model: z.string(), max_tokens: z.number() }),
    refusals: [404],
    handle: (services, { params: { agentId } }) => {
      const log = readAgent(services, agentId);
      if (!log) return failure(404, "not_found", `There is no agent ${agentId}.`);
      return new Response(wireText(agentRequest(log).request.body).text, {
        headers: {
          "content-type": "application/json; charset=utf-8",
          "content-disposition": `attachment; filename="${agentId.replace(/[^\w-]/g, "_")}-request.json"`,
        },
      });
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/agents/:agentId/context",
    summary:
      "Pins, unpins, evicts or restores a piece of the agent's context; `piece` is a `key` of the map's `pieces`.",
    params: AgentParams,
    body: z.strictObject({ lever: z.enum(contextLevers), piece: z.string().min(1) }),
    status: 200,
    reply: ContextReply,
    refusals: [404, 409],
    handle: (services, { params: { agentId }, body: { lever, piece } }) => {
      const command = leverCommand(services, { agentId, key: piece, lever });
      if ("code" in command) return rejected(command);
      const result = services.engine.dispatch(command);
      if (!result.isAccepted) return rejected(result.rejection);
      const streamId = services.engine.state().agents.get(agentId)?.streamId ?? "";
      return mapReply(services, streamId);
    },
  }),
];

function mapReply(services: WebServices, streamId: string): Reply {
  const body = apiContext(services.engine.state(), streamId, contextReader(services));
  return body ? { status: 200, body } : failure(404, "not_found", `There is no stream "${streamId}".`);
}
