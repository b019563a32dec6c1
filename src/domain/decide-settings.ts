/** Settings that change, at a start or while the engine runs, and what they leave without a question. */
import type { Decision, PersonCommand } from "./command.ts";
import { accept, redoneAfresh, reject, withdrawGates } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { testFindings } from "./gate-rules.ts";
import type { Settings } from "./settings.ts";
import type { Gate, State } from "./state.ts";

type Of<T extends PersonCommand["type"]> = Extract<PersonCommand, { type: T }>;

/** Settings that somebody changed: they hold at once. Who waits for money asks anew, and goes on where it is enough now. */
export function changeSettings(state: State, command: Of<"change_settings">): Decision {
  const { settings, by } = command;
  if (JSON.stringify(settings) === JSON.stringify(state.settings))
    return reject("conflict", "The settings are so already; nothing was changed.");
  const changes = command.changes.map((change) => ({ ...change }));
  return accept(
    { type: "settings.applied", settings, by, changes },
    ...staleLimits(state),
    ...unasked(state, settings),
  );
}

/** What nobody is asked about any more under these settings. */
export function unasked(state: State, settings: Settings): Fact[] {
  return settings.gates.level === "all" ? [...undecidedOutcomes(state), ...unmergedWeaknesses(state)] : [];
}

/** Limits are now those of the new settings: who is still short of money asks anew, and nobody else must. */
export function staleLimits(state: State): Fact[] {
  return withdrawGates(state, "The settings, and with them the limits, have changed.", ({ kind }) => kind === "budget");
}

/** Gates over hidden outcomes that stand open from stricter settings: at a level that asks for nothing, nobody answers them. */
function undecidedOutcomes(state: State): Fact[] {
  const open = [...state.work.openGates.values()].filter((gate) => gate.kind === "unknown");
  return open.flatMap((gate) => {
    const ticket = state.tickets.get(gate.ticketId ?? "");
    if (!ticket || !gate.agentId) return [];
    const { command } = gatePayloads.unknown.parse(gate.payload);
    const withdrawn = withdrawGates(state, "The level is now all.", ({ gateId }) => gateId === gate.gateId);
    return [...withdrawn, ...redoneAfresh(state, ticket, gate.agentId, command)];
  });
}

/** Merges of weakened tests that a person was asked about: where nobody is asked any more, their attempts have failed. */
function unmergedWeaknesses(state: State): Fact[] {
  const isMeant = ({ kind, ticketId }: Gate) => {
    const ticket = state.tickets.get(ticketId ?? "");
    return kind === "merge" && ticket !== undefined && testFindings(ticket).length > 0;
  };
  return withdrawGates(state, "The level is now all.", isMeant);
}
