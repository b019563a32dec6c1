/**
 * Runs the tool calls of one turn: searches and reads side by side, everything else in order; what the main loop must
 * decide is asked there. Every call gets exactly one result, because the API refuses a request in which one is missing.
 */
import { normalize } from "node:path";
import { z } from "zod";
import type { Json } from "../domain/gate.ts";
import type { Block } from "../domain/message-block.ts";
import { AgentFailure } from "./agent-port.ts";
import { brokenInputOf, type ToolUse, toolResult, toolUses } from "./message.ts";
import { isRepeated } from "./message-accumulator.ts";
import type { AgentLife } from "./model-call.ts";
import { resultLine } from "./stream-line.ts";
import { fileFault } from "./tools/confine.ts";
import { performWrite } from "./tools/file-tools.ts";
import { type Repeat, type Tool, ToolFault } from "./tools/tool.ts";
import { accessFor } from "./tools/toolset.ts";

const mostCalls = 32;

/** Results for the next request, or the end of the agent because the main loop said that this call was its last word. */
export type TurnOutcome = { readonly hasEnded: true } | { readonly hasEnded: false; readonly results: Block[] };

type CallOutcome =
  | { readonly isEnd: true }
  | { readonly isEnd: false; readonly text: string; readonly isError: boolean };

interface PlannedCall {
  readonly call: ToolUse;
  readonly index: number;
  /** Why it must not be run; null when it may. */
  readonly fault: string | null;
  readonly tool: Tool | undefined;
  /** Set when an earlier thread may have made the call already. */
  readonly repeat: Repeat | null;
}

/** Runs every call of a response that may be run; `whyNone` when none may. They belong to turn `life.conversation.turn`. */
export async function runToolCalls(
  life: AgentLife,
  content: readonly Block[],
  whyNone: string | null,
): Promise<TurnOutcome> {
  const planned = plan(life, toolUses(content), whyNone);
  const results: Block[] = [];
  for (let at = 0; at < planned.length; ) {
    const group = nextGroup(planned, at);
    at += group.length;
    const outcomes = await Promise.all(group.map((each) => runCall(life, each)));
    for (const [index, each] of group.entries()) {
      const outcome = life.redactor.json(outcomes[index]);
      if (!outcome || outcome.isEnd) return { hasEnded: true };
      results.push(toolResult(each.call.id, outcome.text, outcome.isError));
      const { agentId } = life.start;
      life.port.post({ type: "delta", agentId, kind: "tool", text: resultLine(outcome.text, outcome.isError) });
    }
  }
  return { hasEnded: false, results };
}

/** Gives the text of an answer to the main loop as the call that it stands for; a fault comes back as the model's next words. */
export async function proposeText(life: AgentLife, name: string, text: string): Promise<CallOutcome> {
  return await ask(life, 0, name, text);
}

function plan(life: AgentLife, calls: readonly ToolUse[], whyNone: string | null): PlannedCall[] {
  const hasBroken = calls.some((call) => brokenInputOf(call.input) !== null && !isJudgedText(life, call));
  const whyNot = whyNone ?? (hasBroken ? brokenNeighbour : null);
  const ids = calls.map(({ id }) => id);
  const toolOf = ({ name: wanted }: ToolUse) => life.tools.find(({ name }) => name === wanted);
  // A response that no call of this life brought was taken over from a thread that died.
  const isTakenOver = life.conversation.turn === life.start.turnCount;
  return calls.map((call, index) => {
    const isFollowed = calls.slice(index + 1).some((later) => mayChangeSame(call, later, toolOf(later)));
    const repeat = isTakenOver ? { isFollowed } : null;
    return { call, index, tool: toolOf(call), fault: faultOfCall(life, call, index, ids, whyNot), repeat };
  });
}

/** Whether a later call may change the file that a call changes: a change of the same file, or a command. */
function mayChangeSame(call: ToolUse, later: ToolUse, tool: Tool | undefined): boolean {
  if (tool === undefined || tool.isReadOnly) return false;
  const File = z.object({ file_path: z.string() });
  const [file, other] = [File.safeParse(call.input), File.safeParse(later.input)];
  return !other.success || normalize(other.data.file_path) === normalize(file.data?.file_path ?? "");
}

