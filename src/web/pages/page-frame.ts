/** What the frame around every page says, of the present and of the past alike. */
import type { Context } from "hono";
import { assetVersion } from "./assets.ts";
import type { PageServices } from "./page-services.ts";
import { StreamFeed } from "./stream-feed.ts";

export function frameOf(c: Context, services: PageServices) {
  const { engine } = services;
  return {
    token: services.headerToken(c),
    projectName: engine.project.name,
    warnings: engine.warnings,
    assetVersion: assetVersion(),
    feedId: StreamFeed.of(engine).id,
  };
}
