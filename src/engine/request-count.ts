/** Has an endpoint count a request that is not sent. Only an engine that may work asks: a key goes nowhere before that. */
import type { Json } from "../domain/gate.ts";
import type { EngineParts } from "./engine-parts.ts";
import type { LogFold } from "./log-fold.ts";

/** The input tokens of a body as the provider counts them; null where it does not count, or nobody may ask. */
export async function countRequest(
  parts: EngineParts,
  { state, isResting }: Pick<LogFold, "state" | "isResting">,
  provider: string,
  body: { readonly [key: string]: Json },
): Promise<number | null> {
  const settings = state.settings.providers[provider];
  if (!settings || !parts.countTokens || isResting) return null;
  return await parts.countTokens({ baseUrl: settings.baseUrl, apiKey: parts.apiKey(provider) }, body);
}
