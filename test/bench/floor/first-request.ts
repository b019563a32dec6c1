/** Floor of a run's first model request: a compiled program that does nothing but send one. */
export {};

const body = { model: "floor-first", stream: true, max_tokens: 1000, messages: [{ role: "user", content: "hello" }] };
await fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, { method: "POST", body: JSON.stringify(body) });
