/** The position that an address asks for (`?at=`), and which pages know the past. */
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Paths of the pages that can be drawn as they were; on others `at` means something else, or nothing. */
const pastPaths = /^\/(?:|streams|streams\/text|gates|usage|context|tracks\/[^/]+|tickets\/[^/]+)$/;

/** Whether the page at a path can be drawn as it was. */
export function hasPast(pathname: string): boolean {
  return pastPaths.test(pathname);
}

export interface PositionFault {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly message: string;
}

/** The asked position of a log that ends at `last`; null where none is asked for, and words where there is no such position. */
export function askedPosition(query: URLSearchParams, last: number): number | PositionFault | null {
  const asked = query.get("at");
  if (asked === null) return null;
  if (last === 0) return { status: 404, code: "not_found", message: "The log is empty: there is no past to show yet." };
  const position = /^\d{1,15}$/.test(asked) ? Number(asked) : 0;
  if (position < 1) {
    const message = `What the address says behind at= is no position of the log: that is a whole number from 1 to ${last}.`;
    return { status: 422, code: "invalid", message };
  }
  if (position <= last) return position;
  const message = `The log ends at position ${last}: there is no position ${position} yet. Choose one up to ${last}, or leave at= out.`;
  return { status: 404, code: "not_found", message };
}
