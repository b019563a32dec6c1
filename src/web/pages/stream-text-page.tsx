/** @jsxImportSource hono/jsx */
/** What one stream has said, page by page backwards: what a pane has no room for. */
import { StreamTextView } from "../../../views/stream-text.tsx";
import type { EngineApi } from "../../engine/engine-api.ts";
import { streamText } from "../../projections/view-stream-text.ts";
import { type OpenPage, region } from "./page.ts";

/** The kept text of a stream up to an offset (`before`), or up to now; null when there is no such stream. */
export function streamTextPage(engine: EngineApi, query: URLSearchParams): OpenPage | null {
  const streamId = query.get("stream") ?? "";
  if (!engine.streams().has(streamId)) return null;
  const before = query.get("before");
  // Drawn when it is opened: a text that is read must not run away.
  const stream = engine.streams().get(streamId);
  const text = stream && streamText(stream, before === null ? Number.NaN : Number(before));
  return {
    title: `Text of ${streamId}`,
    draw: () => ({
      panes: [],
      regions: [
        region("stream-text", "Text", text ? <StreamTextView streamId={streamId} text={text} /> : "", {
          isHeadingShown: false,
        }),
      ],
    }),
  };
}
