/**
 * What differs between two runs of the same work without meaning anything: days, commits, ids, times, ports, temporary folders.
 * Two texts that differ in nothing else have one normal form. Names of things (days in track ids, commits, ticket ids) are kept
 * beside it, so that an answer which says the old name can say the new one.
 */

/** Where a cassette's texts have the project's folder. */
export const projectFolder = "/signalbox/project";

export interface NormalText {
  readonly text: string;
  /** The names that were taken out, in their order. */
  readonly names: readonly string[];
}

const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const weekday = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";

/** Tried in this order at each place. What is a name stands first. */
const kinds = {
  // Which other tracks there are and how they stand: an earlier run, or one side by side with this, is no part of the request.
  roster: String.raw`(?<=^# (?:Earlier|Other) tracks of this project\n\n)[\s\S]+`,
  // Modes, owners and sizes of a listing: those of folders and of git's own files say nothing of the work.
  listing: String.raw`(?<=^|\n)(?:[-dlbcps][rwxsStT-]{9}[.+@]? +\d+ +\S+ +\S+ +\d+|total \d+(?:\.\d+)?[KMG]?$)`,
  day: String.raw`(?<=[a-z0-9]_)\d{8}(?![\da-z])`,
  id: String.raw`\b[ET]-\d{3,}\b`,
  uuid: String.raw`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`,
  commit: String.raw`\b(?:[0-9a-f]{40}(?:[0-9a-f]{24})?|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,39}|\d{7})\b`,
  time: String.raw`\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b|\b\d\d?:\d\d:\d\d(?:\.\d+)?\b|\b\d+:\d\d\.\d+\b|\b(?:${weekday},? )?(?:${month} [ \d]\d|\d\d? ${month}) +(?:\d\d:\d\d(?::\d\d)?|\d{4})(?: [A-Z]{3,4}\b)?(?: \d{4}\b)?`,
  port: String.raw`(?<=\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):|\[::1\]:|\bport )\d{2,5}\b`,
  process: String.raw`(?<=\b(?:pid|PID)[ =:]{1,2})\d+`,
  duration: String.raw`(?<=duration_ms[: ]{1,2})\d+(?:\.\d+)?|\b(?:\d+h)?\d+m\d+(?:\.\d+)?s\b|\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds?|m|mins?|minutes?)\b`,
  address: String.raw`\b0x[0-9a-f]{6,16}\b`,
  folder: String.raw`(?:/private)?/(?:tmp|var/tmp|var/folders/[\w+-]+/[\w+-]+/T)/[\w.@+-]+`,
} as const;

const names: ReadonlySet<string> = new Set(["day", "id", "commit"]);
const pattern = new RegExp(
  Object.entries(kinds)
    .map(([kind, source]) => `(?<${kind}>${source})`)
    .join("|"),
  "gm",
);
const name = new RegExp([kinds.day, kinds.id, kinds.commit].join("|"), "g");

/** The normal form of a text. */
export function normalText(text: string): NormalText {
  const found: string[] = [];
  const normal = text.replace(pattern, (match, ...rest: unknown[]) => {
    // Holds because the pattern has named groups: they come last.
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const kind = Object.keys(groups).find((key) => groups[key] !== undefined) ?? "";
    if (names.has(kind)) found.push(match);
    return `‹${kind}›`;
  });
  return { text: normal, names: found };
}

/** A track's id, or the stream or subject that ends in one, without the day on which the track was planned. */
export function withoutDay(id: string): string {
  return id.replace(/_\d{8}$/, "");
}

/** Says in a text the new names for the old ones. */
export type Renaming = (text: string) => string;

/** From the names of one text to those of another with the same normal form: the first meeting of each counts. */
export function renaming(from: readonly string[], to: readonly string[]): Renaming {
  const known = new Map<string, string>();
  for (const [index, old] of from.entries()) if (!known.has(old)) known.set(old, to[index] ?? old);
  for (const [old, now] of known) if (old === now) known.delete(old);
  return known.size === 0 ? (text) => text : (text) => text.replace(name, (match) => known.get(match) ?? match);
}
