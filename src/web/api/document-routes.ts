/** Routes of a track's spec.md and plan.md: read, and changed three ways with what is on disk by now. */
import { z } from "zod";
import { DocumentName } from "../../domain/event-document.ts";
import { type ApiRoute, defineRoute, failure, rejected } from "./route.ts";

const path = "/api/tracks/:trackId/documents/:name";
const params = z.object({ trackId: z.string(), name: DocumentName });
const text = z.string().max(500_000, "The text is longer than 500,000 characters: change it in an editor of your own");

const DocumentReply = z.object({
  trackId: z.string(),
  name: DocumentName,
  text: z.string(),
  /** The SHA-256 (hex) of the text with LF line ends: what the next change names as its base. */
  hash: z.string(),
});

export const documentRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path,
    summary:
      "A track's spec or plan as it is on disk, with the hash that a change of it names. No file: an empty text.",
    params,
    status: 200,
    reply: DocumentReply,
    refusals: [404],
    handle: ({ engine }, { params: { trackId, name } }) => {
      if (!engine.state().tracks.has(trackId)) return failure(404, "not_found", `There is no track ${trackId}.`);
      const { text, hash } = engine.documents.read(trackId, name);
      return Response.json({ trackId, name, text, hash }, { headers: { etag: `"${hash}"` } });
    },
  }),
  defineRoute({
    method: "PUT",
    path,
    summary:
      "Writes a track's spec or plan. Where the file is not `baseHash` any more, what was changed on disk meanwhile is taken together with `text`; that needs `base`, the text that was started from. 409 where both changed the same lines, with the whole text between marks and each conflict; nothing is written then.",
    params,
    body: z.strictObject({ text, baseHash: z.string(), base: text.optional() }),
    status: 200,
    reply: DocumentReply.extend({ isMerged: z.boolean() }),
    refusals: [404, 409],
    handle: async ({ engine }, { params: { trackId, name }, body }) => {
      if (!engine.state().tracks.has(trackId)) return failure(404, "not_found", `There is no track ${trackId}.`);
      const result = engine.documents.edit({ trackId, name, ...body, by: "person" });
      if (result.outcome === "refused") return rejected(result.rejection);
      if (result.outcome === "conflict") {
        const { text: marked, onDisk, conflicts } = result;
        const message = `${name}.md was changed on disk where you changed it too. Nothing was written.`;
        return { status: 409, body: { error: { code: "conflict", message }, text: marked, onDisk, conflicts } };
      }
      await engine.documents.settled();
      const saved = engine.documents.read(trackId, name);
      const reply = { trackId, name, text: saved.text, hash: saved.hash, isMerged: result.isMerged };
      return { status: 200, body: reply };
    },
  }),
];
