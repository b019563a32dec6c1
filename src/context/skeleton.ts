/**
 * The skeleton view: what a file offers to others, without how it does it. Signatures, parameters, types and the first line of
 * comments stay; bodies go. Never throws: what cannot be parsed is shown by its head, and says so.
 */
import { elide, faultShare } from "./elide.ts";
import { type LanguageName, languageOf, languageRules } from "./language.ts";
import { fileHead, lineOutline } from "./outline.ts";
import { withTree } from "./syntax.ts";
import { cachedView } from "./view-cache.ts";

/** Above this a file is most likely generated, and parsing it would hold the thread up. */
const parseLimitChars = 512_000;
const skeletonLimitChars = 60_000;
/** Above this share of text that does not parse, what is left of the tree would mislead. */
const faultLimit = 0.3;

/** A file without its bodies, by the grammar of its language or, without one, by the look of its lines. */
export function skeletonOf(filePath: string, source: string): Promise<string> {
  return viewOf(filePath, source, { note: "", isCurated: false });
}

/** The view of a file that a grammar and its rules give; the skeleton and the curated view share it. */
export async function viewOf(
  filePath: string,
  source: string,
  options: { readonly note: string; readonly isCurated: boolean },
): Promise<string> {
  const language = languageOf(filePath);
  if (source.includes("\0")) return "(not a text file)";
  if (source.trim() === "") return "(empty file)";
  if (source.length > parseLimitChars) return fileHead(source, "too large to parse");
  if (!language) return lineOutline(filePath, source);
  const kind = `${language} ${options.isCurated} ${options.note}`;
  return cachedView(kind, source, async () => bounded(await parsedView(language, source, options)));
}

async function parsedView(
  language: LanguageName,
  source: string,
  options: { readonly note: string; readonly isCurated: boolean },
): Promise<string> {
  try {
    return await withTree(language, source, (tree) =>
      faultShare(tree) > faultLimit
        ? fileHead(source, `does not parse as ${language}`)
        : elide(source, tree, languageRules[language], options),
    );
  } catch (error) {
    return fileHead(source, `could not be parsed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bounded(view: string): string {
  if (view.length <= skeletonLimitChars) return view;
  const hiddenCount = view.length - skeletonLimitChars;
  return `${view.slice(0, skeletonLimitChars)}\n… (${hiddenCount} more characters are not shown)`;
}
