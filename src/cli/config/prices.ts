/**
 * Published list prices of the default models, so that money is known without a price table of one's own.
 * Source: platform.claude.com/docs/en/about-claude/pricing and the model overview pages beside it, as of 2026-10-24 (Sonnet 5.5 cache
 * reads fell from 0.20 to 0.10 on 2026-10-07).
 */
import type { Price } from "../../domain/settings.ts";

/** US dollars a million tokens, by model; cache writes are those of the 5 minute cache. */
export const builtInPrices: Readonly<Record<string, Price>> = {
  "claude-opus-5-5": { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
  "claude-sonnet-5-5": { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  "claude-haiku-5-5": {
    input: 0.1,
    output: 0.5,
    cacheRead: 0.01,
    cacheWrite: 0.125,
    longPrompt: { aboveTokens: 100_000, input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625 },
  },
};
