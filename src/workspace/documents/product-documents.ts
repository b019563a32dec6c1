/** The project's own words about itself, as agents get them: product, guidelines, tech stack, each bounded. */
import { ProjectFileError, readText } from "./project-files.ts";

const names = ["product.md", "product-guidelines.md", "tech-stack.md"];

/** The texts by file name; "" for a file that is missing or may not be read. A longer one is cut, and says so. */
export function productDocuments(root: string, maxCharacters = 20_000): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [name, bounded(readOrNothing(root, `conductor/${name}`), maxCharacters)]),
  );
}

function readOrNothing(root: string, path: string): string {
  try {
    return readText(root, path) ?? "";
  } catch (error) {
    // A link out of the project: agents must not get what it leads to.
    if (error instanceof ProjectFileError) return "";
    throw error;
  }
}

function bounded(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return `${text.slice(0, maxCharacters)}\n[... ${text.length - maxCharacters} more characters are cut here ...]\n`;
}
