/** A long text as one line that says so where it ends early. What the line leaves out is always shown whole elsewhere. */

/**
 * At most `limit` characters of a text: runs of plain white space become one space, and `…` stands where something was cut.
 * White space that is not plain (U+00A0, U+FEFF, U+2028, ...) is left, so that the page can make it visible.
 */
export function oneLine(text: string, limit: number): string {
  // Looked at no further than a line can need, so that a long output costs no more than a short one.
  const looked = text.slice(0, limit * 4);
  const line = looked.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, "");
  if (line.length <= limit && looked.length === text.length) return line;
  return `${line.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`;
}
