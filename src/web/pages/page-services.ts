/** What the pages need: what every page gets from the server, and where settings come from. */
import type { PageSupport } from "../app.ts";

export interface PageServices extends PageSupport {
  /** Where each effective setting comes from, by dotted key, such as `workers.max`. */
  readonly settingSources?: ReadonlyMap<string, string>;
}
