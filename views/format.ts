/** Figures and texts as people read them. Text from models and commands passes through `visible` before it is shown. */

/** US dollars: cents from a dollar up; below it four digits, so that small amounts can be told apart and line up. */
export function usd(amount: number): string {
  if (amount === 0) return "$0";
  return amount < 1 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`;
}

/** A count with thousands marked. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A time of day, in the server's time zone: it is the same machine as the browser's. */
export function clock(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `in_progress` as `in progress`. */
export function spaced(word: string): string {
  return word.replaceAll("_", " ");
}

/**
 * Text whose invisible parts can be seen: terminal colours are dropped; control characters and those that turn the
 * direction of text, or take no room, stand as `⟨U+202E⟩`.
 */
export function visible(text: string): string {
  return text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/\r\n?/g, "\n")
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u180e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu,
      (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
    );
}
