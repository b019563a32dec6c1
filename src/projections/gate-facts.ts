/** What else a gate's payload says, besides what its plain view draws: in the same words on the page and the command line. */
import { type GateKind, type GatePayload, gatePayloads, type Json } from "../domain/gate.ts";
import { budgetWords, sandboxWords, short } from "../domain/gate-words.ts";

export interface GateFact {
  readonly name: string;
  readonly text: string;
}

/** The facts of a payload, in the order in which people read them; none where its shape is unknown or it has none. */
export function gateFacts(kind: GateKind, payload: Json): readonly GateFact[] {
  switch (kind) {
    case "command": {
      const parsed = gatePayloads.command.safeParse(payload);
      return parsed.success ? surroundingFacts(parsed.data) : [];
    }
    case "unknown": {
      const parsed = gatePayloads.unknown.safeParse(payload);
      if (!parsed.success) return [];
      return [{ name: "Began", text: parsed.data.startedAt }, ...surroundingFacts(parsed.data)];
    }
    case "spawn": {
      const budget = gatePayloads.spawn.safeParse(payload).data?.budget;
      return budget === undefined ? [] : [{ name: "Budget", text: budgetWords(budget) }];
    }
    case "merge":
      return mergeFacts(payload);
    default:
      return [];
  }
}

function surroundingFacts({
  sandbox,
  environment,
  treeHash,
}: Omit<GatePayload<"command">, "command" | "cwd">): GateFact[] {
  return [
    ...(sandbox === undefined ? [] : [{ name: "Sandbox", text: sandboxWords(sandbox) }]),
    ...(environment === undefined ? [] : [{ name: "Variables", text: environment.join(", ") }]),
    ...(treeHash === undefined ? [] : [{ name: "Files", text: `${treeHash} (git tree, uncommitted files included)` }]),
  ];
}

function mergeFacts(payload: Json): GateFact[] {
  const parsed = gatePayloads.merge.safeParse(payload);
  if (!parsed.success) return [];
  const { commit, trackCommit, resultTree } = parsed.data;
  const merged = { name: "Merges", text: `${short(commit)} into the track at ${short(trackCommit)}` };
  return resultTree === undefined ? [merged] : [merged, { name: "Gives", text: `the tree ${short(resultTree)}` }];
}
