/** Folds which edits of documents have been begun and not ended; their texts stay in the log. */
import type { Event } from "./event.ts";
import type { State } from "./state.ts";

export function evolveDocument({ openEdits }: State, event: Event): void {
  switch (event.type) {
    case "document.edited":
      openEdits.set(`${event.trackId} ${event.name}`, event.position);
      return;
    case "document.written":
    case "document.unwritten":
      openEdits.delete(`${event.trackId} ${event.name}`);
      return;
    default:
      return;
  }
}
