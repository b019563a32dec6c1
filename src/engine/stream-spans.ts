/** What a stream did when: its model answered, its tools ran, it waited. Told from events, bounded, one thing at a time. */
import type { Event } from "../domain/event.ts";
import type { StreamSpan } from "../domain/live-stream.ts";
import type { State } from "../domain/state.ts";

/** So many spans are kept of a stream; earlier ones are dropped. */
const keptCount = 100;

/** What an agent does from this event on: null where nothing that can be named, absent where the event changes nothing. */
export function spanAfter(
  state: State,
  event: Event,
): { readonly agentId: string; readonly kind: StreamSpan["kind"] | null } | undefined {
  switch (event.type) {
    case "call.started":
      return { agentId: event.agentId, kind: "call" };
    case "call.settled":
      return { agentId: event.agentId, kind: event.stopReason === "tool_use" ? "tool" : null };
    case "call.failed":
      return { agentId: event.agentId, kind: event.retryInMs === undefined ? null : "wait" };
    case "gate.opened":
      return event.agentId === undefined ? undefined : { agentId: event.agentId, kind: "gate" };
    case "gate.approved":
    case "gate.declined":
    case "gate.withdrawn": {
      const agentId = state.gates.get(event.gateId)?.agentId;
      return agentId === undefined ? undefined : { agentId, kind: "tool" };
    }
    case "command.started":
    case "write.allowed":
      return { agentId: event.agentId, kind: "tool" };
    case "agent.ended":
    case "agent.failed":
      return { agentId: event.agentId, kind: null };
    default:
      return undefined;
  }
}

/** The spans with what is done from a time on (milliseconds since 1970): what was open ends there. */
export function withSpan(
  spans: readonly StreamSpan[],
  kind: StreamSpan["kind"] | null,
  atMs: number,
): readonly StreamSpan[] {
  const last = spans.at(-1);
  if (last?.toMs === null && last.kind === kind && kind !== "call") return spans;
  const closed = last?.toMs === null ? [...spans.slice(0, -1), { ...last, toMs: atMs }] : spans;
  return kind === null ? closed : [...closed.slice(1 - keptCount), { kind, fromMs: atMs, toMs: null }];
}
