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

/** Whole seconds of something that goes on, as `since.js` counts them. */
export function elapsed(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `in_progress` as `in progress`. */
export function spaced(word: string): string {
  return word.replaceAll("_", " ");
}

/** Control characters, those that turn the direction of text or take no room, and blanks that are not the plain one. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2800\ufff9-\ufffb\p{Zl}\p{Zp}\p{Cs}]|(?! )\p{Zs}|(?![\ufe0e\ufe0f])\p{DI}|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;

/** Characters that pass for others in a command or a path: letters of another script inside a Latin word, and false signs. */
const falseSigns =
  /[\u02d0\u037e\u2010-\u2015\u2024\u2044\u2212\u2215\u2236\u29f8\ua789\uff01-\uff5e\u{1d400}-\u{1d7ff}]/gu;
const mixedWord = /[\p{L}\p{N}_]*[A-Za-z][\p{L}\p{N}_]*/gu;
const foreignLetter = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/gu;

/** Text whose invisible parts can be seen: terminal colours are dropped, and what shows nothing stands as `⟨U+202E⟩`. */
export function visible(text: string): string {
  return exact(text.replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "").replace(/\r\n?/g, "\n"));
}

/** Text of which nothing is left out: colours and carriage returns are characters like any other. */
export function exact(text: string): string {
  return text.replace(unseen, (character) => `⟨${codeOf(character)}⟩`);
}

/** A command or a path: what only looks like another character also shows its number. */
export function exactCommand(text: string): string {
  const named = (character: string) => `⟨${codeOf(character)} ${character}⟩`;
  const plain = text.replace(mixedWord, (word) => word.replace(foreignLetter, named));
  return exact(plain.replace(falseSigns, named));
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