const brokenNeighbour = "Not run, because another call of your response was broken; call again if you still need it.";

function faultOfCall(
  life: AgentLife,
  call: ToolUse,
  index: number,
  ids: readonly string[],
  whyNot: string | null,
): string | null {
  const broken = brokenInputOf(call.input);
  if (broken?.isCut) return "Your call was cut off at the output limit, nothing was run; make it smaller.";
  if (broken && !isJudgedText(life, call))
    return "The input of your call is not whole JSON, nothing was run; call again.";
  if (whyNot !== null) return whyNot;
  if (isRepeated(call.id, ids))
    return "Not run: another call of your response has the same id, so it is not clear which is meant; call again.";
  if (index >= mostCalls) return `Not run: only the first ${mostCalls} calls of a response are; make fewer at a time.`;
  if (life.tools.some(({ name }) => name === call.name)) return null;
  return `There is no tool "${call.name}". The tools are: ${life.tools.map(({ name }) => name).join(", ")}.`;
}

/** A proposal whose JSON is wrong goes to the main loop as text: it names the faults, and counts the tries. */
function isJudgedText(life: AgentLife, call: ToolUse): boolean {
  const broken = brokenInputOf(call.input);
  if (!broken || broken.isCut) return false;
  return life.tools.some(({ name, isJudged }) => name === call.name && isJudged);
}

function nextGroup(planned: readonly PlannedCall[], at: number): PlannedCall[] {
  const isParallel = (each: PlannedCall | undefined) => each?.fault === null && each.tool?.isReadOnly === true;
  let end = at + 1;
  if (isParallel(planned[at])) while (isParallel(planned[end])) end++;
  return planned.slice(at, end);
}

async function runCall(life: AgentLife, { call, index, fault, tool, repeat }: PlannedCall): Promise<CallOutcome> {
  if (fault !== null || !tool) return { isEnd: false, text: fault ?? "There is no such tool.", isError: true };
  life.port.signal.throwIfAborted();
  const { root, targetFiles, role } = life.start;
  const input = brokenInputOf(call.input)?.text ?? call.input;
  try {
    const scene = { root, targetFiles, access: accessFor(role), ...(repeat && { repeat }) };
    const outcome = await tool.run(input, scene);
    if (outcome.kind === "ask") return await ask(life, index, outcome.name, outcome.input);
    return { isEnd: false, text: outcome.text, isError: false };
  } catch (error) {
    return { isEnd: false, text: toolFault(call.name, error).message, isError: true };
  }
}

async function ask(life: AgentLife, index: number, name: string, input: Json): Promise<CallOutcome> {
  const { agentId, root } = life.start;
  const toolCallId = `${agentId}/${life.conversation.turn}/${index}`;
  const answer = await life.port.request({ type: "tool_requested", agentId, toolCallId, name, input });
  if (answer.type !== "tool_answered")
    throw new AgentFailure("crash", `A tool call was answered with ${answer.type}.`, true);
  switch (answer.outcome) {
    case "end":
      return { isEnd: true };
    case "result":
      return { isEnd: false, text: answer.content, isError: answer.isError };
    case "perform": {
      if (name !== "write") throw new AgentFailure("crash", `The thread was told to perform ${name}.`, true);
      const done = await performWrite(answer.input, root);
      return { isEnd: false, text: [answer.content, done].filter((line) => line !== "").join("\n"), isError: false };
    }
    default:
      return answer.outcome satisfies never;
  }
}

/** What the model may read about a failed tool. Anything that is no fault of a call is ours, and ends the agent. */
function toolFault(name: string, error: unknown): ToolFault {
  const known = fileFault(error, name);
  if (known instanceof ToolFault) return known;
  if (error instanceof z.ZodError || !(error instanceof Error && "syscall" in error)) throw error;
  return new ToolFault(`${name} failed: ${error.message}`, error);
}
