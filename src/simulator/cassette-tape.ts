/** A parsed cassette as a player needs it: every request whole again, with its form. */
import type { Json } from "../domain/gate.ts";
import {
  CassetteError,
  type CassetteHead,
  type CassetteLine,
  type ExchangeLine,
  parseCassetteLines,
  type RecordedResponse,
} from "./cassette.ts";
import { type FormedRequest, type RequestForm, RequestForms } from "./request-form.ts";

/** One request and its answer. */
export interface Exchange extends Pick<ExchangeLine, "role" | "stream" | "attempt" | "turn" | "tries" | "counted"> {
  /** Its place among the cassette's lines. */
  readonly step: number;
  readonly request: FormedRequest;
  readonly form: RequestForm;
  readonly response: RecordedResponse;
}

export interface Tape {
  /** What people call it: its file's name. */
  readonly source: string;
  readonly head: CassetteHead;
  readonly lines: readonly CassetteLine[];
  readonly exchanges: readonly Exchange[];
  /** What a reader should know, such as that its last line was torn; empty for most. */
  readonly notes: readonly string[];
}

/** Reads a cassette's text. Throws `CassetteError`. */
export function readTape(text: string, source: string): Tape {
  const { head, lines, isTorn } = parseCassetteLines(text, source);
  const notes = [
    ...(isTorn ? [`The last line of ${source} is torn, as a crash leaves it, and was dropped.`] : []),
    ...(lines.some(({ type }) => type === "end") ? [] : [`${source} has no end: the run went on after what it holds.`]),
  ];
  return { source, head, lines, exchanges: exchangesOf(lines, source), notes };
}

function exchangesOf(lines: readonly CassetteLine[], source: string): Exchange[] {
  const forms = new RequestForms();
  const prefixes = new Map<number, { readonly system: string; readonly tools: Json[] }>();
  const known = new Map<number, Exchange>();
  for (const [step, line] of lines.entries()) {
    if (line.type === "prefix") prefixes.set(line.prefix, line);
    if (line.type !== "exchange") continue;
    const prefix = prefixes.get(line.prefix);
    if (!prefix) throw missing(source, line, `there is no prefix ${line.prefix} before it`);
    const { system, tools } = prefix;
    const messages = [...keptMessages(line, known, source), ...line.messages];
    const request = { model: line.model, ...(system === "" ? {} : { system }), tools, messages };
    const { role, stream, attempt, turn, tries, counted, response } = line;
    known.set(line.exchange, {
      step,
      role,
      stream,
      attempt,
      turn,
      tries,
      ...(counted === undefined ? {} : { counted }),
      request,
      form: forms.of(request),
      response,
    });
  }
  return [...known.values()];
}

function keptMessages(line: ExchangeLine, known: ReadonlyMap<number, Exchange>, source: string): Json[] {
  if (line.after === null) return [];
  const before = known.get(line.after);
  if (!before) throw missing(source, line, `there is no exchange ${line.after} before it`);
  const whole = messagesAfter(before);
  if (line.keep <= whole.length) return whole.slice(0, line.keep);
  throw missing(source, line, `it keeps ${line.keep} messages, and the exchange ${line.after} has ${whole.length}`);
}

/** A conversation as an exchange leaves it. */
export function messagesAfter({ request, response }: Pick<Exchange, "request" | "response">): Json[] {
  if (response.kind === "failure" || response.content.length === 0) return request.messages;
  return [...request.messages, { role: "assistant", content: response.content }];
}

function missing(source: string, { exchange }: ExchangeLine, what: string): CassetteError {
  return new CassetteError(`Cannot play ${source}: the exchange ${exchange} cannot be put together, because ${what}.`);
}
