/** Rules that a person writes and revokes while the engine runs. A new one opens the cards that it would have kept from asking. */
import type { Decision, PersonCommand } from "./command.ts";
import { accept, reject } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { asksAlways } from "./gate-rules.ts";
import { idSource } from "./ids.ts";
import { matchesRule, patternFault, ruleWords } from "./rule.ts";
import type { Gate, State } from "./state.ts";

type Of<T extends PersonCommand["type"]> = Extract<PersonCommand, { type: T }>;

export function addRule(state: State, command: Of<"add_rule">): Decision {
  const { pattern, by, gateId } = command;
  const fault = patternFault(pattern);
  if (fault !== null) return reject("invalid", fault);
  const same = [...state.rules.values()].find((rule) => rule.revokedAt === null && rule.pattern === pattern);
  if (same) return reject("conflict", `The rule ${same.ruleId} says that already: ${pattern}`);
  if (state.settings.gates.allow.includes(pattern))
    return reject("conflict", `The config allows that already: ${pattern}`);
  if (gateId !== undefined && !state.gates.has(gateId)) return reject("not_found", `There is no gate ${gateId}.`);
  const ruleId = idSource(state).rule();
  const added: Fact = { type: "rule.added", ruleId, pattern, by, ...(gateId === undefined ? {} : { gateId }) };
  const opened = gatesOpenedBy(state, pattern).map(({ gateId: opens, kind, payload, payloadHash }): Fact => {
    const decision = { gateId: opens, kind, payload, payloadHash, isEdited: false };
    return { type: "gate.approved", ...decision, by: ruleWords(pattern, ruleId) };
  });
  return accept(added, ...opened);
}

/** The cards that wait now and that a rule of this pattern opens: commands of tickets that do not ask whatever the rules say. */
export function gatesOpenedBy(state: State, pattern: string): readonly Gate[] {
  return [...state.work.openGates.values()].filter((gate) => {
    if (gate.kind !== "command") return false;
    const ticket = state.tickets.get(gate.ticketId ?? "");
    if (!ticket || asksAlways(state, ticket)) return false;
    const payload = gatePayloads.command.safeParse(gate.payload);
    return payload.success && matchesRule(pattern, payload.data.command);
  });
}

export function revokeRule(state: State, command: Of<"revoke_rule">): Decision {
  const rule = state.rules.get(command.ruleId);
  if (!rule) return reject("not_found", `There is no rule ${command.ruleId}.`);
  if (rule.revokedAt !== null) return reject("conflict", `The rule ${rule.ruleId} is revoked already.`);
  return accept({ type: "rule.revoked", ruleId: rule.ruleId, by: command.by });
}
