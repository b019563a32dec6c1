/** A stretch of a stream's kept text, with the way to the stretches before and after it. */
import type { LiveStream } from "../domain/live-stream.ts";

export interface StreamText {
  readonly from: number;
  readonly to: number;
  /** All characters that the stream ever had. */
  readonly endOffset: number;
  readonly text: string;
  /** Where the stretch before this one ends; null where no earlier text is kept. */
  readonly earlier: number | null;
  /** Where the stretch after this one ends; null at the end. */
  readonly later: number | null;
  /** The tier's pages that hold what is no longer kept here. */
  readonly ticketId: string | null;
}

const stretch = 20_000;

/** The stretch that ends at an offset, or at the end where that is not one of its offsets. */
export function streamText(stream: Pick<LiveStream, "text" | "endOffset" | "ticketId">, before: number): StreamText {
  const { text, endOffset, ticketId } = stream;
  const start = endOffset - text.length;
  const isInside = Number.isSafeInteger(before) && before > start && before < endOffset;
  const to = whole(text, start, isInside ? before : endOffset);
  const from = whole(text, start, Math.max(start, to - stretch));
  return {
    from,
    to,
    endOffset,
    text: text.slice(from - start, to - start),
    earlier: from > start ? from : null,
    later: to < endOffset ? Math.min(endOffset, to + stretch) : null,
    ticketId,
  };
}

/** An offset that is not inside a surrogate pair. */
function whole(text: string, start: number, offset: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(offset - start)) ? offset + 1 : offset;
}
