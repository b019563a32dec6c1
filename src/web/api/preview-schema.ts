/** The shape of a preview of a change of the plan, and how a change says which preview it was decided on. */
import { z } from "zod";

const text = z.string();

/** The hash of the preview that a change was decided on: refused as stale when it would now do something else. */
export const seen = { previewHash: text.optional() };

/** What a change of a plan would do, ticket by ticket. */
export const PreviewReply = z.object({
  tickets: z.array(
    z.object({
      ticketId: text,
      title: text,
      kind: z.enum(["rerun", "invalidated", "starts", "waits", "ended", "untouched"]),
      isNew: z.boolean(),
      reason: text,
    }),
  ),
  otherCount: z.number().int().nonnegative().describe("Tickets of the track besides those: nothing happens to them."),
  notes: z.array(text),
  previewHash: text.describe("Sent with the change, it is refused as stale when it would now do something else."),
});
