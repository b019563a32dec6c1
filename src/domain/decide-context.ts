/** What people may choose about an agent's context: which pieces no trimming takes, and which no request holds any more. */
import type { Command, ContextCommandType, Decision } from "./command.ts";
import { pieceKey } from "./context-choice.ts";
import { accept, reject } from "./decision.ts";
import { contextOf } from "./evolve-context.ts";
import type { Agent, State } from "./state.ts";

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;

const mostChoices = 500;

const facts = {
  pin_context: "context.pinned",
  unpin_context: "context.unpinned",
  evict_context: "context.evicted",
  restore_context: "context.restored",
} as const;

export function chooseContext(state: State, command: Of<ContextCommandType>): Decision {
  const { type, agentId, ref, name, by } = command;
  const agent = state.agents.get(agentId);
  if (!agent) return reject("not_found", `There is no agent ${agentId}.`);
  if (!hasNextRequest(state, agent))
    return reject("conflict", `${agentId} has ended, and no request follows: its context cannot be changed any more.`);
  const { choices } = contextOf(state, agentId);
  const chosen = choices.find((each) => pieceKey(each.ref) === pieceKey(ref))?.choice ?? null;
  const fault = faultOf(type, name, chosen);
  if (fault !== null) return reject("conflict", fault);
  if (choices.length >= mostChoices && chosen === null)
    return reject("conflict", `${agentId} has ${mostChoices} choices about its context; take one back first.`);
  return accept({ type: facts[type], agentId, ref, name, by });
}

function faultOf(type: ContextCommandType, name: string, chosen: "pinned" | "evicted" | null): string | null {
  switch (type) {
    case "pin_context":
      if (chosen === "evicted") return `The ${name} is evicted; restore it before it can be pinned.`;
      return chosen === "pinned" ? `The ${name} is pinned already.` : null;
    case "evict_context":
      if (chosen === "pinned") return `The ${name} is pinned; unpin it before it can be evicted.`;
      return chosen === "evicted" ? `The ${name} is evicted already.` : null;
    case "unpin_context":
      return chosen === "pinned" ? null : `The ${name} is not pinned.`;
    case "restore_context":
      return chosen === "evicted" ? null : `The ${name} is not evicted.`;
    default:
      return type satisfies never;
  }
}

/** Whether an agent may send another request: a tech lead that rests is prompted again while its track goes on. */
export function hasNextRequest(state: State, agent: Agent): boolean {
  if (agent.status === "running") return true;
  const track = state.tracks.get(agent.trackId ?? "");
  return (
    agent.role === "tech_lead" && track !== undefined && track.status !== "completed" && track.status !== "blocked"
  );
}

/** Takes down what the endpoint counted; the request may have changed meanwhile, which its hash tells. */
export function recordCount(state: State, command: Of<"record_count">): Decision {
  const { type: _type, ...counted } = command;
  if (!state.agents.has(command.agentId)) return reject("not_found", `There is no agent ${command.agentId}.`);
  return accept({ type: "context.counted", ...counted });
}
