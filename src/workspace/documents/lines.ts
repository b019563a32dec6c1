/**
 * A text as lines that keep their own endings, so that a change of one line leaves every other byte as it was. Also what
 * Markdown calls a fence: lines inside one are an example, never structure.
 */

export interface Line {
  readonly body: string;
  readonly ending: string;
  /** Whether it stands in a fenced block, or opens or closes one. */
  readonly isFenced: boolean;
}

/** The lines of a text. `textOf(linesOf(text))` is the text again, byte for byte. */
export function linesOf(text: string): Line[] {
  let fence: { readonly mark: string; readonly start: number } | null = null;
  const lines = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((whole, at) => {
    const ending = /\r?\n$/.exec(whole)?.[0] ?? "";
    const body = whole.slice(0, whole.length - ending.length);
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(body)?.[1];
    const wasOpen = fence !== null;
    if (fence === null && mark) fence = { mark, start: at };
    else if (fence !== null && mark?.startsWith(fence.mark) && /^\s*[`~]+\s*$/.test(body)) fence = null;
    return { body, ending, isFenced: wasOpen || fence !== null };
  });
  // A fence that nobody closed would hide the rest of the file, and what we add to it, from us: it counts as text.
  const unclosed = openFence(fence);
  return unclosed === null ? lines : lines.map((line, at) => (at < unclosed ? line : { ...line, isFenced: false }));
}

/** The line that an open fence started on. (A parameter, because the compiler does not see what the callback assigned.) */
function openFence(fence: { readonly start: number } | null): number | null {
  return fence === null ? null : fence.start;
}

/** The text of lines. */
export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.body + line.ending).join("");
}

/** The line ending that the text uses; a text without any gets "\n". */
function endingOf(lines: readonly Line[]): string {
  return lines.find((line) => line.ending !== "")?.ending ?? "\n";
}

/** A line with another body. */
export function withBody(line: Line, body: string): Line {
  return { ...line, body };
}

/** The lines with new ones put in before `index`; the line before them gets an ending if it was the unfinished last. */
export function insertLines(lines: readonly Line[], index: number, bodies: readonly string[]): Line[] {
  if (bodies.length === 0) return [...lines];
  const ending = endingOf(lines);
  const before = lines.slice(0, index).map((line) => (line.ending === "" ? { ...line, ending } : line));
  return [...before, ...bodies.map((body) => ({ body, ending, isFenced: false })), ...lines.slice(index)];
}

/**
 * A model's or a person's words as one line of Markdown: no line break or control character, nothing that opens a comment
 * and so hides what follows, and bounded.
 */
export function oneLine(words: string): string {
  const line = words
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/<!--/g, "<! --")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > 300 ? `${line.slice(0, 299).trimEnd()}…` : line || "(untitled)";
}

/** Words of several lines as Markdown that cannot open a heading, a rule, a comment or a fence that stays open. */
export function paragraph(words: string): string {
  const lines = words.replace(/<!--/g, "<! --").split(/\r\n|[\n\r\u2028\u2029]/);
  const safe = lines.map((line) =>
    line.replace(/^(\s{0,3})(#{1,6}(?=\s|$)|-{3,}\s*$|={2,}\s*$|\*{3,}\s*$|_{3,}\s*$)/, "$1\\$2"),
  );
  const marks = safe.filter((line) => /^ {0,3}(`{3,}|~{3,})/.test(line)).length;
  return (marks % 2 === 0 ? safe : safe.map((line) => line.replace(/^( {0,3})(?=`{3}|~{3})/, "$1\\")))
    .join("\n")
    .trim();
}
