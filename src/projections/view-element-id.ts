/** Ids of elements on a page. They are made from a hash, so that no model text can ever choose an id or break a selector. */
import { createHash } from "node:crypto";

type ElementKind = "gate" | "stream" | "ticket" | "track" | "attempt" | "diff" | "setting";

/** The id of the element that shows this thing: stable for as long as the thing has its key. */
export function elementId(kind: ElementKind, key: string): string {
  return `${kind}-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`;
}
