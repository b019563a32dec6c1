/** Which open gates ask the same: the oldest heads them. */
import { alikeKey, answeredAlone } from "../domain/alike.ts";
import type { Gate } from "../domain/state.ts";

export interface AlikeGate {
  readonly gateId: string;
  readonly ticketId: string | null;
  readonly payloadHash: string;
}

export interface AlikeGates {
  /** The oldest open gate that asks this; it heads the others. */
  readonly head: AlikeGate;
  /** All that are open but the head, oldest first. */
  readonly others: readonly AlikeGate[];
  /** Why each is answered by itself; null where one answer may serve all. */
  readonly alone: string | null;
}

const keys = new WeakMap<Gate, string>();

/** What asks the same as each of these open gates; nothing for a gate that asks alone. */
export function alikeGates(open: readonly Gate[]): ReadonlyMap<string, AlikeGates> {
  const byKey = new Map<string, Gate[]>();
  for (const gate of open) byKey.set(keyOf(gate), [...(byKey.get(keyOf(gate)) ?? []), gate]);
  const groups = [...byKey.values()].filter(({ length }) => length > 1);
  return new Map(
    groups.flatMap((group) => {
      const [head, ...others] = group.map(alikeGate);
      return head ? group.map((gate) => [gate.gateId, { head, others, alone: answeredAlone(gate) }] as const) : [];
    }),
  );
}

function keyOf(gate: Gate): string {
  const known = keys.get(gate);
  if (known !== undefined) return known;
  const key = alikeKey(gate);
  keys.set(gate, key);
  return key;
}

function alikeGate({ gateId, ticketId, payloadHash }: Gate): AlikeGate {
  return { gateId, ticketId: ticketId ?? null, payloadHash };
}
