/**
 * What an agent does now, or why it does not move: one state and one sentence for each, told from the log's state and from
 * what its stream has heard. It knows no clock: seconds are counted in the browser from `since`.
 */
import type { Json } from "../domain/gate.ts";
import type { LiveStream } from "../domain/live-stream.ts";
import { holdOfAgent, isCrowded } from "../domain/model-hold.ts";
import type { Agent, Gate, State, ToolCall } from "../domain/state.ts";
import { oneLine } from "./one-line.ts";

/** The distinct states of an agent; `slot` is any wait for its turn that nobody has to end. */
export const activityKinds = [
  "thinking",
  "tool",
  "gate",
  "slot",
  "held",
  "paused",
  "budget",
  "stalled",
  "dead",
  "done",
] as const;
export type ActivityKind = (typeof activityKinds)[number];

export interface AgentActivity {
  readonly kind: ActivityKind;
  /** A few words for a line, such as `running bash`. */
  readonly words: string;
  /** The same as one whole sentence, with the reason. */
  readonly sentence: string;
  /** Since when it is so (ISO 8601 UTC), where seconds are worth counting. */
  readonly since: string | null;
  /** The gate that it waits at. */
  readonly gateId: string | null;
  /** When it changes without an event (milliseconds since 1970): a hold ends, silence becomes a stall. */
  readonly changesAtMs: number | null;
}

/** The part of a live stream that an activity is told from. */
export type ActivitySource = Pick<
  LiveStream,
  "streamId" | "agentId" | "status" | "reason" | "endedAt" | "lastByteMs" | "tools"
>;

/** Silence of an open call that counts as a stall: well above the pauses of a model at work, well below giving up. */
export const stallAfterMs = 15_000;

/** The activity of the agent behind a stream at a time (milliseconds since 1970). */
export function agentActivity(state: State, stream: ActivitySource, nowMs: number): AgentActivity {
  const agent = state.agents.get(stream.agentId);
  return (
    ended(agent, stream) ??
    atGate(state, stream) ??
    atTool(state, stream) ??
    inCall(state, stream, nowMs) ??
    beforeCall(state, agent, stream, nowMs)
  );
}

function ended(agent: Agent | undefined, stream: ActivitySource): AgentActivity | null {
  const status = agent === undefined || agent.status === "running" ? stream.status : agent.status;
  if (status === "failed") {
    const reason = agent?.reason ?? stream.reason ?? "";
    return activity("dead", "dead", `Dead: ${reason || "its agent has failed."}`, { since: stream.endedAt });
  }
  if (status !== "ended" && status !== "done") return null;
  return activity("done", "done", "Done: its agent has ended its turn.", { since: stream.endedAt });
}

function atGate(state: State, { agentId, streamId }: ActivitySource): AgentActivity | null {
  const { gates } = present(state);
  const gate = gates.get(agentId) ?? gates.get(streamId);
  if (!gate) return null;
  const sentence = `Waits for you to decide on ${gateNames[gate.kind]} (${gate.gateId}): ${gate.reason}`;
  return activity("gate", "waiting for you", sentence, { since: gate.openedAt, gateId: gate.gateId });
}

const gateNames: Readonly<Record<Gate["kind"], string>> = {
  tracks: "its tracks",
  tickets: "its tickets",
  spawn: "its prompt",
  command: "a command",
  write: "a write outside its target files",
  merge: "its merge",
  checkpoint: "a checkpoint",
  land: "a landing",
  budget: "a budget that is reached",
  unknown: "what a crash has hidden",
  conflict: "a conflict",
};

function atTool(state: State, { agentId }: ActivitySource): AgentActivity | null {
  const call = present(state).toolCalls.get(agentId);
  if (!call) return null;
  const name = call.kind === "command" ? "bash" : call.kind;
  if (call.status === "running")
    return activity("tool", `running ${name}`, `Runs the tool ${name}${commandOf(call)}.`, { since: call.startedAt });
  return activity("tool", `${name} begins`, `Its call of ${name} is about to run${commandOf(call)}.`);
}

const shownCommand = 80;

function commandOf({ kind, payload }: ToolCall): string {
  if (kind !== "command" || payload === null || typeof payload !== "object" || Array.isArray(payload)) return "";
  const { command } = payload;
  if (typeof command !== "string") return "";
  return `: ${oneLine(command, shownCommand)}`;
}

