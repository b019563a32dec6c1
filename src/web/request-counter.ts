/** Has an endpoint count a request that was not sent: the whole of it, and the parts that can be counted by themselves. */
import type { Command } from "../domain/command.ts";
import type { Json } from "../domain/gate.ts";
import type { Agent } from "../domain/state.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import type { AgentRequest } from "../projections/agent-request.ts";

/** What is left of a request when only what is asked about shall count. */
const least: Json = [{ role: "user", content: "." }];

/** The command that records the count of an agent's next request; null where its endpoint does not count. */
export async function countedRequest(
  count: NonNullable<EngineApi["count"]>,
  { agentId, provider }: Pick<Agent, "agentId" | "provider">,
  { request: { body }, hash }: AgentRequest,
): Promise<Command | null> {
  const of = (parts: { readonly [key: string]: Json }) =>
    count(provider, { model: body.model ?? "", max_tokens: body.max_tokens ?? 1, messages: least, ...parts });
  const tokens = await count(provider, body);
  if (tokens === null) return null;
  const base = await of({});
  const parts: Record<string, number> = {};
  for (const name of ["system", "tools"] as const) {
    const part = body[name];
    const counted = part === undefined ? null : await of({ [name]: part });
    if (counted !== null && base !== null && counted > base) parts[name] = counted - base;
  }
  return { type: "record_count", agentId, hash, tokens, parts };
}
