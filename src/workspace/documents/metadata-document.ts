/** metadata.json of a track: what the Gemini extension keeps there. Keys that we do not know, and their layout, stay. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

const Metadata = z.looseObject({
  track_id: z.string().optional(),
  type: z.string().optional(),
  status: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
  description: z.string().optional(),
});
export type Metadata = z.infer<typeof Metadata>;

/** The metadata in a file's text; null when it is no JSON object of that kind. */
export function parseMetadata(text: string): Metadata | null {
  try {
    const parsed = Metadata.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A new track's metadata file. */
export function newMetadata(metadata: Required<Pick<Metadata, "track_id" | "type" | "status">> & Metadata): string {
  return `${JSON.stringify(metadata, null, 2)}\n`;
}

/** The file with another status and time of change. A file that does not parse is left as it is: a person must see to it. */
export function updateMetadata(
  text: string,
  changes: { readonly status: string; readonly updated_at: string },
): string {
  if (!parseMetadata(text)) return text;
  return setString(setString(text, "status", changes.status), "updated_at", changes.updated_at);
}

/** Sets a top-level string in place; where its place in the text is not plain, the file is laid out anew. */
function setString(text: string, key: string, value: string): string {
  const present = parseMetadata(text);
  if (!present || present[key] === value) return text;
  const wanted = { ...present, [key]: value };
  const places = new RegExp(`("${key}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, "g");
  for (const match of text.matchAll(places)) {
    const start = match.index;
    const replaced = text.slice(0, start) + match[1] + JSON.stringify(value) + text.slice(start + match[0].length);
    if (isDeepStrictEqual(parseMetadata(replaced), wanted)) return replaced;
  }
  return `${JSON.stringify(wanted, null, 2)}\n`;
}
