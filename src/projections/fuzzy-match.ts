/** How well a text answers what somebody types: words in any order, each found at a word's start, within, or letter by letter. */

const atStart = 100;
const within = 60;
const scattered = 10;

/** Nothing typed fits everything alike; 0 where a word of the query is not there. */
export function fuzzyScore(text: string, query: string): number {
  const words = wordsOf(query);
  if (words.length === 0) return 1;
  const low = text.toLowerCase();
  let score = 1;
  for (const word of words) {
    const found = wordScore(low, word);
    if (found === 0) return 0;
    score += found;
  }
  // Of two that fit alike the shorter is meant.
  return score - Math.min(0.9, low.length / 1_000);
}

function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

function wordScore(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at >= 0) return isWordStart(text, at) || text.includes(` ${word}`) ? atStart : within;
  return isScattered(text, word) ? scattered : 0;
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));
}

/** Whether the letters of the word come in its order, the first of them at the start of a word: `t3` in `t-003`. */
function isScattered(text: string, word: string): boolean {
  for (let start = text.indexOf(word.charAt(0)); start >= 0; start = text.indexOf(word.charAt(0), start + 1)) {
    if (isWordStart(text, start)) return hasInOrder(text, word, start);
  }
  return false;
}

function hasInOrder(text: string, word: string, from: number): boolean {
  let at = from - 1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    // Letters that lie far apart have nothing to do with each other.
    if (at < 0 || at - from > word.length * 4) return false;
  }
  return true;
}
