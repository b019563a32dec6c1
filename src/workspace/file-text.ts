/** Files as they are at a commit: their names and texts. A commit never changes, so an answer about one is kept for the next. */
import { splitNul } from "./git.ts";
import { findObject, readObject } from "./git-objects.ts";
import type { Place } from "./place.ts";
import { gitAt } from "./private-git.ts";

/** A larger file is not read as text. */
const maxFileBytes = 1_000_000;
/** The text of a larger one is read each time. */
const keptChars = 64_000;

/** A file's text at a commit; null when there is no such file, or it is larger than 1 MB. */
export async function readTextAt(place: Place, commit: string, path: string): Promise<string | null> {
  const { paths, texts } = place.memory;
  const name = `${commit}:${path}`;
  const found = paths.get(name) ?? (await findObject(place, name));
  if (found === null) return null;
  paths.set(name, found);
  if (found.type !== "blob" || found.sizeBytes > maxFileBytes) return null;
  const known = texts.get(found.hash);
  if (known !== undefined) return known;
  const object = await readObject(place, found.hash);
  if (object === null) return null;
  const text = new TextDecoder().decode(object.bytes);
  if (text.length <= keptChars) texts.set(found.hash, text);
  return text;
}

/** Names of all files at a commit. */
export async function fileNamesAt(place: Place, commit: string): Promise<readonly string[]> {
  const known = place.memory.names.get(commit);
  if (known !== undefined) return known;
  const args = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit];
  const names = splitNul((await gitAt(place, args)).stdout);
  place.memory.names.set(commit, names);
  return names;
}
