/**
 * The keys and tokens of a run, looked for in everything that leaves the program. First the redactor alone: each format in each
 * form, at each split. Then the binary: a worker that prints the key in every way that a shell has, a provider that echoes it
 * in errors and headers, and every sink read to the last byte. It fails when one sink is not redacted, when a child is given
 * a key, or when ordinary code is changed; and when the key never came near a sink.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeRedactor, type Redactor, secretMark } from "../../src/domain/redactor.ts";
import { makeSite, type Site } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import type { Ask, Reply } from "../support/foreign-provider.ts";
import { sourceFiles } from "../support/source-text.ts";
import { type Proof, type Tally, within } from "./proof.ts";

const boundMs = 60_000;
const digits = "a1B2c3D4e5F6g7H8j9K0";

/** What keys and tokens look like, by who gives them out. Put together here, so that no scanner takes this file for a leak. */
const formats: Readonly<Record<string, string>> = {
  anthropic: `sk-ant-api03-${digits}-${digits}AA`,
  "anthropic, admin": `sk-ant-admin01-${digits}_${digits}`,
  "openai project": `sk-proj-${digits}${digits}`,
  openai: `sk-${digits}${digits}`,
  "github classic": `ghp_${digits}${digits.slice(4)}`,
  "github oauth": `gho_${digits}${digits.slice(4)}`,
  "github app": `ghs_${digits}${digits.slice(4)}`,
  "github fine-grained": `github_pat_${digits}_${digits}${digits}`,
  aws: `AKIA${"A1B2".repeat(4)}`,
  "slack bot": `xoxb-${"123456-".repeat(4)}${digits}`,
  "slack user": `xoxp-${"123456-".repeat(4)}${digits}`,
  jwt: `eyJ${"hbGci".repeat(4)}.eyJ${"zdWIi".repeat(4)}.${"s1G_-".repeat(6)}`,
  "hexadecimal digits": "0123456789abcdef".repeat(4),
  uuid: "0f8fad5b-d9cb-469f-a165-70867728950e",
  base64: "q83vEjRWeJq83vEjRWeJq83vEjRWeA==",
  base64url: "q83vEjRWeJq83v-jRWeJq83v_jRWeA",
  "with quotes": `p"a'ss\\w${digits}`,
  "with markup": `<b>&${digits};</b>`,
  "with blanks": `correct horse ${digits} staple`,
  "with other letters": `schlüssel-ключ-${digits}`,
  "an address": `https://user:${digits}@host.example/path`,
  "a line of a key file": `MIIEvQIBADANBgkqhkiG9w0BAQEF${digits}`,
};

/** How a value comes out of a program. */
const forms: Readonly<Record<string, (value: string) => string>> = {
  raw: (value) => value,
  "base64, 1st way": (value) => Buffer.from(`${value}\nabc`).toString("base64"),
  "base64, 2nd way": (value) => Buffer.from(`x${value}\nabc`).toString("base64"),
  "base64, 3rd way": (value) => Buffer.from(`xy${value}\nabc`).toString("base64"),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  "base64, wrapped": (value) =>
    Buffer.from(value)
      .toString("base64")
      .replace(/.{20}(?=.)/g, "$&\n"),
  "URL-encoded": encodeURIComponent,
  "in JSON": (value) => JSON.stringify({ key: value }),
  "in HTML": Bun.escapeHTML,
  hexadecimal: (value) => Buffer.from(value).toString("hex"),
  "a file name": (value) => `open /tmp/${encodeURIComponent(value)}.txt: no such file`,
  "a stack trace": (value) => `Error: bad key ${value}\n    at main (/src/${value}.ts:1:1)`,
  "a header": (value) => `authorization: Bearer ${value}\r\nx-api-key: ${value}\r\n`,
};

export const secrets: Proof = {
  name: "secrets",
  promise: "Keys and tokens reach no log, event, request, page, child process or output, in whatever form or pieces.",
  async prove(tally, { isLong }) {
    for (const [name, secret] of Object.entries(formats)) redactorOf(tally, name, secret, isLong);
    ordinaryCode(tally);
    const keys = isLong ? Object.keys(formats) : ["anthropic", "base64"];
    for (const name of keys) if (!/blanks|letters/.test(name)) await throughTheBinary(tally, formats[name] ?? "");
    tally.note = `${Object.keys(formats).length} formats, ${Object.keys(forms).length} forms`;
  },
};

