/** What the pages need from the server that they are registered in. */
import type { Context } from "hono";
import type { EngineApi } from "../../engine/engine-api.ts";

export interface PageServices {
  readonly engine: EngineApi;
  /** The header token of this browser session: the page's script sends it back with every change. */
  headerToken(context: Context): string;
  /** Aborted when the server stops: live connections end then. */
  readonly closing: AbortSignal;
  /** How long a live connection may be silent before a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** Where each effective setting comes from, by dotted key, such as `workers.max`. */
  readonly settingSources?: ReadonlyMap<string, string>;
}
