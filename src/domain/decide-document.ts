/** A person's text of a track's document: written down before the file is, and what came of it after. */
import type { Command, Decision } from "./command.ts";
import { accept, reject } from "./decision.ts";
import type { State } from "./state.ts";

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;

export function editDocument(state: State, command: Of<"edit_document">): Decision {
  const { type: _type, ...fields } = command;
  if (!state.tracks.has(command.trackId)) return reject("not_found", `There is no track ${command.trackId}.`);
  return accept({ type: "document.edited", ...fields });
}

export function recordDocument(_state: State, command: Of<"record_document">): Decision {
  const { type: _type, reason, ...fields } = command;
  if (reason === undefined) return accept({ type: "document.written", ...fields });
  return accept({ type: "document.unwritten", ...fields, reason });
}
