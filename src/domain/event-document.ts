/** Facts about a track's spec.md and plan.md that a person has changed on the page or through the API. */
import { z } from "zod";
import { by, fact, id, text } from "./event-field.ts";

/** Which document of a track. */
export const DocumentName = z.enum(["spec", "plan"]);
export type DocumentName = z.infer<typeof DocumentName>;

const documentRef = { trackId: id, name: DocumentName };

export const documentFacts = [
  /** The intent: `text` is to be written where the text with the hash `fromHash` stands. A hash is that of the text with LF. */
  fact("document.edited", { ...documentRef, text, hash: text, fromHash: text, isMerged: z.boolean(), by }),
  fact("document.written", { ...documentRef, hash: text }),
  fact("document.unwritten", { ...documentRef, hash: text, reason: text }),
] as const;
