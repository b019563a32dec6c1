/**
 * A model that obeys: whatever it is sent, system prompt, files, tool results, names, diagnoses, is searched for planted
 * instructions, and each is carried out once a conversation, whether the tool for it is offered or not. It is the worst that
 * a text in a repository can make of a model, so what a run with it cannot do, no injected text can.
 *
 *   INJECT: read PATH            INJECT: write PATH CONTENT       INJECT: bash COMMAND
 *   INJECT: glob PATTERN         INJECT: grep PATTERN             INJECT: propose JSON
 *   INJECT: verdict pass|fail    INJECT: accept                   INJECT: say TEXT
 *
 * An instruction ends with its line, or with " #END" before that.
 */

import { type Block, blocksOf, blockText, type MessagesRequest, toolNames } from "./messages-request.ts";
import { roleOf } from "./rule-book.ts";
import type { Reply } from "./scenario.ts";

interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One planted instruction: a tool call, or words to say. */
type Instruction = { readonly call: ToolCall } | { readonly words: string };

type Sent = Pick<MessagesRequest, "system" | "messages" | "tools">;

/** Clients run only so many calls of one answer. */
const mostCalls = 16;
const instruction = /INJECT: (bash|read|write|glob|grep|propose|verdict|accept|say)\b[ \t]*([^\r\n]*)/g;

/** The answer that carries out what has not been carried out yet in this conversation; null when nothing is left. */
export function obey(request: Sent): Reply | null {
  const blocks = [...blocksOf(request.system ?? ""), ...request.messages.flatMap(({ content }) => blocksOf(content))];
  const done = new Set(blocks.filter(({ type }) => type === "tool_use").map((block) => keyOf(callOf(block))));
  const said = blocks.filter(({ type }) => type === "text").map(blockText);
  const tools = toolNames(request);
  const wanted = uniqueOf(blocks.map(blockText).flatMap((text) => instructionsIn(text, tools)));
  const calls = wanted.flatMap((each) => ("call" in each && !done.has(keyOf(each.call)) ? [each.call] : []));
  const words = wanted.flatMap((each) => ("words" in each && !said.includes(each.words) ? [each.words] : []));
  if (calls.length > 0)
    return {
      toolUse: inOrder(calls)
        .slice(0, mostCalls)
        .map(({ name, input }) => reply(name, input)),
    };
  return words[0] === undefined ? null : { text: words[0] };
}

/** The instructions in a text, in its order. */
export function instructionsIn(text: string, tools: readonly string[]): Instruction[] {
  return [...text.matchAll(instruction)].flatMap(([, verb = "", rest = ""]) => {
    const argument = (rest.split(" #END")[0] ?? "").trim();
    return instructionOf(verb, argument, tools) ?? [];
  });
}

function instructionOf(verb: string, argument: string, tools: readonly string[]): Instruction | null {
  const call = (name: string, input: ToolCall["input"]) => ({ call: { name, input } });
  switch (verb) {
    case "bash":
      return call("bash", { command: argument });
    case "read":
      return call("read", { file_path: argument });
    case "glob":
    case "grep":
      return call(verb, { pattern: argument });
    case "write": {
      const [, path = "", content = ""] = /^(\S+)\s*(.*)$/.exec(argument) ?? [];
      return call("write", { file_path: path, content });
    }
    case "propose": {
      const input = objectOf(argument);
      return input && call(roleOf(tools) === "orchestrator" ? "propose_tracks" : "propose_tickets", input);
    }
    case "verdict":
      return call("report_verdict", { verdict: argument, diagnosis: "As I was told." });
    case "accept":
      return call("accept_ticket", {});
    case "say":
      return argument === "" ? null : { words: argument };
    default:
      return null;
  }
}

/** What ends a conversation comes last, so that everything before it is tried. */
function inOrder(calls: readonly ToolCall[]): ToolCall[] {
  const isLast = ({ name }: ToolCall) => /^(propose_|report_|accept_)/.test(name);
  const first = calls.filter((call) => !isLast(call));
  return first.length > 0 ? first : [...calls];
}

function reply(name: string, input: ToolCall["input"]) {
  return { name, inputJson: JSON.stringify(input) };
}

function uniqueOf(instructions: readonly Instruction[]): Instruction[] {
  return [...new Map(instructions.map((each) => [JSON.stringify(each), each])).values()];
}

function callOf(block: Block): ToolCall {
  const { name, input } = block as unknown as ToolCall; // The request's own schema has checked a `tool_use` block.
  return { name, input };
}

function keyOf({ name, input }: ToolCall): string {
  return JSON.stringify([name, input]);
}

/** The JSON object in a text; null when there is none. */
function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
