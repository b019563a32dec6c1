/** @jsxImportSource hono/jsx */
/** What the forms of rules do: show what a rule would do, save it, revoke it. */
import type { Hono } from "hono";
import { RulePreviewView } from "../../../views/rule-lever.tsx";
import { textOfBox } from "../../projections/unseen-text.ts";
import { rulePreview } from "../../projections/view-rules.ts";
import { askedCommands } from "../asked-commands.ts";
import { nonceOf } from "../security-headers.ts";
import type { PageServices } from "./page-services.ts";
import { elementPartial, textPartial, withNonce } from "./partials.tsx";
import { act, formOf } from "./tell.ts";

/** Adds the routes that the forms of rules post to. */
export function registerRuleActions(app: Hono, services: PageServices): void {
  const { engine } = services;
  app.post("/actions/rules/preview", async (c) => {
    const id = formIdOf(c.req.query("id"));
    const pattern = patternOf(await formOf(c));
    const preview = rulePreview(engine.state(), askedCommands(engine), pattern);
    const html = withNonce(nonceOf(c), <RulePreviewView preview={preview} />);
    return c.html(textPartial(`${id}-rule-error`, "") + elementPartial(`${id}-rule-preview`, html, "innerHTML"));
  });
  app.post("/actions/rules", async (c) => {
    const form = await formOf(c);
    const pattern = patternOf(form);
    const on = form.gateId ? { gateId: form.gateId } : {};
    const command = { type: "add_rule", pattern, by: "person", ...on } as const;
    const done = `The rule is saved: ${pattern}. It is listed under Gates, where it can be revoked.`;
    return act(c, services, { isValid: true, command }, done, `${formIdOf(form.ruleFormId)}-rule-error`);
  });
  app.post("/actions/rules/:ruleId/revocation", (c) => {
    const ruleId = c.req.param("ruleId");
    const command = { type: "revoke_rule", ruleId, by: "person" } as const;
    return act(
      c,
      services,
      { isValid: true, command },
      `The rule ${ruleId} is revoked: commands like that ask again.`,
      null,
    );
  });
}

function patternOf({ pattern = "" }: Record<string, string>): string {
  return textOfBox(pattern.replaceAll("\r\n", "\n").trim());
}

/** Only what names a form of ours: it becomes part of a selector. */
function formIdOf(id = "new"): string {
  return /^[\w-]+$/.test(id) ? id : "new";
}
