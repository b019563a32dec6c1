/** Which page a time line shows below it (`view=`): the same pages that know the past, under short names. */
import { atPosition, type PastAddress } from "./past-links.ts";

const plain: Readonly<Record<string, string>> = {
  overview: "/",
  streams: "/streams",
  gates: "/gates",
  usage: "/usage",
  context: "/context",
};

/** The path of a view's page; null when there is no such view. */
export function pathOfView(view: string): string | null {
  const path = Object.hasOwn(plain, view) ? plain[view] : undefined;
  if (path !== undefined) return path;
  const [kind, ...rest] = view.split(":");
  const id = rest.join(":");
  if (id === "") return null;
  if (kind === "track") return `/tracks/${encodeURIComponent(id)}`;
  return kind === "ticket" ? `/tickets/${encodeURIComponent(id)}` : null;
}

/** The view that a page is shown as; null for pages that are too particular for one, such as a part of the usage. */
export function viewOfPage({ pathname, search }: URL): string | null {
  if (search !== "") return null;
  const named = Object.entries(plain).find(([, path]) => path === pathname);
  if (named) return named[0];
  const [, kind, id] = /^\/(track|ticket)s\/([^/]+)$/.exec(pathname) ?? [];
  return kind === undefined || id === undefined ? null : `${kind}:${decodeURIComponent(id)}`;
}

/** What a time line's address says. */
export interface LinePlace {
  readonly position: number;
  readonly view: string;
  /** As in the address: "" for the whole log. */
  readonly scope: string;
}

export function lineHref({ position, view, scope }: LinePlace): string {
  const query = new URLSearchParams({ at: String(position), view });
  if (scope !== "") query.set("scope", scope);
  return `/timeline?${query}`;
}

/** Leads the links of a page that stands below a time line back to that line, where it can show what they lead to. */
export function onTimeLine(place: LinePlace): PastAddress {
  return (url) => {
    const view = viewOfPage(url);
    return view === null ? atPosition(place.position)(url) : `${lineHref({ ...place, view })}${url.hash}`;
  };
}
