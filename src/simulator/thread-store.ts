/**
 * Conversations that the server holds for its clients (the beta in which a request names the response that it continues
 * and sends only what is new; the SDK's tool runner does). In memory, the oldest are forgotten first, as the API may.
 */
import { z } from "zod";
import type { ApiError } from "./api-error.ts";

const Held = z.looseObject({ messages: z.array(z.unknown()) });
type Held = z.infer<typeof Held>;
const Continued = Held.extend({
  thread: z.object({ type: z.literal("continue"), previous_message_id: z.string() }),
});
const Threaded = Held.extend({ thread: z.object({ type: z.enum(["create", "continue"]) }) });

const maxHeld = 200;

export class ThreadStore {
  readonly #held = new Map<string, Held>();

  /** The whole request that a body stands for: the held conversation and what is new, or the body as it is. */
  whole(body: unknown): { readonly body: unknown } | { readonly error: ApiError } {
    const continued = Continued.safeParse(body);
    if (!continued.success) return { body };
    const { thread, messages } = continued.data;
    const held = this.#held.get(thread.previous_message_id);
    if (!held) return { error: threadNotFound(thread.previous_message_id) };
    return { body: { ...held, ...continued.data, messages: [...held.messages, ...messages] } };
  }

  /** Holds a conversation under its response's id, when the request asked for it. `body` is the whole request. */
  hold(body: unknown, messageId: string, content: readonly unknown[]): void {
    const threaded = Threaded.safeParse(body);
    if (!threaded.success) return;
    const messages = [...threaded.data.messages, { role: "assistant", content }];
    this.#held.set(messageId, { ...threaded.data, messages });
    const oldest = this.#held.keys().next().value;
    if (this.#held.size > maxHeld && oldest !== undefined) this.#held.delete(oldest);
  }
}

function threadNotFound(messageId: string): ApiError {
  return {
    status: 404,
    type: "not_found_error",
    message: `No usable thread state was found for \`previous_message_id\` ${messageId}.`,
    details: { error_code: "thread_not_found" },
  };
}
