/** A stream of nothing but pings is no life. */
import { expect, test } from "bun:test";
import { MessageAccumulator } from "../../src/agents/message-accumulator.ts";
import { createClient, streamMessage } from "../../src/agents/provider-client.ts";

const ping = 'event: ping\ndata: {"type":"ping"}\n\n';

test("a stream that holds only pings is given up as stalled", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      let timer: Timer;
      const pings = new ReadableStream<string>({
        start: (controller) => {
          timer = setInterval(() => controller.enqueue(ping), 5);
        },
        cancel: () => clearInterval(timer),
      });
      return new Response(pings, { headers: { "content-type": "text/event-stream" } });
    },
  });
  const client = createClient({ baseUrl: server.url.origin, apiKey: "" }, 40);
  const nothing = () => undefined;
  const accumulator = new MessageAccumulator({ onText: nothing, onToolUse: nothing });
  const body = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "hello" }] };
  const signal = new AbortController().signal;
  const failure = await streamMessage(client, body, accumulator, { stallMs: 40, signal }).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "stall" });
  await server.stop(true);
});
