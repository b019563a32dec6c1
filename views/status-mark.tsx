/** @jsxImportSource hono/jsx */
/** A status as a mark, a word and a colour: any one of the three is enough to tell it. */
import { spaced } from "./format.ts";

const marks: Record<string, string> = {
  todo: "○",
  new: "○",
  waiting: "◔",
  gated: "◆",
  planning: "◐",
  planned: "●",
  in_progress: "◐",
  running: "◐",
  verifying: "◑",
  merging: "⇥",
  completed: "●",
  settled: "●",
  done: "●",
  landed: "✔",
  blocked: "✕",
  failed: "✕",
  skipped: "»",
  cancelled: "–",
  thinking: "◐",
  tool: "▸",
  gate: "◆",
  slot: "◔",
  held: "◷",
  paused: "‖",
  budget: "◷",
  stalled: "◌",
  dead: "✕",
};

/** The mark of a status alone, for places that say the word elsewhere. */
export function statusMark(status: string): string {
  return marks[status] ?? "·";
}

export function StatusMark({ status, words }: { readonly status: string; readonly words?: string }) {
  return (
    <span class={`status status-${status}`}>
      <span aria-hidden="true">{statusMark(status)}</span> {words ?? spaced(status)}
    </span>
  );
}
