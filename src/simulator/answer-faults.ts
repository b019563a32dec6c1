/** Answers that are well formed and still wrong: what a model or a gateway gets wrong about content, endings and figures. */
import type { Answer, AnswerBlock } from "./answer.ts";
import { apiError, errorBody } from "./api-error.ts";
import type { FaultKind } from "./fault.ts";

const manyCalls = 100;
const plain = { toolName: "", toolId: "" };

/** The answer with its fault; the same answer where the fault is of another kind. */
export function faultyAnswer(answer: Answer, fault: FaultKind | null): Answer {
  const { blocks } = answer;
  switch (fault) {
    case "blank":
      return { ...answer, blocks: [], stopReason: "end_turn" };
    case "only_thinking":
      return { ...answer, blocks: [{ ...plain, type: "thinking", text: "I wonder." }], stopReason: "end_turn" };
    case "refusal":
      return { ...answer, blocks: [words("I cannot help with that.")], stopReason: "refusal" };
    case "pause_turn":
      return { ...answer, blocks: [words("Wait a moment.")], stopReason: "pause_turn" };
    case "context_full":
      return { ...answer, blocks: [words("It is")], stopReason: "model_context_window_exceeded" };
    case "unknown_reason":
      return { ...answer, stopReason: "solar_flare" };
    case "early_end":
      return { ...answer, stopReason: "end_turn" };
    case "duplicate_ids":
      return { ...answer, blocks: blocks.flatMap((block) => (isCall(block) ? [block, block] : [block])) };
    case "many_calls":
      return { ...answer, blocks: blocks.flatMap((block) => (isCall(block) ? copies(block) : [block])) };
    case "unknown_tool":
      return { ...answer, blocks: blocks.map((block) => (isCall(block) ? { ...block, toolName: "fly" } : block)) };
    case "wrong_types":
      return {
        ...answer,
        blocks: blocks.map((block) => (isCall(block) ? { ...block, text: '{"file_path":7,"tracks":"one"}' } : block)),
      };
    default:
      return answer;
  }
}

function words(text: string): AnswerBlock {
  return { ...plain, type: "text", text };
}

function isCall(block: AnswerBlock): boolean {
  return block.type === "tool_use";
}

function copies(block: AnswerBlock): AnswerBlock[] {
  return Array.from({ length: manyCalls }, (_unset, index) => ({ ...block, toolId: `${block.toolId}_${index}` }));
}

/** The usage that `message_delta` carries; undefined leaves it out. Not typed as usage: it may be anything. */
export function faultyUsage(usage: object, fault: FaultKind | null): object | undefined {
  switch (fault) {
    case "usage_missing":
    case "usage_late":
      return undefined;
    case "usage_negative":
      return { ...usage, output_tokens: -1_000_000 };
    case "usage_text":
      return { ...usage, output_tokens: "many" };
    case "usage_huge":
      return { ...usage, output_tokens: 1e300 };
    default:
      return usage;
  }
}

/** What is sent after all content and before the ending; "" for other faults. */
export function beforeEnding(fault: FaultKind | null, requestId: string): string {
  return fault === "error_after_content" ? `event: error\ndata: ${errorBody(apiError(529), requestId)}\n\n` : "";
}
