/**
 * The same texts on their way through a live connection: as regions that are redrawn, and as streamed text cut in two at
 * every place. It fails when a message holds an element that an ordinary text does not bring, or when the two halves are not
 * the text.
 */

import { z } from "zod";
import { gatesPage } from "../../src/web/pages/gates-page.tsx";
import { LiveSession } from "../../src/web/pages/live-session.ts";
import { overviewPage } from "../../src/web/pages/overview-page.tsx";
import { streamsPage } from "../../src/web/pages/streams-page.tsx";
import { ticketPage } from "../../src/web/pages/ticket-page.tsx";
import { visible } from "../../views/format.ts";
import { htmlPayloads, linePayloads } from "./html-payloads.ts";
import { type PageParts, partsOf } from "./page-text.ts";
import { poisonedEngine } from "./poisoned-state.ts";
import type { Proof } from "./proof.ts";

type Engine = ReturnType<typeof poisonedEngine>;

const word = "Ordinaryword";
const pages = [overviewPage, gatesPage, streamsPage, (engine: Engine) => ticketPage(engine, "T-001")];

export const textInFrames: Proof = {
  name: "live-text",
  promise: "Model text is text on the live connection, redrawn or streamed, wherever a piece of it ends.",
  async prove(tally, { isLong }) {
    const ordinary = framesOf(word);
    for (const text of htmlPayloads) {
      const faults = framesOf(text).flatMap((frame, index) => [
        ...frame.faults,
        ...(frame.skeleton.join() === ordinary[index]?.skeleton.join() ? [] : ["another element"]),
      ]);
      tally.trial(`${JSON.stringify(text)} redrawn`, faults.slice(0, 2));
    }
    for (const text of [...linePayloads, ...htmlPayloads]) {
      const step = isLong ? 1 : 5;
      for (let at = 1; at < text.length; at += step)
        tally.trial(`${JSON.stringify(text)} cut at ${at}`, cutFaults(text, at));
    }
    tally.note = `${htmlPayloads.length + linePayloads.length} texts`;
  },
};

/** The first message of a live connection to each page of a project that is full of this text. */
function framesOf(text: string): readonly PageParts[] {
  const engine = poisonedEngine(text);
  return pages.map((open) => {
    const page = open(engine);
    if (!page) throw new Error("The ticket has no page.");
    return partsOf(dataOf(new LiveSession(engine, page, "nonce").stateFrame()));
  });
}

/** A stream that says the text in two pieces, to a browser that listens from the beginning. */
function cutFaults(text: string, at: number): string[] {
  const engine = poisonedEngine("");
  const [stream] = engine.liveStreams.values();
  if (!stream) throw new Error("The project has no stream.");
  const say = (said: string) =>
    engine.liveStreams.set(stream.streamId, { ...stream, text: said, endOffset: said.length });
  const session = new LiveSession(engine, streamsPage(engine), "nonce");
  session.stateFrame();
  const texts = [text.slice(0, at), text].map((said) => {
    say(said);
    return piecesOf(session.deltaFrame());
  });
  // Half of a pair waits for its other half, in the next piece.
  const from = /[\ud800-\udbff]$/.test(text.slice(0, at)) ? at - 1 : at;
  const isSame = texts.join("") === visible(text.slice(0, from)) + visible(text.slice(from));
  return isSame ? [] : [`arrived as ${JSON.stringify(texts).slice(0, 120)}`];
}

const Pieces = z.object({ panes: z.array(z.tuple([z.string(), z.number(), z.number(), z.string(), z.boolean()])) });

/** The streamed text of a frame, which must be one message of one line: its script puts it in as text and nothing else. */
function piecesOf(frame: string | null): string {
  if (frame === null) return "";
  const data = /^event: panes\ndata: ([^\r\n]*)\n\n$/.exec(frame)?.[1];
  if (data === undefined) return `no message of pieces: ${frame}`;
  return Pieces.parse(JSON.parse(data))
    .panes.map(([, , , text]) => text)
    .join("");
}

/** The data of messages that bring markup, as a browser reads it: lines without their field names, one line end between them. */
function dataOf(frame: string | null): string {
  return (frame ?? "")
    .replace(/^event: panes\ndata: .*\n\n/gm, "")
    .split("\n")
    .flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []))
    .join("\n");
}
