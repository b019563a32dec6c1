/**
 * The settings that rules read, after config files, environment and command line have been merged and checked.
 * Holds no secret: keys are named by the environment variable that has them.
 */
import { z } from "zod";

export const GateLevel = z.enum(["manual", "guarded", "all"]);
export type GateLevel = z.infer<typeof GateLevel>;

const rates = {
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
  cacheWrite: z.number().nonnegative(),
};

/** US dollars for a million tokens; some models take more for a prompt of more than `aboveTokens` tokens. */
export const Price = z.object({
  ...rates,
  longPrompt: z.object({ aboveTokens: z.number().int().positive(), ...rates }).optional(),
});
export type Price = z.infer<typeof Price>;

/** Limits in US dollars or tokens; an absent one does not limit. */
export const Budget = z.object({
  runUsd: z.number().nonnegative().optional(),
  trackUsd: z.number().nonnegative().optional(),
  ticketUsd: z.number().nonnegative().optional(),
  dayUsd: z.number().nonnegative().optional(),
  runTokens: z.number().int().nonnegative().optional(),
});
export type Budget = z.infer<typeof Budget>;
export type BudgetLimit = keyof Budget;

export function isSameBudget(one: Budget, other: Budget): boolean {
  return Budget.keyof().options.every((limit) => one[limit] === other[limit]);
}

/** A tier's models (a worker takes the next one for each retry), the provider's name, and the output limit of a call. */
export const TierSettings = z.object({
  models: z.array(z.string().min(1)).min(1),
  provider: z.string().min(1),
  maxTokens: z.number().int().positive(),
});
export type TierSettings = z.infer<typeof TierSettings>;

/**
 * An endpoint that speaks the Messages API; `apiKeyEnv` is "" where no key is sent. `stallMs`: silence after which a stream is
 * given up. `patienceMs`: how long an endpoint that fails is waited for.
 */
export const ProviderSettings = z.object({
  baseUrl: z.string().min(1),
  apiKeyEnv: z.string(),
  stallMs: z.number().int().positive().optional(),
  patienceMs: z.number().int().nonnegative().optional(),
});
export type ProviderSettings = z.infer<typeof ProviderSettings>;

export const Settings = z.object({
  tiers: z.object({ orchestrator: TierSettings, tech_lead: TierSettings, worker: TierSettings, qa: TierSettings }),
  providers: z.record(z.string(), ProviderSettings),
  workers: z.object({
    max: z.number().int().positive(),
    retries: z.number().int().nonnegative(),
    maxTurns: z.number().int().positive(),
    /** How many threads agents share; absent: what suits most machines. */
    threads: z.number().int().positive().optional(),
  }),
  verify: z.object({ command: z.string(), timeoutMs: z.number().int().positive() }),
  review: z.object({ qa: z.boolean(), techLead: z.boolean() }),
  gates: z.object({ level: GateLevel, allow: z.array(z.string()) }),
  budget: Budget,
  context: z.object({ historyTokens: z.number().int().positive() }),
  sandbox: z.object({ mode: z.enum(["auto", "required"]), network: z.boolean(), isUnsafe: z.boolean() }),
  prices: z.record(z.string(), Price),
  /** Whether finished tracks are landed without asking when the level is `all` (`--land`). */
  isLanding: z.boolean(),
});
export type Settings = z.infer<typeof Settings>;

/** The settings of a project that has no config file and names none on the command line. */
export const defaultSettings: Settings = {
  tiers: {
    orchestrator: { models: ["claude-opus-5-5"], provider: "default", maxTokens: 16_000 },
    tech_lead: { models: ["claude-sonnet-5-5"], provider: "default", maxTokens: 16_000 },
    worker: {
      models: ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"],
      provider: "default",
      maxTokens: 16_000,
    },
    qa: { models: ["claude-haiku-5-5"], provider: "default", maxTokens: 4_000 },
  },
  providers: { default: { baseUrl: "https://api.anthropic.com", apiKeyEnv: "ANTHROPIC_API_KEY" } },
  workers: { max: 4, retries: 2, maxTurns: 60 },
  verify: { command: "bun test", timeoutMs: 600_000 },
  review: { qa: true, techLead: true },
  gates: { level: "manual", allow: [] },
  budget: {},
  context: { historyTokens: 180_000 },
  sandbox: { mode: "auto", network: false, isUnsafe: false },
  prices: {},
  isLanding: false,
};
