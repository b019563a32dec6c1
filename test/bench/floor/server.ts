/** Floor of the page and of `/healthz`: a bare server that says where it listens, as `serve --json` does. */
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: false,
  fetch: () => Response.json({ ok: true }),
});
console.log(JSON.stringify({ type: "listening", apiUrl: `http://127.0.0.1:${server.port}` }));

export {};
