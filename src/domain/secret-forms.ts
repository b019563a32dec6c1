/**
 * Finds known secrets in text, as they are and in the forms that a command line makes of them: base64 (at each of the three
 * ways in which a value can lie in what is encoded), URL encoding, hexadecimal digits, and escaped as in JSON and HTML. A
 * line end inside a form does not hide it, because tools wrap what they encode.
 */

/** Shorter values stand in too much ordinary text to be replaced. */
export const shortestSecret = 8;

/** Where a secret is, or where one may be that only more text can tell. */
export type Finding =
  | { readonly kind: "secret"; readonly start: number; readonly end: number }
  | { readonly kind: "open"; readonly start: number };

/** Gives the first finding at or after `from`; null when there is none. */
export type SecretFinder = (text: string, from: number) => Finding | null;

/** Makes the finder of these secrets; null when none of them is long enough. `open` findings come only with `isStreaming`. */
export function secretFinder(secrets: readonly string[], isStreaming: boolean): SecretFinder | null {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= shortestSecret).flatMap(formsOf))];
  if (forms.length === 0) return null;
  // A list instead of a map: it is asked for every character that streams by.
  const byFirst: (readonly string[] | undefined)[] = [];
  for (const form of forms) byFirst[form.charCodeAt(0)] = [...(byFirst[form.charCodeAt(0)] ?? []), form];
  return (text, from) => {
    for (let start = from; start < text.length; start += 1) {
      const candidates = byFirst[text.charCodeAt(start)];
      if (candidates === undefined) continue;
      const finding = findAt(text, start, candidates, isStreaming);
      if (finding !== null) return finding;
    }
    return null;
  };
}

/** The longest form that begins here; in a stream a form that the text's end cuts off comes first, for it may be longer. */
function findAt(text: string, start: number, forms: readonly string[], isStreaming: boolean): Finding | null {
  let longestEnd = -1;
  for (const form of forms) {
    const end = endOfForm(text, start, form);
    if (end === cutOff && isStreaming) return { kind: "open", start };
    longestEnd = Math.max(longestEnd, end);
  }
  return longestEnd < 0 ? null : { kind: "secret", start, end: longestEnd };
}

const different = -1;
const cutOff = -2;

function endOfForm(text: string, start: number, form: string): number {
  let at = start;
  for (let index = 0; index < form.length; index += 1, at += 1) {
    if (index > 0) at = afterLineEnd(text, at);
    if (at >= text.length) return cutOff;
    if (text.charCodeAt(at) !== form.charCodeAt(index)) return different;
  }
  return at;
}

function afterLineEnd(text: string, at: number): number {
  const next = text.charCodeAt(at) === 13 ? at + 1 : at;
  return text.charCodeAt(next) === 10 || next === text.length ? next + 1 : at;
}

function formsOf(secret: string): string[] {
  const value = secret.toWellFormed();
  const percent = encodeURIComponent(value);
  const lowerPercent = percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const bytes = new TextEncoder().encode(value);
  const base64 = base64Forms(bytes);
  const urlSafe = base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = bytes.toHex();
  const encoded = [percent, lowerPercent, ...base64, ...urlSafe, hex, hex.toUpperCase()];
  return [secret, ...encoded, ...escapedForms(value)].filter((form) => form.length >= shortestSecret);
}

/** As JSON and HTML write it; the same as the value itself for most. */
function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const html = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  return [json, json.replaceAll("/", "\\/"), html, html.replaceAll("'", "&#39;"), html.replaceAll("'", "&#x27;")];
}

/** The whole value's own encoding, and what is the same whatever stands around the value: without the bits that it shares. */
function base64Forms(bytes: Uint8Array): string[] {
  const inside = [0, 1, 2].map((shift) => {
    const encoded = base64(new Uint8Array([...new Uint8Array(shift), ...bytes]));
    const wholeDigits = Math.floor(((shift + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((shift * 8) / 6), wholeDigits);
  });
  const whole = base64(bytes);
  return [whole, whole.replace(/=+$/, ""), ...inside];
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
