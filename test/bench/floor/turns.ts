/**
 * Floor of an agent's turns: `fetch`, split the event stream, do what the tool call says, send the grown conversation. It
 * logs nothing, checks nothing and knows only the bench's own provider. `FLOOR_AGENTS` of them at once; one without it.
 */
export {};

interface Call {
  readonly id: string;
  readonly name: string;
  json: string;
}

await Promise.all(Array.from({ length: Number(process.env.FLOOR_AGENTS ?? 1) }, walk));

async function walk(): Promise<void> {
  const messages: unknown[] = [{ role: "user", content: "go" }];
  for (let call = await respond(messages); call !== null; call = await respond(messages)) {
    // The bench's provider sends these two shapes only.
    const input = JSON.parse(call.json) as { file_path: string; command: string };
    const content = call.name === "read" ? await Bun.file(input.file_path).text() : await shell(input.command);
    messages.push({ role: "assistant", content: [{ type: "tool_use", id: call.id, name: call.name, input }] });
    messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content }] });
  }
}

async function respond(messages: readonly unknown[]): Promise<Call | null> {
  const response = await fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "floor-turns", stream: true, max_tokens: 1000, messages }),
  });
  let call: Call | null = null;
  let rest = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    const frames = (rest + decoder.decode(part, { stream: true })).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const event = JSON.parse(frame.slice(frame.indexOf("data: ") + 6));
      if (event.content_block?.type === "tool_use") call = { ...event.content_block, json: "" };
      if (call && event.delta?.partial_json) call.json += event.delta.partial_json;
    }
  }
  return call;
}

async function shell(command: string): Promise<string> {
  const child = Bun.spawn(["sh", "-c", command], { stdout: "pipe", stderr: "pipe" });
  return `${await new Response(child.stdout).text()}${await child.exited}`;
}
