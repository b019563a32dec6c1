/** Gates that ask the same: one answer may be given to all of them, each with its own payload hash. */
import { canonicalJson, type GateKind, gatePayloads, type Json, type SandboxProfile } from "./gate.ts";

interface Asking {
  readonly kind: GateKind;
  readonly payload: Json;
  readonly payloadHash: string;
}

/**
 * What gates that ask the same have in common. A command is the same in the worktrees of two tickets when it runs under the
 * same sandbox with the same variables; anything else when its whole payload is.
 */
export function alikeKey({ kind, payload, payloadHash }: Asking): string {
  const parsed = kind === "command" ? gatePayloads.command.safeParse(payload) : null;
  if (!parsed?.success) return `${kind} ${payloadHash}`;
  const { command, sandbox = null, environment = null } = parsed.data;
  return `command ${canonicalJson({ command, sandbox, environment: environment && [...environment] })}`;
}

/** Why a gate is answered by itself however many ask the same; null where one answer may serve all. */
export function answeredAlone({ kind, payload }: Pick<Asking, "kind" | "payload">): string | null {
  switch (kind) {
    case "write":
    case "spawn":
      return null;
    case "command":
      return isConfined(gatePayloads.command.safeParse(payload).data?.sandbox)
        ? null
        : "it runs unconfined, and what it does cannot be undone";
    case "tracks":
    case "tickets":
    case "checkpoint":
      return "each plan and each phase is looked at by itself";
    case "merge":
    case "land":
    case "budget":
    case "unknown":
    case "conflict":
      return "what it does cannot be undone";
    default:
      return kind satisfies never;
  }
}

/** Whether all that a command can change is the worktree, of which every attempt can be made anew. */
export function isConfined(sandbox: SandboxProfile | undefined): boolean {
  return sandbox !== undefined && sandbox.writes === "worktree" && !sandbox.network;
}
