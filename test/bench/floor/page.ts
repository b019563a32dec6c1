/**
 * Floor of the page: reads the provider's streams with a bare `fetch`, and sends each piece on as it comes to a page of a
 * few lines that appends it to a `pre`. It keeps nothing, checks nothing, and lets anybody in.
 */
const providerUrl = process.env.ANTHROPIC_BASE_URL ?? "";
const streamCount = Number(process.env.FLOOR_STREAMS ?? 16);
const listeners = new Set<(frame: string) => void>();

const page = `<!doctype html><title>Floor</title><style>pre { height: 12em; overflow: auto; contain: content }</style>
${Array.from({ length: streamCount }, (_, index) => `<pre class="stream-text" id="p${index}"></pre>`).join("")}
<script>
const texts = new Map();
new EventSource("/live").onmessage = (event) => {
  const { index, text } = JSON.parse(event.data);
  const pane = document.getElementById("p" + index);
  pane.append(text);
  if (pane.childNodes.length > 50) pane.textContent = pane.textContent.slice(-10240);
  pane.scrollTop = pane.scrollHeight;
};
</script>`;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  idleTimeout: 0,
  fetch(request) {
    if (new URL(request.url).pathname !== "/live")
      return new Response(page, { headers: { "content-type": "text/html" } });
    let listener: (frame: string) => void = () => undefined;
    const body = new ReadableStream<string>({
      start(controller) {
        listener = (frame) => controller.enqueue(frame);
        listeners.add(listener);
      },
      cancel: () => {
        listeners.delete(listener);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  },
});
console.log(JSON.stringify({ type: "listening", apiUrl: `http://127.0.0.1:${server.port}` }));
await Promise.all(Array.from({ length: streamCount }, (_, index) => follow(index)));

async function follow(index: number): Promise<void> {
  const body = JSON.stringify({ model: "floor", messages: [], tools: [] });
  const response = await fetch(`${providerUrl}/v1/messages`, { method: "POST", body });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of response.body ?? []) {
    rest += decoder.decode(part, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const text = JSON.parse(line.slice(6)).delta?.text;
      if (typeof text !== "string") continue;
      const frame = `data: ${JSON.stringify({ index, text })}\n\n`;
      for (const listener of listeners) listener(frame);
    }
  }
}

export {};
