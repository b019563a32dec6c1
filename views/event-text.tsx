/** @jsxImportSource hono/jsx */
/** The whole text of one event. */
import type { EventTextView } from "../src/projections/event-text.ts";
import { count, visible } from "./format.ts";
import { AnsiText } from "./output-view.tsx";

export function EventText({ text, ticketId }: { readonly text: EventTextView; readonly ticketId: string }) {
  return (
    <>
      <p>
        <a href={`/tickets/${encodeURIComponent(ticketId)}`}>{ticketId}</a>
      </p>
      {text.parts.map((part) => (
        <section class="whole">
          <h3>
            {visible(part.name)} <span class="quiet">{`${count(part.text.length)} characters`}</span>
          </h3>
          <pre class="block" tabindex={0}>
            {part.isOutput ? <AnsiText output={part.text} /> : visible(part.text)}
          </pre>
        </section>
      ))}
    </>
  );
}
