/** @jsxImportSource hono/jsx */
/** A part of a payload, shown exactly. Of a long one both ends stand open, and what lies between says how much it is. */
import { count, exact } from "./format.ts";

const maxLines = 60;
const headLines = 30;
const tailLines = 12;
const maxCharacters = 8_000;
const headCharacters = 3_000;
const tailCharacters = 1_500;

export function LongText({ text }: { readonly text: string }) {
  const { head, middle, tail } = cut(text);
  if (middle === "") return <pre class="block">{exact(text)}</pre>;
  return (
    <>
      <pre class="block">{exact(head)}</pre>
      <details class="rest">
        <summary>{`Show all: ${extent(middle)} more lie between these ends`}</summary>
        <pre class="block">{exact(middle)}</pre>
      </details>
      <pre class="block">{exact(tail)}</pre>
    </>
  );
}

/** How much a text is, in lines and bytes. */
export function extent(text: string): string {
  const lines = text.split("\n").length;
  return `${count(lines)} ${lines === 1 ? "line" : "lines"}, ${count(new TextEncoder().encode(text).length)} bytes`;
}

function cut(text: string): { readonly head: string; readonly middle: string; readonly tail: string } {
  const lines = text.split("\n");
  if (lines.length > maxLines) {
    const join = (from: number, to?: number) => lines.slice(from, to).join("\n");
    return { head: join(0, headLines), middle: join(headLines, -tailLines), tail: join(-tailLines) };
  }
  if (text.length <= maxCharacters) return { head: text, middle: "", tail: "" };
  const from = whole(text, headCharacters);
  const to = whole(text, text.length - tailCharacters);
  return { head: text.slice(0, from), middle: text.slice(from, to), tail: text.slice(to) };
}

/** A place that is not inside a surrogate pair. */
function whole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at;
}
