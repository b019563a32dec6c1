/**
 * What no well-behaved client sends, byte for byte over a socket, with the API token so that only the request's own shape can
 * stop it; then tokens that are guessed or used twice, and another user of the machine. It fails when a shape that is not
 * exactly ours is served, when an answer carries a CORS header or leaves HTTP, when a guess is let in, or a file can be read.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeSite, type Site } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { inLanes, type Proof, type Tally } from "./proof.ts";

const answerMs = 3_000;
const nobody = 65_534;

/** `served`: answered with the state. `refused`: an error status, or no answer. `either`: both, but nothing else. */
type Expected = "served" | "refused" | "either";
type Case = readonly [name: string, bytes: string, expected: Expected];

export const rawRequests: Proof = {
  name: "raw-requests",
  promise: "Requests of any odd shape, guessed or used tokens and other users of the machine get nothing.",
  async prove(tally, { isLong }) {
    const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
    const served = await Served.start(site);
    try {
      const { host } = new URL(served.listening.url);
      const port = Number(new URL(served.listening.apiUrl).port);
      for (const each of shapes(host, port, served.token)) await tryShape(tally, port, each);
      await tryTokens(tally, served, isLong ? 10_000 : 1_000);
      otherUser(tally, site, port);
    } finally {
      served.process.kill("SIGKILL");
      await served.process.finished;
    }
  },
};

