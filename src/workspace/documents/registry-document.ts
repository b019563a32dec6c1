/**
 * tracks.md: one section a track, with its mark, its title and a link to its folder. Reads the present form (a bullet), the
 * legacy one (a heading) and numbered lists; changes only marks, and adds sections at the end.
 */
import { insertLines, type Line, linesOf, oneLine, textOf, withBody } from "./lines.ts";
import { type Mark, markOf } from "./task-line.ts";

export interface RegisteredTrack {
  readonly trackId: string;
  readonly title: string;
  readonly mark: Mark;
  /** The index of the line that has the mark. */
  readonly line: number;
}

const bullet = /^(?<lead>\s*(?:[-*+]|\d+[.)])\s+\[)(?<mark>[ ~xX])\]\s+\*\*Track:\s*(?<title>.*)\*\*/;
const legacy = /^(?<lead>#{2,4}\s+\[)(?<mark>[ ~xX])\]\s+Track:\s*(?<title>.*?)\s*$/;
const link = /\((?:\.\/)?(?:conductor\/)?(?:tracks|archive)\/(?<trackId>[A-Za-z0-9][\w.-]*)\/?[^)]*\)/;

/** What a project without tracks starts with. */
export const newRegistry =
  "# Project Tracks\n\nThis file lists the tracks of this project, each with a link to its plan.\n";

/** The tracks in a registry; a section without a link to a track's folder is left out. */
export function parseRegistry(text: string): RegisteredTrack[] {
  return sections(linesOf(text)).flatMap(({ track, trackId }) => (trackId === null ? [] : [{ ...track, trackId }]));
}

/** The registry with a track's mark set, and its section added when it has none. */
export function updateRegistry(
  text: string,
  track: { readonly trackId: string; readonly title: string; readonly mark: Mark },
): string {
  const lines = linesOf(text);
  const known = sections(lines).find((section) => section.trackId === track.trackId)?.track;
  if (!known) return textOf(insertLines(lines, lines.length, sectionOf(track, lines)));
  if (known.mark === track.mark) return text;
  return textOf(lines.map((line, at) => (at === known.line ? withBody(line, remark(line.body, track.mark)) : line)));
}

function sectionOf(track: { trackId: string; title: string; mark: Mark }, lines: readonly Line[]): string[] {
  const isApart = lines.length === 0 || lines.at(-1)?.body.trim() === "";
  return [
    ...(isApart ? [] : [""]),
    "---",
    "",
    `- [${track.mark}] **Track: ${oneLine(track.title)}**`,
    `*Link: [./tracks/${track.trackId}/](./tracks/${track.trackId}/)*`,
  ];
}

function remark(body: string, mark: Mark): string {
  const lead = (bullet.exec(body) ?? legacy.exec(body))?.groups?.lead ?? "";
  return lead + mark + body.slice(lead.length + 1);
}

function sections(lines: readonly Line[]): { track: Omit<RegisteredTrack, "trackId">; trackId: string | null }[] {
  const heads = lines.flatMap((line, at) => {
    const groups = line.isFenced ? undefined : (bullet.exec(line.body) ?? legacy.exec(line.body))?.groups;
    if (!groups) return [];
    return [{ title: (groups.title ?? "").trim(), mark: markOf(groups.mark), line: at }];
  });
  return heads.map((track, at) => ({ track, trackId: linkedTrack(lines, track.line, heads[at + 1]?.line) }));
}

/** The track that a section links to: its lines end at a rule or heading, or at the next section. */
function linkedTrack(lines: readonly Line[], start: number, next: number | undefined): string | null {
  for (let at = start; at < (next ?? lines.length); at++) {
    const whole = lines[at]?.body ?? "";
    // A title is a model's text and may look like a link: on its line only what follows it counts.
    const body = at > start ? whole : whole.replace(bullet, "").replace(legacy, "");
    if (at > start && /^(-{3,}\s*|#{1,6}\s.*)$/.test(body)) return null;
    const trackId = link.exec(body)?.groups?.trackId;
    if (trackId) return trackId;
  }
  return null;
}
