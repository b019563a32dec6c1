/** What an agent said and did, turn by turn, from the log: thinking, text, and each tool call with its result. */
import type { Event, EventOf } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";
import { totalTokens } from "../domain/usage.ts";
import { oneLine } from "./one-line.ts";

export type TurnEntry =
  | { readonly kind: "text" | "thinking" | "told"; readonly text: string }
  | {
      readonly kind: "tool";
      readonly name: string;
      /** What it is about in a few words: a path, a command, a pattern. */
      readonly subject: string;
      readonly input: string;
      /** Null until it has come, with the request that brings it to the model. */
      readonly result: string | null;
      readonly isError: boolean;
      /** For a command that has ended. */
      readonly exitCode: number | null;
      readonly durationMs: number | null;
      /** Where the log has the result. */
      readonly position: number | null;
    };

export interface Turn {
  readonly callId: string;
  readonly turn: number;
  readonly at: string;
  /** Where its answer stands in the log. */
  readonly position: number;
  readonly entries: readonly TurnEntry[];
  readonly tokens: number;
  readonly costUsd: number | null;
  readonly durationMs: number;
  /** Why a call brought no answer; null where it did. */
  readonly failure: string | null;
}

export interface Transcript {
  /** In order, at most as many as a page holds. */
  readonly turns: readonly Turn[];
  /** The first turn that is shown, to ask for those before it; null when there are none before. */
  readonly before: string | null;
  readonly turnCount: number;
}

export const turnsOfPage = 12;

interface Draft extends Omit<Turn, "entries"> {
  readonly agentId: string;
  readonly entries: TurnEntry[];
}

/** The turns of some agents; with a call, those before it. */
export function transcript(events: readonly Event[], agentIds: ReadonlySet<string>, before: string | null): Transcript {
  const turns: Draft[] = [];
  /** Places of calls that wait for their result, by the model's own name of the call. */
  const open = new Map<string, { readonly draft: Draft; readonly index: number }>();
  const commands = new Map<string, EventOf<"command.completed">>();
  let told: TurnEntry[] = [];
  for (const event of events) {
    if (!("agentId" in event) || event.agentId === undefined || !agentIds.has(event.agentId)) continue;
    if (event.type === "command.completed") commands.set(event.toolCallId, event);
    if (event.type === "call.started") told = takeMessages(event, open, event.turn > 1 && event.tries <= 1);
    if (event.type === "call.failed") turns.push(failedTurn(event));
    if (event.type !== "call.settled") continue;
    const draft = settledTurn(event, told);
    told = [];
    turns.push(draft);
    noteTools(draft, event, open);
  }
  const end = before === null ? turns.length : turns.findIndex(({ callId }) => callId === before);
  const start = Math.max(0, end - turnsOfPage);
  const shown = turns.slice(start, end).map((turn) => withCommands(turn, commands));
  return { turns: shown, before: start > 0 ? (turns[start]?.callId ?? null) : null, turnCount: turns.length };
}

type OpenTools = Map<string, { readonly draft: Draft; readonly index: number }>;

/** Results go to their calls; words of the engine to the model stand before the next answer. */
function takeMessages({ messages, position }: EventOf<"call.started">, open: OpenTools, isLater: boolean): TurnEntry[] {
  const told: TurnEntry[] = [];
  for (const block of messages.flatMap(userBlocks)) {
    if (block.type === "text" && typeof block.text === "string" && isLater)
      told.push({ kind: "told", text: block.text });
    if (block.type !== "tool_result") continue;
    const place = open.get(String(block.tool_use_id));
    const entry = place?.draft.entries[place.index];
    if (!place || entry?.kind !== "tool") continue;
    const isError = block.is_error === true;
    place.draft.entries[place.index] = { ...entry, result: resultText(block.content), isError, position };
    open.delete(String(block.tool_use_id));
  }
  return told;
}

function userBlocks(message: Json): readonly { readonly [key: string]: Json }[] {
  if (!isRecord(message) || message.role !== "user") return [];
  if (typeof message.content === "string") return [{ type: "text", text: message.content }];
  return Array.isArray(message.content) ? message.content.filter(isRecord) : [];
}

function resultText(content: Json | undefined): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isRecord(part) && typeof part.text === "string" ? part.text : "")).join("\n");
}

function settledTurn(event: EventOf<"call.settled">, told: readonly TurnEntry[]): Draft {
  const { agentId, callId, turn, at, position, content, usage, costUsd, durationMs } = event;
  const entries = [...told, ...content.filter(isRecord).flatMap(entryOf)];
  const figures = { tokens: totalTokens(usage), costUsd, durationMs };
  return { agentId, callId, turn, at, position, entries, ...figures, failure: null };
}

function failedTurn(event: EventOf<"call.failed">): Draft {
  const { agentId, callId, turn, at, position, text, usage, costUsd, durationMs, reason } = event;
  const entries: TurnEntry[] = text === "" ? [] : [{ kind: "text", text }];
  const figures = { tokens: totalTokens(usage), costUsd, durationMs };
  return { agentId, callId, turn, at, position, entries, ...figures, failure: reason };
}

function entryOf(block: { readonly [key: string]: Json }): TurnEntry[] {
  if (block.type === "text" && typeof block.text === "string") return [{ kind: "text", text: block.text }];
  if (block.type === "thinking" && typeof block.thinking === "string")
    return [{ kind: "thinking", text: block.thinking }];
  if (block.type !== "tool_use") return [];
  const { name, input = null } = block;
  const waiting = { result: null, isError: false, exitCode: null, durationMs: null, position: null };
  const words = { name: String(name), subject: subjectOf(input), input: JSON.stringify(input, null, 2) };
  return [{ kind: "tool", ...words, ...waiting }];
}

function noteTools(draft: Draft, { content }: EventOf<"call.settled">, open: OpenTools): void {
  const ids = content.filter(isRecord).filter((block) => block.type === "tool_use");
  const places = draft.entries.flatMap((entry, index) => (entry.kind === "tool" ? [index] : []));
  for (const [order, block] of ids.entries()) {
    const index = places[order];
    if (index !== undefined) open.set(String(block.id), { draft, index });
  }
}

/** A command is found by its place: `<agent>/<turn>/<index of the call>`. */
function withCommands(draft: Draft, commands: ReadonlyMap<string, EventOf<"command.completed">>): Turn {
  const { agentId, ...turn } = draft;
  let index = -1;
  const entries = draft.entries.map((entry): TurnEntry => {
    if (entry.kind !== "tool") return entry;
    index += 1;
    const ended = commands.get(`${agentId}/${turn.turn}/${index}`);
    return ended ? { ...entry, exitCode: ended.exitCode, durationMs: ended.durationMs } : entry;
  });
  return { ...turn, entries };
}

const subjectLength = 120;

function subjectOf(input: Json): string {
  if (!isRecord(input)) return "";
  const { file_path, command, pattern, path, reason, verdict } = input;
  const said = [file_path, command, pattern, path, verdict, reason].filter((value) => typeof value === "string");
  return oneLine(said.join(" "), subjectLength);
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
