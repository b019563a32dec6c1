/** Secrets are replaced in every form and at every split, and what only looks like code is left as it is. */
import { describe, expect, test } from "bun:test";
import { makeRedactor } from "../../src/domain/redactor.ts";
import { sourceFiles } from "../support/source-text.ts";

const key = "sk-ant-api03-Qm9x/7+Zz_R4t-K8vLw2NnE5";
const token = 'ab "cd"&ef=0123456789?\\';
const redactor = makeRedactor([key, token]);

const forms: readonly (readonly [string, (value: string) => string])[] = [
  ["raw", (value) => value],
  ["base64", (value) => btoa(value)],
  ["base64 without padding", (value) => btoa(value).replace(/=+$/, "")],
  ["base64url", (value) => Buffer.from(value).toString("base64url")],
  ["URL-encoded", (value) => encodeURIComponent(value)],
  ["URL-encoded in small letters", (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase())],
  ["hexadecimal", (value) => Buffer.from(value).toString("hex")],
  ["hexadecimal in capitals", (value) => Buffer.from(value).toString("hex").toUpperCase()],
  ["escaped as in JSON", (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", "\\/")],
  ["escaped as in HTML", (value) => Bun.escapeHTML(value)],
  ["wrapped at 10", (value) => value.replace(/.{10}(?=.)/g, "$&\n")],
  ["base64 wrapped at 20", (value) => btoa(value).replace(/.{20}(?=.)/g, "$&\r\n")],
];

function streamed(pieces: readonly string[]): string {
  const stream = redactor.redactingStream();
  return pieces.map((piece) => stream.push(piece)).join("") + stream.flush();
}

describe.each([
  ["a key", key],
  ["a token with other characters", token],
])("%s", (_name, secret) => {
  test.each(forms)("%s is replaced, and nothing around it", (_form, encode) => {
    const text = `before "${encode(secret)}" after`;
    expect(redactor.json(text)).toBe('before "[secret]" after');
    expect(redactor.text(text)).toBe('before "[secret]" after');
  });

  test.each(forms)("%s is caught wherever it is split", (_form, encode) => {
    const text = `x${encode(secret)}!`;
    for (let at = 0; at <= text.length; at += 1)
      expect(streamed([text.slice(0, at), text.slice(at)])).toBe("x[secret]!");
    expect(streamed([...text])).toBe("x[secret]!");
  });

  test("inside a larger text that was encoded as a whole leaves nothing to decode", () => {
    for (let shift = 0; shift < 6; shift += 1) {
      const encoded = btoa(`${"p".repeat(shift)}${secret}\nHOME=/root`);
      const shown = redactor.json(encoded);
      expect(shown).toContain("[secret]");
      const left = shown.split("[secret]").map((part) => atob(part.slice(0, part.length - (part.length % 4))));
      expect(left.some((part) => part.includes(secret.slice(0, 6)) || part.includes(secret.slice(-6)))).toBe(false);
    }
  });
});

test("keys and values of plain data are redacted; data without a secret is the same object", () => {
  const data: unknown = { [key]: [{ text: `a ${key}` }, 1, null] };
  expect(redactor.json(data)).toEqual({ "[secret]": [{ text: "a [secret]" }, 1, null] });
  const plain = { list: ["a", { b: undefined }], n: 1 };
  expect(redactor.json(plain)).toBe(plain);
});

test("of two secrets that begin alike the longer one is replaced whole, also in pieces", () => {
  const both = makeRedactor(["abcd1234", "abcd1234efgh5678"]);
  expect(both.json("abcd1234efgh5678 abcd1234")).toBe("[secret] [secret]");
  const stream = both.redactingStream();
  expect(stream.push("abcd1234") + stream.push("efgh5678 abcd1234x") + stream.flush()).toBe("[secret] [secret]x");
});

test("a value of fewer than 8 characters is left alone", () => {
  expect(makeRedactor(["", "key", "1234567"]).json("key 1234567")).toBe("key 1234567");
});

test("a stream holds back nothing but what may be a secret's beginning", () => {
  const stream = redactor.redactingStream();
  expect(stream.push("Hello sk-a")).toBe("Hello ");
  expect(stream.push("gain")).toBe("sk-again");
  expect(stream.push("the end: sk-ant")).toBe("the end: ");
  expect(stream.flush()).toBe("sk-ant");
  expect(stream.flush()).toBe("");
});

const armour = (name: string) => `-----${name} OPENSSH PRIVATE KEY-----`;
const lookalikes: readonly (readonly [string, string])[] = [
  ["Anthropic", `sk-ant-${"a1B2".repeat(6)}`],
  ["others of that kind", `sk-proj-${"a1B2".repeat(6)}`],
  ["GitHub", `ghp_${"a1B2".repeat(9)}`],
  ["GitHub, for apps", `gho_${"a1B2".repeat(9)}`],
  ["GitHub, fine-grained", `github_pat_${"a1B2_".repeat(9)}`],
  ["AWS", `AKIA${"A1B2".repeat(4)}`],
  ["Slack", `xoxb-${"123456-".repeat(4)}abc`],
  ["JWT", `eyJ${"hbGci".repeat(4)}.eyJ${"zdWIi".repeat(4)}.${"s1G_-".repeat(6)}`],
  ["PEM", `${armour("BEGIN")}\n${`${"b3Bl".repeat(16)}\n`.repeat(5)}${armour("END")}`],
  ["PEM without its end", `${armour("BEGIN")}\n${"b3Bl".repeat(16)}`],
];

test.each(lookalikes)("words to people hold nothing that looks like a secret: %s", (_name, secret) => {
  for (const [before, after] of [
    ["", ""],
    ["KEY=", "\n"],
    ['{"a":"x\\n', '"}'],
    ["(", ")"],
  ] as const)
    expect(redactor.text(`${before}${secret}${after}`)).toBe(`${before}[secret]${after}`);
  expect(redactor.json(secret)).toBe(secret);
});

test("an address keeps its host and loses its login", () => {
  expect(redactor.text("git clone https://me:pass1@host/x.git")).toBe("git clone https://[secret]@host/x.git");
});

test("fewer than one in a thousand lines of ordinary code are taken for a secret", () => {
  const lines = sourceFiles()
    .filter(({ path }) => path !== "test/domain/redactor.test.ts")
    .flatMap((file) => file.lines);
  expect(lines.length).toBeGreaterThan(10_000);
  const wrong = lines.filter((line) => redactor.text(line) !== line);
  expect(wrong.length / lines.length).toBeLessThan(0.001);
});

test("a delta without a secret costs less than a microsecond", () => {
  const pieces = Array.from({ length: 1_000 }, (_, index) => ` const value${index} = call(`);
  const cost = () => {
    const stream = redactor.redactingStream();
    const from = performance.now();
    for (const piece of pieces) stream.push(piece);
    return ((performance.now() - from) * 1000) / pieces.length;
  };
  // The best of many rounds, each shorter than what a busy machine gives at once: what else it does is not our cost.
  expect(Math.min(...Array.from({ length: 400 }, cost))).toBeLessThan(1);
});
