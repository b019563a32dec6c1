/** What of a sandbox decides what a command can do, in the shape in which gates show it. */
import type { SandboxProfile, Surroundings } from "../../domain/gate.ts";
import { childEnvironment } from "./child-environment.ts";
import { hasProcessLimit } from "./limits.ts";
import type { SandboxPlan } from "./plan.ts";

/** The names of the variables that every command gets, sorted, and how it is confined. */
export function commandProfile(plan: SandboxPlan): Omit<Surroundings, "treeHash"> {
  const environment = Object.keys(childEnvironment(plan, { home: "", temporary: "" }, {})).sort();
  const { tier, hasNetwork: network, limits } = plan;
  const processes = hasProcessLimit(limits) ? limits.processes : null;
  const memoryBytes = tier === "none" ? null : limits.memoryBytes;
  return { environment, sandbox: { tier, network, writes: writesOf(plan), processes, memoryBytes } };
}

function writesOf({ tier, isConfined }: SandboxPlan): SandboxProfile["writes"] {
  if (tier === "none") return "nothing";
  return isConfined ? "worktree" : "anything";
}
