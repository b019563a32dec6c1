/**
 * What a request carries of a conversation: repaired to what the API accepts, trimmed to a size, and marked for the
 * provider's cache. All pure: the same history gives the same request, so that a resumed agent hits the same cache.
 */
import type { Message } from "./message-block.ts";
import { estimateMessageTokens } from "./token-estimate.ts";
import { carryOut, type Pinned, planTrim, type TrimStep } from "./trim.ts";

/** Estimated tokens of a list of messages. */
export function historySize(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + estimateMessageTokens(message), 0);
}

/** Leaves out empty messages and joins neighbours of one role, which is what a turn without content leaves behind. */
export function normalised(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.content.length === 0) continue;
    if (last?.role === message.role)
      joined[joined.length - 1] = { role: last.role, content: [...last.content, ...message.content] };
    else joined.push(message);
  }
  return joined;
}

/** A history that fits, and what that took. */
export interface TrimmedHistory {
  readonly messages: readonly Message[];
  readonly steps: readonly TrimStep[];
}

/**
 * Makes a history fit `limitTokens`, as `trim.ts` does it, but in steps of a quarter of the limit: with every turn that is a
 * little over the limit, the oldest part would change and the provider's cache of all that follows be lost.
 */
export function trimHistory(messages: readonly Message[], limitTokens: number, pinned?: Pinned): TrimmedHistory {
  const size = historySize(messages);
  const excess = size - limitTokens;
  if (excess <= 0) return { messages, steps: [] };
  const step = Math.max(1, Math.floor(limitTokens / 4));
  const steps = planTrim(messages, size - Math.ceil(excess / step) * step, pinned);
  // Trimming gives the messages that came in, with fewer blocks or shorter results.
  const trimmed = carryOut(messages, steps, pinned ?? new Set()) as Message[];
  return { messages: normalised(trimmed), steps };
}

const cacheControl = { type: "ephemeral" };

/** Marks the end of the last two user messages for the cache: one is what the last request wrote, one what the next will read. */
export function withBreakpoints(messages: readonly Message[]): Message[] {
  const marked = [...messages];
  let left = 2;
  for (let index = marked.length - 1; index >= 0 && left > 0; index--) {
    const message = marked[index];
    const last = message?.content.at(-1);
    if (message?.role !== "user" || !last) continue;
    marked[index] = {
      role: "user",
      content: [...message.content.slice(0, -1), { ...last, cache_control: cacheControl }],
    };
    left--;
  }
  return marked;
}
