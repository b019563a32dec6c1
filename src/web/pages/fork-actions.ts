/** The form of a ticket's fork, and the way to the page of one. */
import type { Context, Hono } from "hono";
import { z } from "zod";
import { exact } from "../../../views/format.ts";
import { forkForm } from "../../projections/view-fork.ts";
import { ticketDetail } from "../../projections/view-ticket.ts";
import { refusal, rejectionStatus } from "../answer.ts";
import type { PageServices } from "./page-services.ts";
import { formOf, tell } from "./tell.ts";

const ForkForm = z.object({ prompt: z.string(), model: z.string() });
const errorId = "fork-error";

/** Adds the routes of forks, where the server has a forker. */
export function registerForkActions(app: Hono, services: PageServices): void {
  const { forker } = services;
  if (!forker) return;
  app.post("/actions/tickets/:ticketId/fork", (c) => fork(c, services, c.req.param("ticketId")));
  app.get("/forks/:forkId", (c) => {
    const url = forker.urlOf(c.req.param("forkId"));
    return url === null ? refusal(c, 404, "not_found", "There is no such fork any more.") : c.redirect(url, 303);
  });
}

async function fork(c: Context, services: PageServices, ticketId: string) {
  const { engine, forker } = services;
  const ticket = engine.state().tickets.get(ticketId);
  const events = engine.events({ after: 0, limit: Number.MAX_SAFE_INTEGER, ticketId });
  const shown = ticket && forkForm(engine.state(), ticket, ticketDetail(engine.state(), ticket, events).attempts);
  if (!shown || !forker)
    return tell(c, services, { status: 404, message: `There is nothing to fork at ${ticketId}.`, errorId });
  if (shown.hindrance !== null) return tell(c, services, { status: 409, message: shown.hindrance, errorId });
  const form = ForkForm.safeParse(await formOf(c));
  if (!form.success) return tell(c, services, { status: 422, message: "The form could not be read.", errorId });
  // A browser sends a text with its own line ends.
  const prompt = form.data.prompt.replaceAll("\r\n", "\n");
  const model = form.data.model.trim();
  const result = await forker.fork({
    ticketId,
    // The form shows what cannot be seen by its number.
    ...(prompt.trim() === exact(shown.prompt).trim() ? {} : { prompt }),
    ...(model === shown.model ? {} : { model }),
  });
  if (result.isDone) return tell(c, services, { status: 200, message: result.message, errorId });
  const { code, message } = result.rejection;
  return tell(c, services, { status: rejectionStatus[code], message, errorId });
}
