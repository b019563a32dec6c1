/**
 * `fetch` for one provider, with the limits that the SDK does not set: no redirect is followed, because the key would go
 * with it, and no body is larger than a whole answer can be.
 */
import { ProviderFault } from "./provider-fault.ts";

/** What is kept of a body that is no stream: an error, or a count. */
const plainBytes = 1_048_576;
/** One event that is longer than this is no answer: what is buffered for it is searched anew with each piece. */
const eventBytes = 4 * 1_048_576;
const leastStreamBytes = 4 * 1_048_576;
/** A token may come in an event of its own, with about 120 bytes around it. */
const bytesPerToken = 512;
const statusesWithoutBody: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Fetches without following redirects; whatever is no event stream is read here, up to a limit. */
export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  const { status, headers, body } = response;
  const isStream = response.ok && headers.get("content-type")?.startsWith("text/event-stream");
  if (isStream || body === null || statusesWithoutBody.has(status)) return response;
  return new Response(await firstBytes(body), { status, statusText: response.statusText, headers });
}

async function firstBytes(body: ReadableStream<Uint8Array>): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let left = plainBytes;
  for await (const chunk of body) {
    chunks.push(new Uint8Array(chunk.subarray(0, left)));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return new Blob(chunks);
}

/** The bytes of a stream as they come, until they are more than an answer of so many tokens can be. */
export async function* boundedBytes(body: ReadableStream<Uint8Array>, maxTokens: number): AsyncGenerator<Uint8Array> {
  const mostBytes = Math.max(leastStreamBytes, maxTokens * bytesPerToken);
  let totalBytes = 0;
  let openBytes = 0;
  for await (const chunk of body) {
    totalBytes += chunk.length;
    const lineEnd = chunk.lastIndexOf(newline);
    openBytes = lineEnd < 0 ? openBytes + chunk.length : chunk.length - lineEnd - 1;
    if (totalBytes > mostBytes || openBytes > eventBytes)
      throw new ProviderFault("too_large", "The provider sent far more than one answer can hold.", "backoff");
    yield chunk;
  }
}

const newline = 10;
