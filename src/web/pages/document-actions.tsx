/** @jsxImportSource hono/jsx */
/** The form that saves a track's spec or plan: three ways with the disk, and on a clash given back with both sides. */
import type { Context, Hono } from "hono";
import { z } from "zod";
import { DocumentFields } from "../../../views/document-view.tsx";
import { DocumentName } from "../../domain/event-document.ts";
import { refusal, rejectionStatus } from "../answer.ts";
import { nonceOf } from "../security-headers.ts";
import type { PageServices } from "./page-services.ts";
import { textPartial, withNonce } from "./partials.tsx";
import { formOf, tell } from "./tell.ts";

/** Which button saved it, where both sides had changed the same lines. */
const Side = z.enum(["mine", "onDisk"]);

/** Adds the route of the documents' editors. */
export function registerDocumentActions(app: Hono, services: PageServices): void {
  app.post("/actions/tracks/:trackId/documents/:name", (c) => save(c, services));
}

async function save(c: Context, services: PageServices): Promise<Response> {
  const name = DocumentName.safeParse(c.req.param("name"));
  if (!name.success) return await refusal(c, 404, "not_found", "There is no such document.");
  // Browsers send line ends of forms as CR LF; line ends are no difference here.
  const { text = "", base, baseHash = "", side } = await formOf(c);
  const { documents } = services.engine;
  const taken = Side.safeParse(side);
  const trackId = c.req.param("trackId") ?? "";
  const edit = { trackId, name: name.data, text, baseHash, base, side: taken.data, by: "person" };
  const result = documents.edit(edit);
  const errorId = `${name.data}-error`;
  if (result.outcome === "refused") {
    const { code, message } = result.rejection;
    return await tell(c, services, { status: rejectionStatus[code], message, errorId });
  }
  if (result.outcome === "conflict") {
    const { text: marked, onDisk, conflicts } = result;
    const shown = { text: marked, base: onDisk.text, hash: onDisk.hash, conflictCount: conflicts.length };
    const fields = withNonce(nonceOf(c), <DocumentFields name={name.data} {...shown} />);
    const words = `${name.data}.md was changed on disk where you changed it too. Nothing is written yet, and nothing is lost.`;
    const target = `<hx-partial hx-target="#${name.data}-fields" hx-swap="innerHTML">${fields}</hx-partial>`;
    return c.html(`${target}${textPartial(errorId, words)}`, 409);
  }
  await documents.settled();
  const merged = result.isMerged ? ", together with what was changed on disk meanwhile" : "";
  return await tell(c, services, { status: 200, message: `${name.data}.md is saved${merged}.`, errorId });
}
