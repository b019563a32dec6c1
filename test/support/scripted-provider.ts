/** A tiny Messages API server on loopback: answers each request with the next reply of its script and keeps what it was asked. */
import type { Json } from "../../src/domain/gate.ts";

export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
  // The test reads whatever the agent sent.
  readonly body: SeenBody;
  /** The body as it came over the wire. */
  readonly text: string;
}

export interface SeenBody {
  readonly model: string;
  readonly system?: { text: string; cache_control?: Json }[];
  readonly tools?: { name: string; cache_control?: Json; input_schema: Json }[];
  readonly messages: { role: string; content: { [key: string]: Json }[] }[];
}

/** A stream of events that ends well, breaks, or goes silent. */
export interface StreamReply {
  readonly events: readonly Json[];
  readonly end?: "close" | "break" | "silence";
}

/** One answer: an HTTP response, or a stream. */
export type Reply =
  | { readonly status: number; readonly body: Json | string; readonly headers?: Record<string, string> }
  | StreamReply;

export interface ScriptedProvider {
  readonly baseUrl: string;
  readonly requests: SeenRequest[];
  /** What `count_tokens` answers; null: 404. */
  countedTokens: number | null;
  stop(): Promise<void>;
}

/** Serves a script; a request beyond its end is answered 400. */
export function scriptedProvider(replies: readonly (Reply | ((request: SeenRequest) => Reply))[]): ScriptedProvider {
  const left = [...replies];
  const requests: SeenRequest[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(raw) {
      // Copied at once: the server forgets them while the body is read.
      const headers = new Headers(raw.headers);
      const text = await raw.text();
      // Only agents under test speak to this server.
      const body = JSON.parse(text) as SeenBody;
      const request = { path: new URL(raw.url).pathname, headers, body, text };
      if (request.path.endsWith("/count_tokens"))
        return provider.countedTokens === null
          ? errorResponse(404, "not_found_error", "no such route")
          : Response.json({ input_tokens: provider.countedTokens });
      requests.push(request);
      const next = left.shift();
      if (!next) return errorResponse(400, "invalid_request_error", "the script has no more replies");
      const reply = typeof next === "function" ? next(request) : next;
      return "events" in reply ? streamResponse(reply) : plainResponse(reply);
    },
  });
  const provider: ScriptedProvider = {
    baseUrl: `http://127.0.0.1:${server.port}`,
    requests,
    countedTokens: null,
    stop: () => server.stop(true),
  };
  return provider;
}

/** An error as the Messages API sends it. */
export function apiError(status: number, type: string, message: string, headers: Record<string, string> = {}): Reply {
  return { status, headers, body: { type: "error", error: { type, message } } };
}

export const usage = { input_tokens: 100, cache_read_input_tokens: 10, cache_creation_input_tokens: 5 };

/** A whole response of the given blocks. */
export function message(
  blocks: readonly Json[],
  stopReason = "end_turn",
  end: "close" | "silence" = "close",
): StreamReply {
  return {
    events: [...opening(), ...blocks.flatMap((block, index) => blockEvents(block, index)), ...ending(stopReason)],
    end,
  };
}

export function text(words: string, stopReason = "end_turn"): Reply {
  return message([{ type: "text", text: words }], stopReason);
}

export function call(name: string, input: Json, id = `toolu_${name}`): Json {
  return { type: "tool_use", id, name, input };
}

/** A response that calls tools. */
export function calls(...blocks: Json[]): Reply {
  return message(blocks, "tool_use");
}

/** A tool call whose input is the given raw text, whole JSON or not. */
export function rawCall(name: string, rawInput: string, stopReason: string, isClosed = true): Reply {
  const events: Json[] = [
    { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "toolu_raw", name, input: {} } },
    { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: rawInput } },
  ];
  if (isClosed) events.push({ type: "content_block_stop", index: 0 });
  return { events: [...opening(), ...events, ...ending(stopReason)] };
}

export function opening(): Json[] {
  return [
    {
      type: "message_start",
      message: { id: "msg_1", role: "assistant", content: [], usage: { ...usage, output_tokens: 1 } },
    },
    { type: "ping" },
  ];
}

export function ending(stopReason: string): Json[] {
  return [
    { type: "message_delta", delta: { stop_reason: stopReason }, usage: { output_tokens: 7 } },
    { type: "message_stop" },
  ];
}

export function blockEvents(block: Json, index: number): Json[] {
  if (block === null || typeof block !== "object" || Array.isArray(block)) return [];
  const start = (content: Json) => ({ type: "content_block_start", index, content_block: content });
  const delta = (piece: Json) => ({ type: "content_block_delta", index, delta: piece });
  const stop = { type: "content_block_stop", index };
  if (block.type === "text") {
    const words = String(block.text);
    const half = Math.ceil(words.length / 2);
    const pieces = [words.slice(0, half), words.slice(half)].map((piece) => delta({ type: "text_delta", text: piece }));
    return [start({ type: "text", text: "" }), ...pieces, stop];
  }
  if (block.type === "thinking")
    return [
      start({ type: "thinking", thinking: "", signature: "" }),
      delta({ type: "thinking_delta", thinking: block.thinking ?? "" }),
      delta({ type: "signature_delta", signature: block.signature ?? "" }),
      stop,
    ];
  if (block.type === "tool_use") {
    const json = JSON.stringify(block.input);
    return [
      start({ ...block, input: {} }),
      delta({ type: "input_json_delta", partial_json: json.slice(0, 3) }),
      delta({ type: "input_json_delta", partial_json: json.slice(3) }),
      stop,
    ];
  }
  return [start(block), stop];
}

function errorResponse(status: number, type: string, words: string): Response {
  return Response.json({ type: "error", error: { type, message: words } }, { status });
}

function plainResponse(reply: Extract<Reply, { status: number }>): Response {
  const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
  return new Response(body, {
    status: reply.status,
    headers: { "content-type": "application/json", ...reply.headers },
  });
}

function streamResponse(reply: StreamReply): Response {
  const encoder = new TextEncoder();
  const frames = reply.events.map((event) => {
    const type = event !== null && typeof event === "object" && !Array.isArray(event) ? String(event.type) : "x";
    return encoder.encode(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  });
  const stream = new ReadableStream({
    pull(controller) {
      const frame = frames.shift();
      if (frame) controller.enqueue(frame);
      else if (reply.end === "break") controller.error();
      else if (reply.end !== "silence") controller.close();
      else return new Promise<void>(() => undefined);
      return undefined;
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream", "request-id": "req_1" } });
}
