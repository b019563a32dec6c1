/** What the pages need: what every page gets from the server, and where settings come from. */
import type { PageSupport } from "../app.ts";
import type { Forker } from "../forker.ts";
import type { SettingsEditor } from "../settings-editor.ts";

export interface PageServices extends PageSupport {
  /** Where each effective setting comes from, by dotted key, such as `workers.max`. */
  readonly settingSources?: ReadonlyMap<string, string>;
  /** Changes settings; absent where they are only shown. */
  readonly settingsEditor?: SettingsEditor;
  /** Forks a run; absent where none can be. */
  readonly forker?: Forker;
}
