/** What a request holds as it was sent, and the facts of what a person chose about an agent's context. */
import { z } from "zod";
import { PieceRef } from "./context-choice.ts";
import { by, count, fact, id, text } from "./event-field.ts";

/** How a request was made, so that its text can be told again from the log, and how large it was estimated to be. */
export const RequestRecord = z.object({
  /** Estimated tokens by part; they sum to the whole. */
  parts: z.record(z.string(), count),
  /** The size of the messages above which they were trimmed. */
  limitTokens: count,
  /** Whether that was made smaller than the settings say, because the endpoint found the conversation too long. */
  isShrunk: z.boolean(),
  /** Whether the endpoint counted the input that was reserved. */
  isCounted: z.boolean(),
  /** How many of a person's choices it heeds. */
  choiceCount: count,
  /** The SHA-256 of the body's text. */
  hash: text,
});
export type RequestRecord = z.infer<typeof RequestRecord>;

/** `name`: the piece in words, for people. */
const choice = { agentId: id, ref: PieceRef, name: text, by };

export const contextFacts = [
  fact("context.pinned", choice),
  fact("context.unpinned", choice),
  fact("context.evicted", choice),
  fact("context.restored", choice),
  /** The endpoint counted the agent's next request: the whole, and the parts that it can count by themselves. */
  fact("context.counted", { agentId: id, hash: text, tokens: count, parts: z.record(z.string(), count) }),
] as const;