function inCall(state: State, stream: ActivitySource, nowMs: number): AgentActivity | null {
  const startedAt = present(state).calls.get(stream.agentId);
  if (startedAt === undefined) return null;
  const thinking = { since: startedAt };
  if (stream.lastByteMs === undefined)
    return activity("thinking", "thinking", "Thinks: its model is answering.", thinking);
  const quietSinceMs = Math.max(stream.lastByteMs, Date.parse(startedAt));
  const stallsAtMs = quietSinceMs + stallAfterMs;
  if (nowMs < stallsAtMs)
    return activity("thinking", "thinking", "Thinks: its model is answering.", {
      ...thinking,
      changesAtMs: stallsAtMs,
    });
  const since = new Date(quietSinceMs).toISOString();
  const sentence = `Stalled: its model has sent no byte since ${timeOfDay(quietSinceMs)}.`;
  return activity("stalled", "stalled, no byte", sentence, { since });
}

function beforeCall(state: State, agent: Agent | undefined, stream: ActivitySource, nowMs: number): AgentActivity {
  if (state.isPaused) return activity("paused", "paused", "Waits: the engine is paused.");
  const [tool] = stream.tools?.names ?? [];
  if (stream.tools && tool !== undefined) {
    const names = [...new Set(stream.tools.names)].join(", ");
    return activity("tool", `running ${names}`, `Runs its tools: ${names}.`, { since: stream.tools.since });
  }
  const held = agent && heldBack(state, agent, nowMs);
  if (held) return held;
  if (stream.status === "waiting" && stream.reason) return activity("held", "waiting", `Waits: ${stream.reason}`);
  return activity("slot", "waiting for a slot", "Waits for a slot: its next turn is about to begin.");
}

function heldBack(state: State, agent: Agent, nowMs: number): AgentActivity | null {
  const hold = holdOfAgent(state, agent, nowMs);
  if (hold) {
    const until = hold.untilMs === null ? "" : ` until ${timeOfDay(hold.untilMs)}`;
    const by = hold.kind === "limited" || hold.kind === "paced" ? "a rate limit" : "a provider that fails";
    const words = `held by ${by}${until}`;
    return activity("held", words, `Held by ${by} of ${agent.model}${until}.`, { changesAtMs: hold.untilMs });
  }
  const scopes = new Set(["run", agent.trackId ?? "", agent.ticketId ?? "", state.lastAt.slice(0, 10)]);
  for (const reached of state.reachedLimits.values())
    if (scopes.has(reached.scopeId))
      return activity("budget", "held by a budget", `Held by a budget: ${reached.reason}`);
  const budgetGate = present(state).budgetGates.find(({ payload }) => scopes.has(scopeOf(payload)));
  if (budgetGate) {
    const sentence = `Waits for you to decide on a budget that is reached (${budgetGate.gateId}).`;
    return activity("gate", "waiting for you", sentence, { since: budgetGate.openedAt, gateId: budgetGate.gateId });
  }
  if (isCrowded(state, agent, nowMs))
    return activity("slot", "waiting for a slot", `Waits for a slot: many calls of ${agent.model} have just gone out.`);
  return null;
}

function scopeOf(payload: Json): string {
  if (payload === null || typeof payload !== "object" || Array.isArray(payload)) return "";
  return typeof payload.scopeId === "string" ? payload.scopeId : "";
}

type Extras = Partial<Pick<AgentActivity, "since" | "gateId" | "changesAtMs">>;

function activity(kind: ActivityKind, words: string, sentence: string, extras: Extras = {}): AgentActivity {
  return { kind, words, sentence, since: null, gateId: null, changesAtMs: null, ...extras };
}

/** A time of day in the server's time zone, as pages show every time: the browser is on the same machine. */
function timeOfDay(ms: number): string {
  const time = new Date(ms);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

interface Present {
  readonly position: number;
  /** Open gates by agent id and by stream id. */
  readonly gates: ReadonlyMap<string, Gate>;
  readonly budgetGates: readonly Gate[];
  /** Tool calls that the engine has not answered, by agent id. */
  readonly toolCalls: ReadonlyMap<string, ToolCall>;
  /** When an agent's open call went out, by agent id. */
  readonly calls: ReadonlyMap<string, string>;
}

/** The state is one object that changes: what was told of it holds for its position. */
const presents = new WeakMap<State, Present>();

/** What is open now, looked up once for all streams. */
function present(state: State): Present {
  const known = presents.get(state);
  if (known?.position === state.position) return known;
  const gates = new Map<string, Gate>();
  const budgetGates: Gate[] = [];
  for (const gate of state.work.openGates.values()) {
    if (gate.kind === "budget") budgetGates.push(gate);
    for (const key of [gate.agentId, gate.streamId]) if (key !== undefined && !gates.has(key)) gates.set(key, gate);
  }
  const toolCalls = new Map<string, ToolCall>();
  for (const call of state.toolCalls.values())
    if (call.status === "running" || call.status === "allowed" || call.status === "requested")
      toolCalls.set(call.agentId, call);
  const calls = new Map([...state.reservations.values()].map(({ agentId, startedAt }) => [agentId, startedAt]));
  const made = { position: state.position, gates, budgetGates, toolCalls, calls };
  presents.set(state, made);
  return made;
}
