/** The server on a real socket: where it listens, what it tells others, how it starts and ends. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { registerPages } from "../../src/web/pages/register-pages.tsx";
import { type RunningServer, ServerStartError, startServer } from "../../src/web/server.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { gateFact } from "../support/sample-facts.ts";
import { SseReader } from "../support/sse-reader.ts";
import { temporaryStateDir } from "../support/web-app.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(changes: Partial<Parameters<typeof startServer>[0]> = {}) {
  const engine = new FakeEngine();
  const stateDir = changes.stateDir ?? temporaryStateDir();
  const server = await startServer({
    engine,
    port: 0,
    isPlainHost: false,
    version: "1.2.3",
    toolsFor: () => [],
    ...changes,
    stateDir,
  });
  running.push(server);
  const token = readFileSync(join(stateDir, "token"), "utf8").trim();
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.apiUrl}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  return { engine, stateDir, server, token, ask };
}

describe("a running server", () => {
  test("tells this user's other programs where it is, and takes that back at its end", async () => {
    const { stateDir, server, token, ask } = await start();
    const path = join(stateDir, "server.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      url: `http://${server.label}.localhost:${server.port}/`,
      apiUrl: `http://127.0.0.1:${server.port}`,
      pid: process.pid,
    });
    expect(Buffer.from(token, "base64url").length).toBe(32);
    for (const name of ["server.json", "token", "label"])
      expect(statSync(join(stateDir, name)).mode & 0o777).toBe(0o600);
    expect((await ask("/api/state")).status).toBe(200);
    await server.stop();
    for (const name of ["server.json", "token"]) expect(existsSync(join(stateDir, name))).toBe(false);
    expect(existsSync(join(stateDir, "label"))).toBe(true);
  });

  test("refuses a Host that is no host before it looks at the path, whatever stands in it", async () => {
    const { server, ask } = await start({ pages: registerPages });
    for (const path of ["/gates", "/gates?at=1", "/live?page=/api/state", "/x:1/api/state"])
      for (const method of ["GET", "HEAD", "POST"]) {
        const answer = await ask(path, { method, headers: { host: `x@127.0.0.1:${server.port}` } });
        expect([path, method, answer.status]).toEqual([path, method, 421]);
        expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
      }
  });

  test("gives addresses that each log in once, at its label or at the plain host", async () => {
    const { server } = await start();
    expect(server.url).toStartWith(`http://${server.label}.localhost:${server.port}/#k=`);
    expect(server.freshUrl()).not.toBe(server.url);
    const body = JSON.stringify({ token: server.url.split("#k=")[1] });
    const login = () =>
      fetch(`${server.apiUrl}/login`, { method: "POST", body, headers: { "content-type": "application/json" } });
    expect((await login()).status).toBe(200);
    expect((await login()).status).toBe(401);
    const plain = await start({ isPlainHost: true });
    expect(plain.server.url).toStartWith(`http://127.0.0.1:${plain.server.port}/#k=`);
  });

  test("takes a fixed API token", async () => {
    const { token, ask } = await start({ token: "fixed-token" });
    expect(token).toBe("fixed-token");
    expect((await ask("/api/usage")).status).toBe(200);
  });

  test("says who to ask for another port when its own is taken", async () => {
    const { server } = await start();
    const failure = await start({ port: server.port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerStartError);
    expect(failure).toMatchObject({ code: "port_in_use" });
    expect(String(failure)).toContain("--port 0");
  });

  test("streams events over the socket, and ends the stream when it stops", async () => {
    const { engine, ask, server } = await start();
    const stream = new SseReader(await ask("/api/events", { headers: { accept: "text/event-stream" } }));
    await stream.next({ isComment: true });
    engine.add(gateFact());
    expect(await stream.next()).toMatchObject({ id: "1", event: "gate.opened" });
    const end = stream.next().catch(() => null);
    await server.stop();
    expect(await end).toBeNull();
    expect(engine.listenerCount).toBe(0);
  });

  test("notices a client that goes away", async () => {
    const { engine, ask } = await start();
    const leaving = new AbortController();
    const answer = await ask("/api/events", { headers: { accept: "text/event-stream" }, signal: leaving.signal });
    await new SseReader(answer).next({ isComment: true });
    expect(engine.listenerCount).toBe(2);
    leaving.abort();
    const deadline = Date.now() + 3_000;
    while (engine.listenerCount > 0 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    expect(engine.listenerCount).toBe(0);
  });

  test.each([
    ["a foreign host", "GET /api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"],
    ["no host", "GET /api/state HTTP/1.0\r\n\r\n"],
    ["two hosts", "GET /api/state HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\nConnection: close\r\n\r\n"],
    [
      "a foreign absolute address",
      "GET http://evil.example/api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    ],
    ["a tunnel", "CONNECT 127.0.0.1:PORT HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n"],
    ["a name with a user in it", "GET /api/state HTTP/1.1\r\nHost: x@127.0.0.1:PORT\r\nConnection: close\r\n\r\n"],
  ])("gives nothing to a request with %s", async (_name, request) => {
    const { server, token } = await start({ pages: registerPages });
    const text = request
      .replaceAll("PORT", String(server.port))
      .replace("\r\n\r\n", `\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    const answer = await rawRequest(server.port, text);
    expect(answer).not.toContain("200 OK");
    expect(answer).not.toContain("position");
  });
});

function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}
