/**
 * Which web pages may call the simulator: those of this machine. What it plays may be a recording, which is for nobody else to
 * read, so a stranger's page gets no permission, and a name that was bound to this address (DNS rebinding) no answer.
 */
import { type ApiError, apiError } from "./api-error.ts";

const loopbackName = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The refusal of a request that was sent to another name than this machine's; null for any other. */
export function strangeHost({ hostname }: URL): ApiError | null {
  if (loopbackName.test(hostname)) return null;
  const message = `The simulator answers at 127.0.0.1 and localhost only, not at ${hostname}. Give the client one of those.`;
  return apiError(403, { message });
}

/** Answers a browser's question before its request, and adds to an answer what lets a page of this machine read it. */
export async function answerPage(request: Request, handle: (request: Request) => Promise<Response>): Promise<Response> {
  const origin = pageOrigin(request.headers);
  if (origin === null) return await handle(request);
  const isQuestion = request.method === "OPTIONS" && request.headers.has("access-control-request-method");
  const response = isQuestion ? new Response(null, { status: 204 }) : await handle(request);
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("vary", "origin");
  if (!isQuestion) response.headers.set("access-control-expose-headers", "request-id, retry-after");
  else {
    response.headers.set("access-control-allow-methods", "GET, POST");
    response.headers.set("access-control-allow-headers", request.headers.get("access-control-request-headers") ?? "");
  }
  return response;
}

/** The origin of a page of this machine; null for a stranger's page, and for a client that is no page. */
function pageOrigin(headers: Headers): string | null {
  const origin = headers.get("origin");
  const url = origin === null ? null : URL.parse(origin);
  return url !== null && loopbackName.test(url.hostname) ? origin : null;
}