/** Splits at each place (a sample of them in the short form), and the whole. */
function redactorOf(tally: Tally, name: string, secret: string, isLong: boolean): void {
  const redactor = makeRedactor([secret]);
  for (const [form, make] of Object.entries(forms)) {
    const text = make(secret);
    tally.trial(`${name}, ${form}: json`, leftIn(redactor.json({ a: [text] }).a.join(), secret));
    tally.trial(`${name}, ${form}: text`, leftIn(redactor.text(text), secret));
    for (let at = 1; at < text.length; at += isLong ? 1 : 7) {
      const shown = streamed(redactor, [text.slice(0, at), text.slice(at)]);
      tally.trial(`${name}, ${form}: split at ${at}`, leftIn(shown, secret));
    }
  }
}

function streamed(redactor: Redactor, pieces: readonly string[]): string {
  const stream = redactor.redactingStream();
  return pieces.map((piece) => stream.push(piece)).join("") + stream.flush();
}

/** What gives the secret away: any form of it, and the absence of the mark that shows that something was found. */
function leftIn(shown: string, secret: string): string[] {
  const seen = Object.entries(needles(secret)).filter(([, needle]) => shown.includes(needle));
  return [
    ...seen.map(([form]) => `${form} of it is there`),
    ...(shown.includes(secretMark) ? [] : ["nothing was found"]),
  ];
}

/** Enough of each form to know the secret by; computed here anew. */
function needles(secret: string): Readonly<Record<string, string>> {
  const shifted = (shift: number) => Buffer.from("xyz".slice(0, shift) + secret).toString("base64");
  return {
    "the value": secret.slice(0, -1),
    base64: shifted(0).slice(0, 16),
    "base64, shifted by one": shifted(1).slice(4, 20),
    "base64, shifted by two": shifted(2).slice(4, 20),
    "the URL form": encodeURIComponent(secret).slice(0, -1),
    "the digits": Buffer.from(secret).toString("hex").slice(0, -2),
  };
}

/** This repository's own sources: what only looks like a secret stays. */
function ordinaryCode(tally: Tally): void {
  const lines = sourceFiles().flatMap(({ lines }) => lines);
  const redactor = makeRedactor([formats.anthropic ?? ""]);
  const wrong = lines.filter((line) => redactor.text(line) !== line);
  const isRare = lines.length >= 10_000 && wrong.length < lines.length / 1000;
  tally.trial(`${lines.length} lines of code`, isRare ? [] : [`${wrong.length} were changed: ${wrong[0] ?? ""}`]);
}

const spill = [
  "cat settings.txt; cat settings.txt >&2; base64 settings.txt; xxd -p settings.txt 2>/dev/null",
  'k=$(cut -d= -f2- settings.txt); echo "Error: $k" >&2; touch "copy-$(echo "$k" | tr / _)"; ls; cat "no/such/$k"',
  "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' '",
];

async function throughTheBinary(tally: Tally, key: string): Promise<void> {
  let token = "";
  let errorCount = 0;
  const worker = (ask: Ask): Reply | undefined => {
    if (ask.turn === 1 && errorCount++ === 0)
      return { status: 529, words: `overloaded: ${key} ${token}`, headers: { "x-echo": key, "retry-after": "0" } };
    const command = spill[ask.turn];
    if (command !== undefined) return call("bash", { command }, `The key is ${key}, the token ${token}. `);
    if (ask.turn === spill.length) return call("read", { file_path: "settings.txt" }, btoa(`${key} ${token}`));
    return undefined;
  };
  const plan = [trackPlan("alpha", [ticketPlan("ant")])];
  const site = await makeSite(crew(plan, { worker: (ask) => worker(ask) ?? { text: `Done with ${key}.` } }), {
    config: { gates: 'level = "all"', verify: 'command = "cat settings.txt; exit 0"', workers: "retries = 0" },
    files: { "settings.txt": `key=${key}\n` },
  });
  const started = {
    ...site,
    start: (args: readonly string[]) => site.start(args, { env: { ANTHROPIC_API_KEY: key } }),
  };
  const served = await Served.start(started);
  token = served.token;
  const children = new ChildWatch(served.process.pid, [key, token]);
  try {
    const sinks = await sinksOf(site, served);
    const isTried = site.provider.answered.some(({ ask }) => ask.body.includes(secretMark)) && errorCount > 0;
    if (!isTried) tally.fail("The key never came near a sink: nothing was tried.");
    tally.trial("processes below ours", children.stop());
    for (const [sink, text] of Object.entries(sinks.texts))
      for (const secret of [key, token, ...sinks.login])
        tally.trial(`${secret.slice(0, 9)}… in ${sink}`, seenIn(text, secret));
  } finally {
    children.stop();
    served.process.kill("SIGKILL");
    await served.process.finished;
  }
}

