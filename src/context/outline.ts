/** The outline of files that have no grammar here: headings of documents, lines that look like signatures, or the head. */
import { extname } from "node:path";

const headLines = 40;
const outlineLines = 200;
const lineChars = 200;

const documentHeading = /^(?:#{1,6}\s|={2,}\s)/;
const signature = new RegExp(
  [
    String.raw`^\s{0,8}(?:export|public|private|protected|internal|static|abstract|final|async|open|override|virtual|inline|extern|pub)\b.*[\w({]`,
    String.raw`^\s{0,8}(?:class|struct|interface|trait|impl|enum|module|namespace|protocol|extension|object|record|type|typedef|union|def|fn|func|fun|function|sub|proc|defmodule|defp?|message|service|rpc|package|macro_rules!|CREATE)\b`,
    String.raw`^[A-Za-z_][\w\s*&:<>,~]*\([^;]*\)?\s*(?:const)?\s*\{?$`,
  ].join("|"),
);

/** The lines that tell what a file holds, or its head when none does. */
export function lineOutline(filePath: string, source: string): string {
  const lines = source.split("\n");
  const isDocument = [".md", ".mdx", ".markdown", ".adoc", ".rst"].includes(extname(filePath).toLowerCase());
  const pattern = isDocument ? documentHeading : signature;
  const found = lines.filter((line) => pattern.test(line)).map((line) => clip(line.replace(/\s*\{\s*$/, " { … }")));
  if (found.length < 2) return fileHead(source, "");
  const hiddenCount = found.length - outlineLines;
  return hiddenCount > 0
    ? [...found.slice(0, outlineLines), `… (${hiddenCount} more lines like these)`].join("\n")
    : found.join("\n");
}

/** The first lines of a file, with a mark that says why there is no more. */
export function fileHead(source: string, reason: string): string {
  const lines = source.split("\n");
  const head = lines.slice(0, headLines).map(clip).join("\n").trimEnd();
  const hiddenCount = Math.max(0, lines.length - headLines);
  const because = reason ? `${reason}; ` : "";
  if (hiddenCount === 0 && !reason) return head;
  return `${head}\n… (${because}${hiddenCount === 0 ? "this is the head" : `${hiddenCount} more lines`})`;
}

function clip(line: string): string {
  return line.length > lineChars ? `${line.slice(0, lineChars)}…` : line;
}
