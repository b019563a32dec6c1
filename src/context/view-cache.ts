/**
 * Views of files that were made already, by what they were made of: plans and tickets of one project look at the same files again
 * and again, and parsing is most of what that takes. Bounded by the length of what is kept; the oldest go first.
 */

const keptChars = 8_000_000;
const views = new Map<string, string>();
let chars = 0;

/** The view of a text, made by `make` unless the same was made lately. `kind` is all that it depends on besides the text. */
export async function cachedView(kind: string, source: string, make: () => Promise<string>): Promise<string> {
  const key = `${kind}\0${Bun.SHA256.hash(source, "base64")}`;
  const known = views.get(key);
  if (known !== undefined) return known;
  const view = await make();
  if (!views.has(key)) chars += view.length;
  views.set(key, view);
  for (const [oldest, { length }] of views) {
    if (chars <= keptChars) break;
    views.delete(oldest);
    chars -= length;
  }
  return view;
}