function seenIn(text: string, secret: string): string[] {
  return Object.entries(needles(secret)).flatMap(([form, needle]) =>
    text.includes(needle) ? [`${form} of it is there`] : [],
  );
}

/** Runs a goal to its end, and reads whatever can be read of it; also the login of the page, whose secrets belong nowhere. */
async function sinksOf(site: Site, served: Served) {
  const feed = await served.feed();
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  await within(
    feed.event(({ type }) => /^ticket\.(completed|blocked)$/.test(type)),
    boundMs,
  );
  const login = await logIn(served);
  const paths = ["/", "/tickets/T-001", "/streams", "/gates", "/usage", "/context", "/comms", "/events", "/settings"];
  const pages = await Promise.all(
    paths.map(async (path) => (await fetch(`${served.listening.apiUrl}${path}`, { headers: login.headers })).text()),
  );
  const api = ["/api/state", "/api/streams", "/api/events?after=0", "/api/gates", "/api/usage", "/api/comms?full=1"];
  const answers = await Promise.all(api.map((path) => served.get(path)));
  const looks = await Promise.all(
    [["comms", "--full"], ["log"], ["status"], ["usage"]].map((args) => site.run([...args, "--json"])),
  );
  await feed.close();
  served.process.kill("SIGTERM");
  const ended = await served.process.finished;
  const live = pages.join("\n").replaceAll(login.headerToken, "");
  return {
    login: [login.loginToken, login.session, login.headerToken],
    texts: {
      pages: live,
      api: JSON.stringify(answers),
      stream: JSON.stringify(feed.frames) + feed.deltas.map(({ text }) => text).join(""),
      requests: site.provider.answered.map(({ ask }) => ask.body).join("\n"),
      looks: looks.map(({ out, err }) => out + err).join("\n"),
      output: ended.err + ended.out.split("\n").slice(1).join("\n"),
      state: stateBytes(join(site.repository.root, ".signalbox")),
    },
  };
}

async function logIn({ listening }: Served) {
  const { host, hash } = new URL(listening.url);
  const loginToken = hash.slice("#k=".length);
  const answer = await fetch(new URL("/login", listening.apiUrl), {
    method: "POST",
    headers: { host, "content-type": "application/json" },
    body: JSON.stringify({ token: loginToken }),
  });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await (await fetch(listening.apiUrl, { headers: { host, cookie } })).text();
  const headerToken = /name="signalbox-token" content="([^"]+)"/.exec(page)?.[1] ?? "";
  if (cookie === "" || headerToken === "") throw new Error(`There is no login: ${answer.status}`);
  return { loginToken, session: cookie.split("=")[1] ?? "", headerToken, headers: { host, cookie } };
}

/** Every file of the state folder but the worktrees, whose files are the agents' own work; the API token's file has ended. */
function stateBytes(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("worktrees"))
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), "latin1")}`)
    .join("\n");
}

/** Looks, as often as it can, at arguments and environment of whatever runs below a process. */
class ChildWatch {
  readonly #seen = new Set<string>();
  readonly #timer: Timer;

  constructor(pid: number, secretsKept: readonly string[]) {
    this.#timer = setInterval(() => this.#look(pid, secretsKept), 20);
  }

  stop(): string[] {
    clearInterval(this.#timer);
    return [...this.#seen];
  }

  #look(pid: number, secretsKept: readonly string[]): void {
    const own = procText(`/proc/${pid}/cmdline`);
    const note = (what: string, text: string) => {
      if (secretsKept.some((secret) => text.includes(secret))) this.#seen.add(`${what} hold it`);
    };
    note("our arguments", own);
    const children = descendants(pid).slice(1);
    // What a command's own programs are called with comes out of the repository's files; what we start does not.
    for (const child of childrenOf(pid)) note("a child's arguments", procText(`/proc/${child}/cmdline`));
    for (const child of children) {
      // Between fork and exec a child still has its parent's memory, environment and arguments: it is not another program yet.
      if (procText(`/proc/${child}/cmdline`) !== own) note("a child's variables", procText(`/proc/${child}/environ`));
    }
  }
}

function childrenOf(pid: number): number[] {
  return procText(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

function descendants(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(descendants)];
}

/** Empty for a process that is gone. */
function procText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
