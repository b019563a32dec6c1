/** The facts about gates, and about the tool calls that wait for them. */
import { z } from "zod";
import { by, count, fact, id, text } from "./event-field.ts";
import { GateKind, Json } from "./gate.ts";

/** What happens to gates. */
export const gateFacts = [
  fact("gate.opened", {
    gateId: id,
    kind: GateKind,
    epicId: id.optional(),
    trackId: id.optional(),
    ticketId: id.optional(),
    streamId: id.optional(),
    agentId: id.optional(),
    toolCallId: id.optional(),
    reason: text,
    payload: Json,
    payloadHash: text,
    /** For a command: how long it may run. */
    timeoutMs: count.optional(),
  }),
  fact("gate.approved", { gateId: id, kind: GateKind, payload: Json, payloadHash: text, isEdited: z.boolean(), by }),
  fact("gate.declined", { gateId: id, kind: GateKind, reason: text, by }),
  fact("gate.withdrawn", { gateId: id, kind: GateKind, reason: text }),
  /** What was approved is not what is so at the moment of execution: nothing ran. `byGateId` shows what is so now. */
  fact("gate.superseded", { gateId: id, kind: GateKind, reason: text, byGateId: id.optional() }),
] as const;

/** Rules that a person wrote while the engine ran: they allow commands as those of `[gates] allow` do, until they are revoked. */
export const ruleFacts = [
  fact("rule.added", {
    ruleId: id,
    pattern: text,
    by,
    /** The card that it was written on. */
    gateId: id.optional(),
  }),
  fact("rule.revoked", { ruleId: id, by }),
] as const;

/** What happens to tool calls that the main loop decides. */
export const toolFacts = [
  /** A command that must be shown to a person: its gate opens once it is known what the command would meet. */
  fact("command.requested", {
    toolCallId: id,
    agentId: id,
    trackId: id,
    ticketId: id,
    command: text,
    cwd: text,
    timeoutMs: count,
  }),
  fact("command.started", {
    toolCallId: id,
    agentId: id,
    trackId: id,
    ticketId: id,
    command: text,
    cwd: text,
    timeoutMs: count,
    allowedBy: by,
    isEdited: z.boolean(),
  }),
  fact("command.completed", {
    toolCallId: id,
    agentId: id,
    trackId: id,
    ticketId: id,
    exitCode: z.number().int(),
    isTimedOut: z.boolean(),
    durationMs: count,
    output: text,
    /** The sandbox tier that it ran in; absent when it did not run, and in logs of before. */
    sandbox: text.optional(),
  }),
  fact("write.allowed", {
    toolCallId: id,
    agentId: id,
    ticketId: id,
    path: text,
    allowedBy: by,
    isEdited: z.boolean(),
  }),
] as const;
