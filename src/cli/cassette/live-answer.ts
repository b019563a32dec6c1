/** Sends a request that a cassette does not hold to the endpoint that the project's config names, and gives its answer on. */
import { keyHeaders } from "../../agents/provider-client.ts";
import type { SentRequest } from "../../simulator/cassette-desk.ts";
import { failure } from "../cli-error.ts";
import type { Config } from "../config/load-config.ts";

const sentOn = ["content-type", "anthropic-version", "anthropic-beta"] as const;
const givenOn = ["content-type", "request-id", "retry-after"] as const;

/** The endpoint's own answer. Throws (exit 1) where the config has no such provider; a network failure is a 502. */
export async function liveAnswer(config: Config, provider: string, sent: SentRequest): Promise<Response> {
  const endpoint = config.settings.providers[provider];
  if (!endpoint)
    throw failure(
      "no_provider",
      `The recording asked the provider "${provider}", which this project's config does not name. Add [providers.${provider}] to it.`,
    );
  const { baseUrl } = endpoint;
  const headers = pick(sent.headers, sentOn);
  for (const [name, value] of Object.entries(keyHeaders({ baseUrl, apiKey: config.keys(provider) })))
    headers.set(name, value);
  const url = `${baseUrl.replace(/\/+$/, "")}/v1/messages`;
  try {
    // A redirect would take the key along.
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: sent.text,
      signal: sent.signal,
      redirect: "manual",
    });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, givenOn) });
  } catch (error) {
    const message = `${baseUrl} could not be reached: ${error instanceof Error ? error.message : String(error)}`;
    return Response.json({ type: "error", error: { type: "api_error", message } }, { status: 502 });
  }
}

function pick(from: Headers, names: readonly string[]): Headers {
  return new Headers(names.flatMap((name) => (from.has(name) ? [[name, from.get(name) ?? ""]] : [])));
}
