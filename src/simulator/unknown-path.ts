/** What is said where the simulator serves nothing: at its root, and at paths that a client made of a wrong base URL. */
import { type ApiError, apiError } from "./api-error.ts";

const served = "POST /v1/messages, POST /v1/messages/count_tokens and GET /v1/models";

/** What stands at the root, for a person, and for clients that knock there before their first request. */
export function rootPage(origin: string, requestId: string): Response {
  const text = `This is a simulator of the Messages API. It serves ${served}.\nUse it with: ANTHROPIC_BASE_URL=${origin}\n`;
  return new Response(text, { headers: { "request-id": requestId } });
}

/** The 404 of a path, which says how the client that asked for it is to be set. */
export function unknownPath({ pathname, origin }: URL): ApiError {
  return apiError(404, { message: `Not found: ${pathname}. ${adviceFor(pathname, origin)}` });
}

function adviceFor(pathname: string, origin: string): string {
  if (/^\/v1\/v1\//.test(pathname)) return `This client adds /v1 itself: its base URL is ${origin}`;
  if (/^\/(messages|models)\b/.test(pathname)) return `This client does not add /v1: its base URL is ${origin}/v1`;
  return `The simulator serves ${served}.`;
}
