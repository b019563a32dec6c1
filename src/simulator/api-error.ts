/**
 * Errors as the Messages API sends them: their statuses, their types, and their body and headers. The names and figures
 * are those of https://docs.claude.com/en/api/errors.
 */

/** What a refused request is answered with; `retryAfterS` becomes the `retry-after` header, in seconds. */
export interface ApiError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly retryAfterS?: number | undefined;
  /** That header's own text in its place; `date+30` stands for the date in 30 seconds. */
  readonly retryAfter?: string | undefined;
  /** What a program may go by, such as `error_code`; few errors have it. */
  readonly details?: object;
}

const known: Record<number, readonly [type: string, message: string]> = {
  400: ["invalid_request_error", "The request is not valid."],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "Your credit balance is too low to access the API."],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "The requested resource could not be found."],
  405: ["invalid_request_error", "Method Not Allowed"],
  409: ["conflict_error", "The request conflicts with the resource's present state."],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: ["rate_limit_error", "This request would exceed your organization's rate limit. Please try again later."],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "The request timed out while it was processed. Please try again or use streaming."],
  529: ["overloaded_error", "Overloaded"],
};

interface Given {
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly retryAfterS?: number | undefined;
  readonly retryAfter?: string | undefined;
}

/** An error of this status, with the type and words that the real API uses for it unless others are given. */
export function apiError(status: number, given: Given = {}): ApiError {
  const [type, message] = known[status] ?? (status >= 500 ? ["api_error", "Internal server error"] : known[400]) ?? [];
  return {
    status,
    type: given.type ?? type ?? "api_error",
    message: given.message ?? message ?? "Internal server error",
    ...(given.retryAfterS === undefined ? {} : { retryAfterS: given.retryAfterS }),
    ...(given.retryAfter === undefined ? {} : { retryAfter: given.retryAfter }),
  };
}

/** A 400 with the API's own wording. */
export function invalidRequest(message: string): ApiError {
  return apiError(400, { message });
}

/** The JSON body of an error; also the data of an `error` event inside a stream. */
export function errorBody(error: ApiError, requestId: string): string {
  return JSON.stringify({
    type: "error",
    error: { type: error.type, message: error.message, ...(error.details ? { details: error.details } : {}) },
    request_id: requestId,
  });
}

/** The whole error response. */
export function errorResponse(error: ApiError, requestId: string): Response {
  const headers: Record<string, string> = { "content-type": "application/json", "request-id": requestId };
  if (error.retryAfterS !== undefined) headers["retry-after"] = String(error.retryAfterS);
  if (error.retryAfter !== undefined) headers["retry-after"] = retryAfterText(error.retryAfter);
  return new Response(errorBody(error, requestId), { status: error.status, headers });
}

function retryAfterText(text: string): string {
  const seconds = /^date\+(\d+)$/.exec(text)?.[1];
  return seconds === undefined ? text : new Date(Date.now() + Number(seconds) * 1000).toUTCString();
}
