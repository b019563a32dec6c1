/**
 * Takes secrets out of whatever leaves the program: exact values of our own keys and tokens out of what is kept, sent, run
 * and streamed; out of words to people also what only looks like a secret. What a person is shown, what its hash covers and
 * what runs are redacted once, before all three, so that they stay the same bytes.
 */
import { secretFinder } from "./secret-forms.ts";
import { withoutLookalikes } from "./secret-patterns.ts";

/** What stands in a secret's place. */
export const secretMark = "[secret]";

/** Redacts text that comes in pieces: a secret is found wherever it is split. */
export interface RedactingStream {
  /** Takes a piece, and gives what is safe to show now. Holds back only what may be the beginning of a secret. */
  push(piece: string): string;
  /** Gives what was held back: no more text belongs to it. */
  flush(): string;
  /** What is held back, as it came: a stream that takes it as its first piece goes on from here. */
  held(): string;
}

export interface Redactor {
  /** For words to people (stderr, notes): exact values, and patterns of well-known secrets. */
  text(value: string): string;
  /** For plain data, keys included: exact values only. Gives the same object when it holds no secret. */
  json<T>(value: T): T;
  redactingStream(): RedactingStream;
}

/** Makes the redactor of these values; those shorter than 8 characters are left alone. */
export function makeRedactor(secrets: readonly string[]): Redactor {
  const exact = exactRedaction(secrets);
  return {
    text: (value) => withoutLookalikes(exact === null ? value : exact(value), secretMark),
    // Only strings are replaced, by strings: the shape is the one that came in.
    json: <T>(value: T) => (exact === null ? value : (redacted(value, exact) as T)),
    redactingStream: () => redactingStream(secrets, exact),
  };
}

type Redaction = (text: string) => string;

function exactRedaction(secrets: readonly string[]): Redaction | null {
  const find = secretFinder(secrets, false);
  if (find === null) return null;
  return (text) => {
    let out = "";
    let taken = 0;
    for (let finding = find(text, 0); finding?.kind === "secret"; finding = find(text, taken)) {
      out += text.slice(taken, finding.start) + secretMark;
      taken = finding.end;
    }
    return taken === 0 ? text : out + text.slice(taken);
  };
}

function redacted(value: unknown, exact: Redaction): unknown {
  if (typeof value === "string") return exact(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => redacted(item, exact));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => ({ key, item, to: [exact(key), redacted(item, exact)] }));
  return entries.some(({ key, item, to }) => to[0] !== key || to[1] !== item)
    ? Object.fromEntries(entries.map(({ to }) => to))
    : value;
}

function redactingStream(secrets: readonly string[], exact: Redaction | null): RedactingStream {
  const find = secretFinder(secrets, true);
  if (find === null || exact === null) return { push: (piece) => piece, flush: () => "", held: () => "" };
  let held = "";
  return {
    push: (piece) => {
      const text = held === "" ? piece : held + piece;
      held = "";
      let out = "";
      let taken = 0;
      for (;;) {
        const finding = find(text, taken);
        if (finding === null) return taken === 0 ? text : out + text.slice(taken);
        out += text.slice(taken, finding.start);
        if (finding.kind === "open") {
          held = text.slice(finding.start);
          return out;
        }
        out += secretMark;
        taken = finding.end;
      }
    },
    flush: () => {
      const rest = exact(held);
      held = "";
      return rest;
    },
    held: () => held,
  };
}
