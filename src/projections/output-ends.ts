/** The two ends of a long output: what stands between them is said, and one link away. */

export interface OutputEnds {
  readonly head: string;
  readonly tail: string;
  /** Lines between the two; 0 where the head is all of it. */
  readonly omittedLines: number;
}

const whole = 12_000;
const headLength = 3_000;
const tailLength = 6_000;

/** Both ends in whole lines, where lines are not longer than an end. */
export function outputEnds(output: string): OutputEnds {
  if (output.length <= whole) return { head: output, tail: "", omittedLines: 0 };
  const headEnd = output.lastIndexOf("\n", headLength) + 1 || inPair(output, headLength);
  const from = output.length - tailLength;
  const lineStart = output.indexOf("\n", from) + 1;
  const tailStart = lineStart > 0 && lineStart < output.length ? lineStart : inPair(output, from);
  const between = output.slice(headEnd, tailStart);
  return {
    head: output.slice(0, headEnd),
    tail: output.slice(tailStart),
    omittedLines: Math.max(1, between.split("\n").length - 1),
  };
}

/** A place that is not inside a surrogate pair. */
function inPair(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at;
}