function shapes(label: string, port: number, token: string): Case[] {
  const own = `127.0.0.1:${port}`;
  const bearer = `Authorization: Bearer ${token}\r\n`;
  const get = (hosts: readonly string[], more = bearer, target = "/api/state", version = "1.1", method = "GET") =>
    `${method} ${target} HTTP/${version}\r\n${hosts.map((value) => `Host: ${value}\r\n`).join("")}Connection: close\r\n${more}\r\n`;
  const names = label.replace(`:${port}`, "");
  const strangers = [
    `${names}:${port}.evil`,
    `${names}.evil:${port}`,
    `${names}.:${port}`,
    `127.0.0.1.:${port}`,
    `user@${own}`,
    `user:word@${own}`,
    `${names.toUpperCase()}:${port}`,
    `LOCALHOST:${port}`,
    `127.0.0.1:${port + 1}`,
    "127.0.0.1",
    `127.1:${port}`,
    `0x7f.0.0.1:${port}`,
    `2130706433:${port}`,
    `0.0.0.0:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `127.0.0.1:0${port}`,
    `${own},evil.example`,
    `${own}/`,
    `http://${own}`,
    `evil.localhost:${port}`,
    "",
  ];
  const open = ["/healthz", "/login", "/assets/style.css"];
  const crooked = open.flatMap((path) => [
    `${path}/../api/state`,
    `${path}/../../api/state`,
    `${path}/%2e%2e/api/state`,
    `${path}%2f..%2fapi/state`,
    `${path}/..%2f..%2fapi%2fstate`,
    `/api/state;${path}`,
    `/api/state?${path}`,
    `/api/state%00${path}`,
    `/api//state`,
    `//api/state`,
    `/API/state`,
  ]);
  return [
    ["our own address", get([own]), "served"],
    ["our own label", get([label]), "served"],
    ["blanks around the name", get([`  ${own}  `]), "either"],
    ...strangers.map((name): Case => [`Host: ${name}`, get([name]), "refused"]),
    ["no Host, 1.1", get([]), "refused"],
    ["no Host, 1.0", get([], bearer, "/api/state", "1.0"), "refused"],
    ["two, ours first", get([own, "evil.example"]), "refused"],
    ["two, ours last", get(["evil.example", own]), "refused"],
    ["ours twice", get([own, own]), "either"],
    ["absolute, ours", get([own], bearer, `http://${own}/api/state`), "either"],
    ["absolute, ours, another Host", get(["evil.example"], bearer, `http://${own}/api/state`), "refused"],
    // Bun gives the path alone, so the exact Host decides: whoever can send this can send it without the address as well.
    ["absolute, another, our Host", get([own], bearer, "http://evil.example/api/state"), "either"],
    ["CONNECT", get([own], bearer, own, "1.1", "CONNECT"), "refused"],
    ["TRACE", get([own], bearer, "/api/state", "1.1", "TRACE"), "refused"],
    [
      "OPTIONS",
      get(
        [own],
        `${bearer}Origin: http://${own}\r\nAccess-Control-Request-Method: POST\r\n`,
        "/api/state",
        "1.1",
        "OPTIONS",
      ),
      "refused",
    ],
    ["OPTIONS *", get([own], bearer, "*", "1.1", "OPTIONS"), "refused"],
    ["a method of nobody", get([own], bearer, "/api/state", "1.1", "EVIL"), "refused"],
    ["a method in small letters", get([own], bearer, "/api/state", "1.1", "get"), "refused"],
    ["HTTP/0.9", "GET /api/state\r\n\r\n", "refused"],
    ["HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused"],
    [
      "an upgrade",
      get(
        [own],
        `${bearer}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==\r\n`,
      ),
      "either",
    ],
    [
      "forwarded for us",
      get(
        [`evil.example`],
        `${bearer}X-Forwarded-Host: ${own}\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: host=${own}\r\n`,
      ),
      "refused",
    ],
    [
      "forwarded, without a token",
      get(
        [own],
        "X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nX-Original-URL: /healthz\r\nX-Rewrite-URL: /healthz\r\n",
      ),
      "refused",
    ],
    ["the token in the address", get([own], "", `/api/state?token=${token}&access_token=${token}`), "refused"],
    [
      "a method override",
      get([own], "X-HTTP-Method-Override: GET\r\n", "/api/state?_method=GET", "1.1", "PATCH"),
      "refused",
    ],
    ["a large header", get([own], `${bearer}X-Large: ${"x".repeat(200_000)}\r\n`), "refused"],
    [
      "many headers",
      get([own], bearer + Array.from({ length: 5_000 }, (_unset, at) => `X-${at}: 1\r\n`).join("")),
      "either",
    ],
    ["a header folded", get([own], `Authorization: Bearer\r\n ${token}\r\n`), "either"],
    ["a NUL in a header", get([own], `${bearer}X-Nul: a\0b\r\n`), "either"],
    [
      "a large body",
      `${get([own], `${bearer}Content-Length: 3000000\r\n`, "/api/epics", "1.1", "POST")}${"x".repeat(3_000_000)}`,
      "refused",
    ],
    ["a negative length", get([own], `${bearer}Content-Length: -1\r\n`, "/api/epics", "1.1", "POST"), "refused"],
    [
      "two lengths",
      `${get([own], `${bearer}Content-Length: 2\r\nContent-Length: 3\r\n`, "/api/epics", "1.1", "POST")}{}x`,
      "refused",
    ],
    [
      "length and pieces",
      `${get([own], `${bearer}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, "/api/epics", "1.1", "POST")}0\r\n\r\n`,
      "refused",
    ],
    [
      "a wrong piece",
      `${get([own], `${bearer}Transfer-Encoding: chunked\r\n`, "/api/epics", "1.1", "POST")}zz\r\n{}\r\n0\r\n\r\n`,
      "refused",
    ],
    ...crooked.map((path): Case => [`${path} without a token`, get([own], "", path), "refused"]),
  ];
}

/** Whatever the status: the state is given out only where it is expected, nothing leaves HTTP, nothing is for other sites. */
async function tryShape(tally: Tally, port: number, [name, bytes, expected]: Case): Promise<void> {
  const answer = await exchange(port, bytes);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
  const hasState = answer.includes('"position"');
  const isServed = status === 200 && hasState;
  // An open path that a crooked one names is no secret; its answer holds nothing.
  const isRefused = !hasState && (status === 0 || status >= 300 || (status === 200 && !bytes.includes("Bearer")));
  tally.trial(name, [
    ...(isServed ? (expected === "refused" ? ["the state was given out"] : []) : []),
    ...(!isServed && expected === "served" ? [`${status} instead of the state`] : []),
    ...(isServed || isRefused ? [] : [`${status}: ${answer.slice(0, 120)}`]),
    ...(/^access-control-/im.test(answer) ? ["a CORS header"] : []),
  ]);
}

/** Everything that comes back until the other side closes, or nothing more comes. */
function exchange(port: number, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const socket = connect(port, "127.0.0.1", () => socket.end(bytes, "latin1"));
  const end = () => {
    clearTimeout(timer);
    socket.destroy();
    resolve(text);
  };
  const timer = setTimeout(end, answerMs);
  socket.on("data", (data) => {
    text += data.toString("latin1");
  });
  socket.on("close", end);
  socket.on("error", end);
  return promise;
}

async function tryTokens(tally: Tally, { listening, token }: Served, count: number): Promise<void> {
  const { host, hash } = new URL(listening.url);
  const login = async (candidate: string) => {
    const headers = { host, "content-type": "application/json" };
    const body = JSON.stringify({ token: candidate });
    return (await fetch(new URL("/login", listening.apiUrl), { method: "POST", headers, body })).status;
  };
  const own = hash.slice("#k=".length);
  const statuses = [await login(own), await login(own)];
  tally.trial("one login with one token", statuses.join() === "200,401" ? [] : [statuses.join()]);
  const near = [token, `${token} `, own.slice(0, -1), "", "undefined", "null", "[object Object]"];
  const guesses = [...near, ...Array.from({ length: count }, () => randomBytes(32).toString("base64url"))];
  await inLanes(guesses, 16, async (guess) => {
    const status = await login(guess);
    tally.trial("a guessed token", status === 401 ? [] : [`${status} for ${guess}`]);
  });
}

/** A user of the machine who is not ours; tried where we may become somebody else. */
function otherUser(tally: Tally, { repository, home }: Site, port: number): void {
  const stateDir = join(repository.root, ".signalbox");
  const loose = readdirSync(stateDir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && (lstatSync(join(stateDir, entry.name)).mode & 0o077) !== 0)
    .map(({ name }) => `${name} may be read by others`);
  const mode = lstatSync(stateDir).mode & 0o777;
  tally.trial("modes", [...loose, ...(mode === 0o700 ? [] : [`the folder has mode ${mode.toString(8)}`])]);
  if (process.getuid?.() !== 0 || Bun.which("setpriv") === null) {
    tally.note = "another user was not tried: that takes root and setpriv";
    return;
  }
  for (const folder of [repository.root, home]) chmodSync(folder, 0o755);
  const run = (script: string) => {
    const argv = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "sh", "-c", script];
    const { stdout } = Bun.spawnSync(argv, { env: { PATH: process.env.PATH ?? "" }, cwd: "/" });
    return stdout.toString();
  };
  if (run("id -u").trim() !== String(nobody)) return tally.fail("Nobody else could be tried.");
  for (const name of [
    "",
    "token",
    "server.json",
    "signalbox.db",
    "signalbox.db-wal",
    "sessions.json",
    "label",
    "owner",
  ]) {
    const read = run(`cat '${stateDir}/${name}' 2>/dev/null; ls '${stateDir}/${name}' 2>/dev/null`);
    tally.trial(`another user reads ${name || "the folder"}`, read === "" ? [] : ["it can be read"]);
  }
  const claims = run(`find '${home}/.config' -type f 2>/dev/null | head -1 | xargs -r cat`);
  tally.trial("another user reads what is remembered", claims === "" ? [] : ["it can be read"]);
  const status = run(`curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:${port}/api/state`);
  tally.trial("another user asks", status === "401" || status === "" ? [] : [`answered ${status}`]);
}
