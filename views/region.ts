/** A page is a list of regions: each is drawn whole, has an id that never changes, and is what a live update replaces. */

/** Whatever a component returns; hono escapes every text inside it. */
export type Markup = { toString(): string };

export interface Region {
  readonly id: string;
  /** The name that assistive technology reads; also the heading, unless the content has its own. */
  readonly label: string;
  readonly isHeadingShown: boolean;
  /** Where it stands on a wide screen: neighbours that are `main` and `side` make two columns. */
  readonly span: "full" | "main" | "side";
  readonly content: Markup;
}
