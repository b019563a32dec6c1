/** Answers as HTTP responses: a stream, one JSON message, or one of the ways in which a response has no answer in it. */
import { type Answer, wholeMessage } from "./answer.ts";
import { apiError, errorResponse } from "./api-error.ts";
import type { FaultKind } from "./fault.ts";
import { aborted, playStream, type StreamPlay } from "./message-stream.ts";

/** A 200 with a JSON body. */
export function jsonResponse(body: object, requestId: string): Response {
  return Response.json(body, { headers: { "request-id": requestId } });
}

/** The stream of an answer. */
export function streamResponse(answer: Answer, play: StreamPlay): Response {
  return new Response(bodyOf(playStream(answer, play)), {
    headers: streamHeaders(play.requestId),
  });
}

/** The head of every stream. */
export function streamHeaders(requestId: string): Record<string, string> {
  return {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "request-id": requestId,
  };
}

/** Reads on only when the client takes more; an error in `texts` breaks the connection. */
export function bodyOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const next = await texts.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}

/** The whole message at once; a fault that would break a stream in the middle breaks the JSON instead. */
export function wholeResponse(answer: Answer, fault: FaultKind | null, requestId: string): Response {
  const json = JSON.stringify(wholeMessage(answer));
  switch (fault) {
    case "error_mid_stream":
      return errorResponse(apiError(500), requestId);
    case "reset":
      return new Response(bodyOf(resetBody(json)), { headers: { "content-type": "application/json" } });
    case "cut":
    case "no_stop":
    case "malformed_json":
      return new Response(json.slice(0, json.length / 2), {
        headers: { "content-type": "application/json", "request-id": requestId },
      });
    default:
      return new Response(json, { headers: { "content-type": "application/json", "request-id": requestId } });
  }
}

async function* resetBody(json: string): AsyncGenerator<string> {
  yield json.slice(0, json.length / 2);
  throw new Error("The simulator breaks this connection, as the fault `reset` asks.");
}

const page = (title: string) => `<!doctype html><title>${title}</title><h1>${title}</h1>\n`;

/** Where `redirect` points to; nothing is there. */
export const redirectPath = "/elsewhere";

/** The response of a fault that leaves no answer at all; null for other faults. `hang` waits until the client goes. */
export async function brokenResponse(
  fault: FaultKind | null,
  isStream: boolean,
  requestId: string,
  signal: AbortSignal,
): Promise<Response | null> {
  const isHanging =
    fault === "hang" || (!isStream && (fault === "stall" || fault === "pings" || fault === "slow_loris"));
  if (isHanging) {
    await aborted(signal);
    return new Response(null, { status: 499 });
  }
  const html = { "content-type": "text/html" };
  if (fault === "html") return new Response(page("502 Bad Gateway"), { status: 502, headers: html });
  if (fault === "html_200") return new Response(page("Sign in to the guest network"), { headers: html });
  if (fault === "redirect") return new Response(null, { status: 307, headers: { location: redirectPath } });
  if (fault === "no_content") return new Response(null, { status: 204 });
  if (fault === "gzip_garbage") {
    const headers = { ...streamHeaders(requestId), "content-encoding": "gzip" };
    return new Response("this was never compressed", { headers });
  }
  if (fault === "empty") return new Response("", { headers: isStream ? streamHeaders(requestId) : html });
  return null;
}
