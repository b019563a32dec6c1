/** @jsxImportSource hono/jsx */
/** Output of commands in its colours; of a long one both ends, and a link to all of it. */
import { ansiSpans } from "../src/projections/ansi-text.ts";
import { outputEnds } from "../src/projections/output-ends.ts";
import { count, exact } from "./format.ts";

/** `href`: the page that has all of it. */
export function OutputView({ output, href }: { readonly output: string; readonly href: string | null }) {
  const { head, tail, omittedLines } = outputEnds(output);
  if (omittedLines === 0)
    return (
      <pre class="block tail" tabindex={0}>
        <AnsiText output={head} />
      </pre>
    );
  return (
    <>
      <pre class="block" tabindex={0}>
        <AnsiText output={head} />
      </pre>
      <p class="omitted">
        {`${count(omittedLines)} lines between these ends. `}
        {href === null ? null : <a href={href}>Show all of it</a>}
      </p>
      <pre class="block tail" tabindex={0}>
        <AnsiText output={tail} />
      </pre>
    </>
  );
}

/** Output as it would be read, in one element. */
export function AnsiText({ output }: { readonly output: string }) {
  const spans = ansiSpans(output);
  if (spans.every(({ text }) => text.trim() === "")) return <span>(no output)</span>;
  return (
    <span>
      {spans.map(({ text, classes }) => (classes === "" ? exact(text) : <span class={classes}>{exact(text)}</span>))}
    </span>
  );
}
