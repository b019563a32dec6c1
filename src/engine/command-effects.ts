/** Effects of a worker's commands: shown with what they would meet, run as they were approved. */
import { gatePayloads, type Surroundings } from "../domain/gate.ts";
import { fileChangeWords } from "../domain/gate-words.ts";
import type { State } from "../domain/state.ts";
import { CommandNotStarted } from "../workspace/sandbox/plan.ts";
import type { EffectContext } from "./engine-parts.ts";

const CommandPayload = gatePayloads.command;

/** Shows a command that must be approved. */
export async function offerCommand(context: EffectContext, toolCallId: string): Promise<void> {
  const surroundings = await surroundingsOf(context, toolCallId);
  context.dispatch({ type: "offer_command", toolCallId, surroundings });
}

/** Where there is no worktree any more, that is what a person sees, and what the command will find. */
async function surroundingsOf(context: EffectContext, toolCallId: string): Promise<Surroundings> {
  const agentId = context.state().toolCalls.get(toolCallId)?.agentId ?? "";
  const ticketId = context.state().agents.get(agentId)?.ticketId ?? "";
  const [profile, tree] = await Promise.all([
    context.parts.commandProfile(),
    context.parts.repository.worktreeTree(ticketId),
  ]);
  return { ...profile, treeHash: tree ?? noTree };
}

const noTree = "there is no worktree";

/** Looks at what the command would meet now; the rules say whether that is what was approved. Nothing waits in between. */
async function begin(context: EffectContext, toolCallId: string): Promise<void> {
  const surroundings = await surroundingsOf(context, toolCallId);
  const shown = CommandPayload.safeParse(context.state().toolCalls.get(toolCallId)?.payload).data?.treeHash;
  const treeChange = await treeChangeWords(context, shown, surroundings.treeHash);
  context.dispatch({ type: "begin_command", toolCallId, surroundings, treeChange });
}

async function treeChangeWords(context: EffectContext, from: string | undefined, to: string): Promise<string | null> {
  if (from === undefined || from === to || from === noTree) return null;
  if (to === noTree) return "The ticket's worktree is gone.";
  return fileChangeWords(await context.parts.repository.treeChanges(from, to));
}

/** Runs an approved or allowed command. A command that cannot start is an answer for the model, not a fault of ours. */
export async function runToolCommand(context: EffectContext, toolCallId: string): Promise<void> {
  if (context.state().toolCalls.get(toolCallId)?.status === "allowed") await begin(context, toolCallId);
  const call = context.state().toolCalls.get(toolCallId);
  if (call?.status !== "running") return;
  const { command, cwd } = CommandPayload.parse(call.payload);
  const { signal } = context;
  const root = worktreeOf(context.state(), call.agentId) ?? cwd;
  const outcome = await runOrExplain(context, { command, cwd, root, timeoutMs: call.timeoutMs, signal });
  if (signal.aborted) return;
  context.dispatch({ type: "record_command", toolCallId, ...outcome });
}

function worktreeOf(state: State, agentId: string): string | null {
  const ticketId = state.agents.get(agentId)?.ticketId ?? "";
  return state.tickets.get(ticketId)?.attempts.at(-1)?.worktree ?? null;
}

async function runOrExplain(context: EffectContext, request: Parameters<EffectContext["parts"]["runCommand"]>[0]) {
  try {
    const { exitCode, isTimedOut, durationMs, output, sandbox } = await context.parts.runCommand(request);
    return { exitCode, isTimedOut, durationMs: Math.round(durationMs), output, ...(sandbox ? { sandbox } : {}) };
  } catch (error) {
    if (!(error instanceof CommandNotStarted)) throw error;
    return { exitCode: 126, isTimedOut: false, durationMs: 0, output: error.message };
  }
}
