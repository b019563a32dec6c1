/** What the page's forms do: parse, and dispatch to the engine. Forms of a part with many of them have a file of their own. */
import type { Hono } from "hono";
import { refusal, rejectionStatus } from "../answer.ts";
import { goalCommand, leverCommand, pauseCommand } from "./action-forms.ts";
import { registerContextActions } from "./context-actions.ts";
import { registerForkActions } from "./fork-actions.ts";
import { registerGateActions } from "./gate-actions.tsx";
import type { PageServices } from "./page-services.ts";
import { registerPlanActions } from "./plan-actions.tsx";
import { registerRuleActions } from "./rule-actions.tsx";
import { registerSettingsActions } from "./settings-actions.ts";
import { act, formOf, tell } from "./tell.ts";

/** Adds the routes that the page's forms post to. */
export function registerActions(app: Hono, services: PageServices): void {
  registerContextActions(app, services);
  registerPlanActions(app, services);
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
  registerGateActions(app, services);
  registerRuleActions(app, services);
  registerSettingsActions(app, services);
  registerForkActions(app, services);
  app.post("/actions/tickets/:ticketId/:lever", async (c) => {
    const { ticketId, lever } = c.req.param();
    const result = leverCommand(ticketId, lever, await formOf(c));
    if (!result) return refusal(c, 404, "not_found", "There is nothing at this address.");
    return act(c, services, result, `${ticketId}: done.`, null);
  });
}

const noQuestion = { code: "conflict", message: "The config of this project waits for no acceptance." } as const;
