/** The pages that every page leads to: the bar, the list of keys and the palette all go by this one list. */

interface PageLink {
  readonly href: string;
  readonly name: string;
  /** What follows `g` on the keyboard. */
  readonly key: string;
}

/** Leads from a run to its past; it has no room in the bar. */
export const timeLineLink = { href: "/timeline", name: "Time line" };

export const pageLinks: readonly PageLink[] = [
  { href: "/", name: "Overview", key: "o" },
  { href: "/streams", name: "Streams", key: "s" },
  { href: "/gates", name: "Gates", key: "g" },
  { href: "/usage", name: "Usage", key: "u" },
  { href: "/context", name: "Context", key: "c" },
  { href: "/comms", name: "Comms", key: "m" },
  { href: "/events", name: "Events", key: "e" },
  { href: "/settings", name: "Settings", key: "," },
];
