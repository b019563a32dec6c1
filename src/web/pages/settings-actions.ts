/** What the forms of the settings do: say while somebody types whether it may be saved, and save it. */
import type { Context, Hono } from "hono";
import { elementId } from "../../projections/view-element-id.ts";
import { rejectionStatus } from "../answer.ts";
import type { SettingEdit } from "../settings-editor.ts";
import type { PageServices } from "./page-services.ts";
import { textPartial } from "./partials.tsx";
import { formOf, tell } from "./tell.ts";

const priceKinds = ["input", "output", "cache_read", "cache_write"] as const;

/** Adds the routes that the forms of the settings post to. */
export function registerSettingsActions(app: Hono, services: PageServices): void {
  const { settingsEditor } = services;
  if (!settingsEditor) return;
  app.post("/actions/settings/check", async (c) => {
    const { edits, saidId } = askedOf(await formOf(c));
    const fault = edits.length === 0 ? null : await settingsEditor.fault(edits);
    return c.html(textPartial(saidId, fault ?? ""));
  });
  app.post("/actions/settings", async (c) => save(c, services, askedOf(await formOf(c))));
}

async function save(c: Context, services: PageServices, { edits, saidId }: Asked) {
  if (services.trust?.asked()) {
    const message = "Nothing is changed while the project's own config waits to be accepted.";
    return tell(c, services, { status: 409, message, errorId: saidId });
  }
  if (edits.length === 0) return tell(c, services, { status: 422, message: nothingTyped, errorId: saidId });
  const result = await services.settingsEditor?.change(edits);
  if (!result) return tell(c, services, { status: 404, message: "Settings are not changed here.", errorId: saidId });
  if (result.isDone) return tell(c, services, { status: 200, message: result.message, errorId: saidId });
  const { code, message } = result.rejection;
  return tell(c, services, { status: rejectionStatus[code], message, errorId: saidId });
}

const nothingTyped = "Nothing was typed: name a model and at least one price.";

interface Asked {
  readonly edits: readonly SettingEdit[];
  /** The element that says what is wrong. */
  readonly saidId: string;
}

/** A form changes one key, or the prices of a model: those of its fields that are filled. */
function askedOf(form: Readonly<Record<string, string>>): Asked {
  const { key, text = "", model = "" } = form;
  if (key !== undefined)
    return { edits: [{ path: key.split("."), text }], saidId: `${elementId("setting", key)}-said` };
  const edits = priceKinds.flatMap((kind) => {
    const typed = form[kind]?.trim() ?? "";
    return typed === "" || model.trim() === "" ? [] : [{ path: ["prices", model.trim(), kind], text: typed }];
  });
  return { edits, saidId: "price-said" };
}
