/**
 * A Messages API server that shares no code with the product or its simulator: a function decides each answer from the
 * request's body. It streams SSE as servers in the wild do, and on demand badly: CRLF, odd packets, cut or silent streams.
 */
import { z } from "zod";

const Block = z.looseObject({ type: z.string(), text: z.string().optional(), content: z.unknown().optional() });
const Body = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })),
});

/** One request as the answering function sees it. */
export interface Ask {
  readonly role: "orchestrator" | "tech_lead" | "worker" | "verdict" | "diagnosis";
  readonly model: string;
  readonly tools: readonly string[];
  /** The first user message, and the last message, as text (tool results included). */
  readonly first: string;
  readonly last: string;
  /** Assistant messages so far. */
  readonly turn: number;
  /** The whole body, as text. */
  readonly body: string;
  readonly headers: Headers;
  /** Counts requests of this server, from 0. */
  readonly index: number;
}

export interface ToolUse {
  readonly name: string;
  readonly input: unknown;
}

/** What the server answers: text, tool calls, or a fault. */
export interface Reply {
  readonly text?: string;
  readonly tools?: readonly ToolUse[];
  /** An HTTP error with this status instead of an answer. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** The message of an HTTP error. */
  readonly words?: string;
  /** After the text: `cut` closes the stream in the middle, `stall` says nothing more. */
  readonly ending?: "cut" | "stall";
  /** Nothing is sent before this resolves. */
  readonly after?: Promise<unknown>;
}

export interface Style {
  readonly isCrlf?: boolean;
  /** Packets of this many bytes, whatever they cut through. */
  readonly packetBytes?: number;
  /** Every tool call of every turn has this id. */
  readonly toolUseId?: string;
  readonly hasNoCount?: boolean;
}

export interface Answered {
  readonly ask: Ask;
  readonly reply: Reply;
  readonly usage: ForeignUsage;
}

export interface ForeignUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
}

export interface ForeignProvider {
  readonly url: string;
  readonly answered: readonly Answered[];
  stop(): Promise<void>;
}

/** Starts a server on a free port of the loopback interface. */
export function startForeignProvider(
  answer: (ask: Ask) => Reply | Promise<Reply>,
  style: Style = {},
  port = 0,
): ForeignProvider {
  const answered: Answered[] = [];
  let index = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const text = await request.text();
      if (pathname === "/v1/messages/count_tokens" && !style.hasNoCount)
        return Response.json({ input_tokens: tokens(text) });
      if (pathname !== "/v1/messages" || request.method !== "POST") return fault(404, {});
      const ask = readAsk(text, new Headers(request.headers), index++);
      const reply = await answer(ask);
      const usage = usageOf(text, reply);
      answered.push({ ask, reply, usage });
      await reply.after;
      if (reply.status !== undefined) return fault(reply.status, reply.headers ?? {}, reply.words);
      return new Response(stream(ask, reply, usage, style, request.signal), {
        headers: { "content-type": "text/event-stream; charset=utf-8", "request-id": `req_${ask.index}` },
      });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, answered, stop: () => server.stop(true) };
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function usageOf(text: string, reply: Reply): ForeignUsage {
  if (reply.status !== undefined) return usage(0, 0, 0, 0);
  const whole = tokens(text);
  return usage(Math.ceil(whole / 2), tokens(JSON.stringify(reply)), Math.floor(whole / 3), 7);
}

function usage(input: number, output: number, read: number, written: number): ForeignUsage {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
  };
}

function fault(status: number, headers: Record<string, string>, words = `answered ${status} by request`): Response {
  const names: Record<number, string> = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
  };
  const error = { type: names[status] ?? "overloaded_error", message: words };
  return Response.json({ type: "error", error, request_id: "req_fault" }, { status, headers });
}

function readAsk(text: string, headers: Headers, index: number): Ask {
  const body = Body.parse(JSON.parse(text));
  const tools = (body.tools ?? []).map((tool) => tool.name);
  const { messages, model } = body;
  const turn = messages.filter((message) => message.role === "assistant").length;
  const [first, last] = [messages[0], messages.at(-1)].map((message) => plainText(message?.content));
  return {
    role: roleOf(tools),
    model,
    tools,
    first: first ?? "",
    last: last ?? "",
    turn,
    body: text,
    headers,
    index,
  };
}

function roleOf(tools: readonly string[]): Ask["role"] {
  if (tools.includes("propose_tracks")) return "orchestrator";
  if (tools.includes("report_verdict")) return "verdict";
  if (tools.includes("propose_tickets") || tools.includes("accept_ticket")) return "tech_lead";
  return tools.includes("write") ? "worker" : "diagnosis";
}

function plainText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block) => block.text ?? plainText(block.content)).join("\n");
}

async function* stream(ask: Ask, reply: Reply, used: ForeignUsage, style: Style, signal: AbortSignal) {
  const newline = style.isCrlf ? "\r\n" : "\n";
  const events = messageEvents(ask, reply, used, style);
  const wire = events.map((data) => `event: ${data.type}${newline}data: ${JSON.stringify(data)}${newline}${newline}`);
  const bytes = new TextEncoder().encode(wire.join(""));
  const size = style.packetBytes ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
  if (reply.ending !== "stall" || signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function messageEvents(ask: Ask, reply: Reply, used: ForeignUsage, style: Style) {
  const message = {
    id: `msg_${ask.index}`,
    type: "message",
    role: "assistant",
    model: ask.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...used, output_tokens: 1 },
  };
  const text = reply.text ? [{ start: { type: "text", text: "" }, deltas: textDeltas(reply.text) }] : [];
  const tools = (reply.tools ?? []).map(({ name, input }, at) => ({
    start: { type: "tool_use", id: style.toolUseId ?? `toolu_${ask.index}_${at}`, name, input: {} },
    deltas: jsonDeltas(JSON.stringify(input)),
  }));
  const blocks = [...text, ...tools].flatMap(({ start, deltas }, index) => [
    { type: "content_block_start", index, content_block: start },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    ...(reply.ending ? [] : [{ type: "content_block_stop", index }]),
  ]);
  const stopReason = tools.length > 0 ? "tool_use" : "end_turn";
  const end = [
    { type: "message_delta", delta: { stop_reason: stopReason, stop_sequence: null }, usage: used },
    { type: "message_stop" },
  ];
  return [{ type: "message_start", message }, { type: "ping" }, ...blocks, ...(reply.ending ? [] : end)];
}

function textDeltas(text: string) {
  return (text.match(/[\s\S]{1,9}/gu) ?? []).map((part) => ({ type: "text_delta", text: part }));
}

function jsonDeltas(json: string) {
  return ["", ...(json.match(/[\s\S]{1,31}/gu) ?? [])].map((part) => ({
    type: "input_json_delta",
    partial_json: part,
  }));
}
