/**
 * What the page's forms do: parse, dispatch to the engine, and answer with the present regions of the page that sent the
 * form. A refusal is told on the page, beside its form, with the status that the API would give.
 */
import type { Context, Hono } from "hono";
import { elementId } from "../../projections/view-element-id.ts";
import { refusal, rejectionStatus } from "../answer.ts";
import { nonceOf } from "../security-headers.ts";
import {
  decisionCommand,
  editCommand,
  type FormResult,
  goalCommand,
  leverCommand,
  pauseCommand,
} from "./action-forms.ts";
import { openPage } from "./open-page.ts";
import type { PageServices } from "./page-services.ts";
import { morphPartial, regionHtml, textPartial } from "./partials.tsx";

type Status = 200 | 404 | 409 | 422;

interface Told {
  readonly status: Status;
  readonly message: string;
  /** The element beside the form that takes the message of a refusal. */
  readonly errorId: string | null;
}

/** Adds the routes that the page's forms post to. */
export function registerActions(app: Hono, services: PageServices): void {
  const state = () => services.engine.state();
  app.post("/actions/epics", async (c) =>
    act(
      c,
      services,
      goalCommand(await formOf(c)),
      "The goal is with tier 1: it plans tracks, then asks you.",
      "goal-error",
    ),
  );
  app.post("/actions/trust", async (c) => {
    const { decision, hash = "" } = await formOf(c);
    const { trust } = services;
    const isAccepting = decision === "accept";
    const refused = trust ? await (isAccepting ? trust.accept(hash) : trust.refuse(hash)) : noQuestion;
    const done = isAccepting ? "Accepted; the engine goes on." : "Refused: Signalbox ends, and nothing was run.";
    if (!refused) return tell(c, services, { status: 200, message: done, errorId: "trust-error" });
    return tell(c, services, { ...refused, status: rejectionStatus[refused.code], errorId: "trust-error" });
  });
  app.post("/actions/engine", async (c) => act(c, services, pauseCommand(await formOf(c)), "", null));
  app.post("/actions/tracks/:trackId/start", (c) =>
    act(
      c,
      services,
      { isValid: true, command: { type: "start_track", trackId: c.req.param("trackId") } },
      "The track starts.",
      null,
    ),
  );
  app.post("/actions/gates/:gateId/decision", async (c) => {
    const gateId = c.req.param("gateId");
    const form = await formOf(c);
    const done = `${gateId} is ${form.decision === "approve" ? "approved" : "declined"}.`;
    return act(c, services, decisionCommand(state(), gateId, form), done, `${elementId("gate", gateId)}-error`);
  });
  app.post("/actions/tickets/:ticketId/edit", async (c) => {
    const ticketId = c.req.param("ticketId");
    return act(c, services, editCommand(state(), ticketId, await formOf(c)), `${ticketId} is saved.`, "edit-error");
  });
  app.post("/actions/tickets/:ticketId/:lever", async (c) => {
    const { ticketId, lever } = c.req.param();
    const result = leverCommand(ticketId, lever, await formOf(c));
    if (!result) return refusal(c, 404, "not_found", "There is nothing at this address.");
    return act(c, services, result, `${ticketId}: done.`, null);
  });
}

const noQuestion = { code: "conflict", message: "The config of this project waits for no acceptance." } as const;

function act(c: Context, services: PageServices, form: FormResult, done: string, errorId: string | null) {
  if (!form.isValid) return tell(c, services, { status: form.status, message: form.message, errorId });
  const result = services.engine.dispatch(form.command);
  if (result.isAccepted) return tell(c, services, { status: 200, message: done, errorId });
  const { code, message } = result.rejection;
  return tell(c, services, { status: rejectionStatus[code], message, errorId });
}

/** For htmx the regions of the page that asked; for a plain form the page again, or the problem in words. */
function tell(c: Context, services: PageServices, told: Told): Response | Promise<Response> {
  const isRefused = told.status !== 200;
  const address = pageAddress(c.req.header("hx-current-url") ?? c.req.header("referer"));
  if (c.req.header("hx-request") === undefined) {
    return isRefused ? refusal(c, told.status, "refused", told.message) : c.redirect(address, 303);
  }
  const page = openPage(services, address);
  const regions = page ? regionHtml(services.engine, page.draw(false), nonceOf(c)) : new Map<string, string>();
  const parts = [...regions].map(([id, html]) => morphPartial(id, html));
  const isBeside = told.errorId !== null && [...regions.values()].some((html) => html.includes(`id="${told.errorId}"`));
  if (told.errorId !== null && isBeside) parts.push(textPartial(told.errorId, isRefused ? told.message : ""));
  parts.push(textPartial("notice", isRefused && isBeside ? "" : told.message));
  return c.html(parts.join(""), told.status);
}

/** Only path and query of the page that asked: the host of a header decides nothing. */
function pageAddress(source: string | undefined): string {
  const url = source === undefined ? null : URL.parse(source);
  return url ? `${url.pathname}${url.search}` : "/";
}

async function formOf(c: Context): Promise<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(await c.req.text()));
}
