/** Changing settings, as the page asks for it: by key and text, in the words of the config file. */
import type { Rejection } from "../domain/command.ts";

export interface SettingEdit {
  /** The key's path in the config file, such as `workers`, `max`. */
  readonly path: readonly string[];
  /** What was typed; "" takes the key out, so that the next weaker source counts. */
  readonly text: string;
}

export type SettingsChanged =
  | { readonly isDone: true; readonly message: string }
  | { readonly isDone: false; readonly rejection: Rejection };

export interface SettingsEditor {
  /** Why these edits could not be saved, in sentences; null when they could. Changes nothing. */
  fault(edits: readonly SettingEdit[]): Promise<string | null>;
  /** Saves them all or none, and lets them hold at once. */
  change(edits: readonly SettingEdit[]): Promise<SettingsChanged>;
}
