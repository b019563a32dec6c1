/**
 * How many tokens a request of a model may have. Source: platform.claude.com/docs/en/about-claude/models, as of 2026-10: the
 * models of the 5.5 generation, Opus, Sonnet and Fable from 5, and Opus and Sonnet from 4.6 take 1,000,000; earlier ones 200,000.
 */

/** The window of a model; null when the table does not know the model. */
export function modelWindow(model: string): number | null {
  return windows.find(([pattern]) => pattern.test(model))?.[1] ?? null;
}

const windows: readonly [RegExp, number][] = [
  [/^claude-(?:opus|sonnet|fable|mythos)-(?:[5-9]|4-[6-9])(?:-|$)/, 1_000_000],
  [/^claude-haiku-5-[5-9](?:-|$)/, 1_000_000],
  [/^claude-/, 200_000],
  [/^sim-/, 200_000],
];
