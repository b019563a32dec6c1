/** Which values must leave the program nowhere: the keys of all providers that the settings name, and the API token. */
import type { Settings } from "../domain/settings.ts";
import type { EngineParts } from "./engine-parts.ts";

/**
 * A key of letters alone and of less than this length is a stand-in for one ("not-needed", "anything", "lm-studio"), as local
 * endpoints are given: to replace such a word everywhere would spoil prompts and code, and hide nothing.
 */
const longestWord = 15;

/** The secrets of an engine with these settings. */
export function secretsOf(parts: Pick<EngineParts, "apiKey" | "secrets">, settings: Settings): string[] {
  const keys = Object.keys(settings.providers).map((provider) => parts.apiKey(provider));
  return [...new Set([...keys, ...(parts.secrets ?? [])])].filter((value) => !isWord(value));
}

/** Whether a value is only a word, and so hides nothing. */
export function isWord(value: string): boolean {
  return value.length <= longestWord && /^(?:[a-z]+|[A-Z]+)(?:[-_ ](?:[a-z]+|[A-Z]+))*$/.test(value);
}
