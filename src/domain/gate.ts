/**
 * Gates: where a person must decide. Their kinds, the shape of each kind's payload, and the hash that ties a decision to
 * the exact payload that was shown (SHA-256 of the canonical JSON: keys sorted, no spaces).
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { TicketProposals, TrackProposals } from "./proposal.ts";

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

/** The payload of each gate kind. An edited payload must parse by the same schema. */
export const gatePayloads = {
  tracks: TrackProposals,
  tickets: TicketProposals,
  spawn: z.strictObject({ prompt: line, context: z.string(), model: line }),
  command: z.strictObject({ command: line, cwd: line }),
  write: z.strictObject({ path: line, content: z.string() }),
  merge: z.strictObject({ ticketId: line, title: z.string(), commit: line, trackCommit: line, diff: z.string() }),
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
  unknown: z.strictObject({ command: line, cwd: line, startedAt: z.string() }),
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
