/** What pages of the past get: the engine of then, and nothing that would change or ask anything. */
import type { PageServices } from "../pages/page-services.ts";
import type { PastEngine } from "./past-engine.ts";

export function pastServices(services: PageServices, past: PastEngine): PageServices {
  const { trust: _trust, settingsEditor: _editor, forker: _forker, ...rest } = services;
  return { ...rest, engine: past };
}
