/** What every page is: a title, and a way to draw its regions from the present state, once or again and again. */

import type { Region } from "../../../views/region.ts";
import type { StreamPane } from "../../projections/view-streams.ts";

export interface Drawing {
  readonly regions: readonly Region[];
  /** The streams whose text the page shows, in the order of their panes. */
  readonly panes: readonly StreamPane[];
  /** When it is to be drawn again although nothing has happened (milliseconds since 1970). */
  readonly redrawAtMs?: number | null;
}

export interface OpenPage {
  readonly title: string;
  /** Without text the panes are empty: a live update leaves the text in the browser alone. */
  draw(hasStreamText: boolean): Drawing;
}

type RegionOptions = Partial<Pick<Region, "span" | "isHeadingShown">>;

/** A region with a shown heading over the full width, unless told otherwise. */
export function region(id: string, label: string, content: Region["content"], options: RegionOptions = {}): Region {
  return { id, label, content, span: "full", isHeadingShown: true, ...options };
}
