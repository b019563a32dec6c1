/**
 * Finds the recorded answer to a request: by what it says, not by when it comes, so that agents that work side by side may ask
 * in another order. Remembers which answers were given: the same request again gets the next one that was recorded for it.
 */
import { blocksOf, isObject, roleOf } from "../domain/message-block.ts";
import type { Role } from "../domain/stream-id.ts";
import type { RecordedResponse } from "./cassette.ts";
import type { Exchange, Tape } from "./cassette-tape.ts";
import { likeness, type RequestDifference, requestDifference } from "./request-difference.ts";
import { FormedRequest, type RequestForm, RequestForms, renamingBetween } from "./request-form.ts";
import { projectFolder, type Renaming, withoutDay } from "./volatile.ts";

/** Who sends a request, where that is known. */
export interface Sender {
  readonly agentId: string;
  readonly role: Role;
  readonly stream: string;
  readonly attempt: number | null;
  readonly turn: number;
}

/** What there is for a request. */
export type Answered =
  | { readonly kind: "found"; readonly exchange: Exchange; readonly response: RecordedResponse }
  | { readonly kind: "missing"; readonly miss: Miss };

export interface Miss {
  readonly sender: Sender | null;
  /** The recorded request that is most like it; null when none is of that role. */
  readonly nearest: Exchange | null;
  /** Where the two differ; null when they do not, and all of its answers were given. */
  readonly difference: RequestDifference | null;
}

export interface PlayerOptions {
  /** The project's folder in the requests that come; null leaves the recorded one in answers. */
  readonly folder?: string | null;
  /** Whether an answer that was given may be given again, once the last one was. */
  readonly isRepeating?: boolean;
}

export class CassettePlayer {
  readonly tape: Tape;
  readonly #forms: RequestForms;
  readonly #folder: string | null;
  readonly #isRepeating: boolean;
  readonly #byHash = new Map<string, Exchange[]>();
  readonly #given = new Set<Exchange>();

  constructor(tape: Tape, { folder = null, isRepeating = false }: PlayerOptions = {}) {
    this.tape = tape;
    this.#folder = folder;
    this.#isRepeating = isRepeating;
    this.#forms = new RequestForms(folder);
    for (const exchange of tape.exchanges) {
      const { hash } = exchange.form;
      this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), exchange]);
    }
  }

  /** The answer to a request, which then is given; or what is most like it. */
  answer(body: unknown, sender: Sender | null, role: Role): Answered {
    const form = this.#forms.of(FormedRequest.parse(body));
    const exchange = this.#next(form, sender);
    if (!exchange) return { kind: "missing", miss: this.#miss(form, sender, role, turnOf(body)) };
    this.#given.add(exchange);
    const rename = renamingBetween(exchange.form, form);
    return { kind: "found", exchange, response: this.#present(exchange.response, rename) };
  }

  /** The input tokens that the endpoint counted for a request; null where it was not asked. */
  countOf(body: unknown): number | null {
    const { hash } = this.#forms.of(FormedRequest.parse(body));
    return this.#byHash.get(hash)?.find(({ counted }) => counted !== undefined)?.counted ?? null;
  }

  /** Exchanges whose answer nobody has asked for. */
  get unused(): readonly Exchange[] {
    return this.tape.exchanges.filter((exchange) => !this.#given.has(exchange));
  }

  #next({ hash }: RequestForm, sender: Sender | null): Exchange | null {
    const same = this.#byHash.get(hash) ?? [];
    const left = same.filter((exchange) => !this.#given.has(exchange));
    const own = sender === null ? undefined : left.find((exchange) => isBy(exchange, sender));
    return own ?? left[0] ?? (this.#isRepeating ? (same.findLast(isMessage) ?? same.at(-1)) : undefined) ?? null;
  }

  #miss(form: RequestForm, sender: Sender | null, role: Role, turn: number): Miss {
    const ofRole = this.tape.exchanges.filter((exchange) => exchange.role === role);
    const wanted = sender?.turn ?? turn;
    const score = (exchange: Exchange) =>
      (sender !== null && isBy(exchange, sender) ? 1e6 : 0) +
      (exchange.turn === wanted ? 1e5 : 0) +
      (this.#given.has(exchange) ? 0 : 0.5) +
      likeness(exchange.form, form);
    const nearest = ofRole.reduce<Exchange | null>(
      (best, exchange) => (best === null || score(exchange) > score(best) ? exchange : best),
      null,
    );
    return { sender, nearest, difference: nearest && requestDifference(nearest.form, form) };
  }

  #present(response: RecordedResponse, rename: Renaming): RecordedResponse {
    const folder = this.#folder;
    const say = (text: string) => rename(folder === null ? text : text.replaceAll(projectFolder, folder));
    // Only strings are replaced, by strings: the shape is the one that came in.
    return JSON.parse(JSON.stringify(response), (_key, value: unknown) =>
      typeof value === "string" ? say(value) : value,
    ) as RecordedResponse;
  }
}

function isMessage({ response }: Exchange): boolean {
  return response.kind === "message";
}

function isBy(exchange: Exchange, { role, stream, attempt, turn }: Sender): boolean {
  const isSame = exchange.role === role && exchange.attempt === attempt && exchange.turn === turn;
  // A track's id ends in its day.
  return isSame && withoutDay(exchange.stream) === withoutDay(stream);
}

/** Counted from 1, as agents count theirs. */
function turnOf(body: unknown): number {
  const { messages } = FormedRequest.parse(body);
  return (
    messages.filter((message) => isObject(message) && roleOf(message) === "assistant" && blocksOf(message).length > 0)
      .length + 1
  );
}

/** A miss in words: who asked, what differs, and the lines that do. */
export function missWords({ sender, nearest, difference }: Miss, source: string): string {
  const who = sender === null ? "A request" : `The request of ${sender.stream}, turn ${sender.turn},`;
  if (nearest === null) return `${who} is not in ${source}: it holds no request of that role.`;
  const { stream, turn, attempt, tries } = nearest;
  const where = `${stream}, turn ${turn}${attempt !== null && attempt > 1 ? `, attempt ${attempt}` : ""}${tries > 1 ? `, try ${tries}` : ""}`;
  if (difference === null) return `${who} comes once more than ${source} has an answer for it (recorded: ${where}).`;
  const lines = difference.lines.map((line) => `    ${line}`).join("\n");
  return `${who} differs from the recorded one (${where}) in ${difference.place}:\n${lines}`;
}
