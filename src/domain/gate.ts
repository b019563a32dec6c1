/**
 * Gates: where a person must decide. Their kinds, the shape of each kind's payload, and the hash that ties a decision to
 * the exact payload that was shown (SHA-256 of the canonical JSON: keys sorted, no spaces).
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { TicketProposals, TrackProposals } from "./proposal.ts";
import { Budget } from "./settings.ts";

export const GateKind = z.enum([
  "tracks",
  "tickets",
  "spawn",
  "command",
  "write",
  "merge",
  "checkpoint",
  "land",
  "budget",
  "unknown",
  "conflict",
]);
export type GateKind = z.infer<typeof GateKind>;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export const Json: z.ZodType<Json> = z.json();

const line = z.string().min(1);

/** How a command is confined: what it may write, whether it has the network, how many processes and how much memory. */
export const SandboxProfile = z.strictObject({
  tier: line,
  network: z.boolean(),
  writes: z.enum(["worktree", "anything", "nothing"]),
  processes: z.number().int().positive().nullable(),
  memoryBytes: z.number().int().positive().nullable(),
});
export type SandboxProfile = z.infer<typeof SandboxProfile>;

/** What a command meets where it runs: the names of its variables, its sandbox, and the git tree of all that is in the worktree. */
export const Surroundings = z.strictObject({ environment: z.array(line), sandbox: SandboxProfile, treeHash: line });
export type Surroundings = z.infer<typeof Surroundings>;

/** What a worker may take: turns, tokens of one answer, and the limits on money and tokens that hold for it. */
export const SpawnBudget = z.strictObject({
  maxTurns: z.number().int().positive(),
  maxTokens: z.number().int().positive(),
  limits: Budget,
});
export type SpawnBudget = z.infer<typeof SpawnBudget>;

/** The payload of each gate kind. An edited payload must parse by the same schema. What is optional is not in logs of before. */
export const gatePayloads = {
  tracks: TrackProposals,
  tickets: TicketProposals,
  spawn: z.strictObject({ prompt: line, context: z.string(), model: line, budget: SpawnBudget.optional() }),
  command: z.strictObject({ command: line, cwd: line, ...Surroundings.partial().shape }),
  write: z.strictObject({ path: line, content: z.string() }),
  merge: z.strictObject({
    ticketId: line,
    title: z.string(),
    commit: line,
    trackCommit: line,
    resultTree: line.optional(),
    diff: z.string(),
  }),
  checkpoint: z.strictObject({ trackId: line, phase: line, tickets: z.array(line), commit: line }),
  land: z.strictObject({
    trackId: line,
    title: z.string(),
    branch: line,
    fromCommit: line,
    toCommit: line,
    diffstat: z.string(),
  }),
  budget: z.strictObject({
    limit: z.enum(["runUsd", "trackUsd", "ticketUsd", "dayUsd", "runTokens"]),
    scopeId: z.string(),
    current: z.number(),
    spent: z.number(),
    needed: z.number(),
    raiseTo: z.number().positive(),
  }),
  unknown: z.strictObject({ command: line, cwd: line, startedAt: z.string(), ...Surroundings.partial().shape }),
  conflict: z.strictObject({ ticketId: line, files: z.array(z.string()), resolution: z.literal("rework") }),
} satisfies Record<GateKind, z.ZodType>;

export type GatePayload<K extends GateKind> = z.infer<(typeof gatePayloads)[K]>;

/** JSON with sorted keys and no spaces: the bytes that a payload hash covers. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** The payload hash: SHA-256 of the canonical JSON, in hex. Pure: equal payloads give equal hashes. */
export function payloadHash(payload: Json): string {
  return createHash("sha256").update(canonicalJson(payload)).digest("hex");
}
