/**
 * How a form of the page is answered: with the present regions of the page that sent it. A refusal is told on the page, beside
 * its form, with the status that the API would give.
 */
import type { Context } from "hono";
import { refusal, rejectionStatus } from "../answer.ts";
import { nonceOf } from "../security-headers.ts";
import type { FormResult } from "./action-forms.ts";
import { openPage } from "./open-page.ts";
import type { PageServices } from "./page-services.ts";
import { elementPartial, morphPartial, regionHtml, textPartial } from "./partials.tsx";

type Status = 200 | 404 | 409 | 422;

export interface Told {
  readonly status: Status;
  readonly message: string;
  /** The element beside the form that takes the message of a refusal. */
  readonly errorId: string | null;
  /** Contents for other elements, where the page has them. */
  readonly parts?: readonly { readonly elementId: string; readonly html: string }[];
}

/** Dispatches what a form asks for, and tells what came of it. */
export function act(c: Context, services: PageServices, form: FormResult, done: string, errorId: string | null) {
  if (!form.isValid) return tell(c, services, { status: form.status, message: form.message, errorId });
  const result = services.engine.dispatch(form.command);
  if (result.isAccepted) return tell(c, services, { status: 200, message: done, errorId });
  const { code, message } = result.rejection;
  return tell(c, services, { status: rejectionStatus[code], message, errorId });
}

/** For htmx the regions of the page that asked; for a plain form the page again, or the problem in words. */
export function tell(c: Context, services: PageServices, told: Told): Response | Promise<Response> {
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
  for (const { elementId, html } of told.parts ?? [])
    if ([...regions.values()].some((region) => region.includes(`id="${elementId}"`)))
      parts.push(elementPartial(elementId, html, "innerHTML"));
  parts.push(textPartial("notice", isRefused && isBeside ? "" : told.message));
  return c.html(parts.join(""), told.status);
}

/** Only path and query of the page that asked: the host of a header decides nothing. */
function pageAddress(source: string | undefined): string {
  const url = source === undefined ? null : URL.parse(source);
  return url ? `${url.pathname}${url.search}` : "/";
}

/** The fields of a form, as they were sent. */
export async function formOf(c: Context): Promise<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(await c.req.text()));
}
