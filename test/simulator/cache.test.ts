/** Prompt-cache accounting: what is written, what is read, and that the parts sum to the whole. */
import { expect, test } from "bun:test";
import { CountRequest } from "../../src/simulator/messages-request.ts";
import { type InputUsage, inputTokens, PrefixCache } from "../../src/simulator/token-count.ts";

const cached = { cache_control: { type: "ephemeral" } };
const hour = { cache_control: { type: "ephemeral", ttl: "1h" } };
const block = (text: string, more: object = {}) => ({ type: "text", text, ...more });

interface Part {
  readonly model?: string;
  readonly system?: object;
  readonly texts: object[];
  readonly top?: object;
}

function request({ model = "sim", system = block("You are a worker."), texts, top = {} }: Part): CountRequest {
  const tools = [{ name: "read", input_schema: { type: "object" } }];
  const messages = texts.map((content) => ({ role: "user", content: [content] }));
  return CountRequest.parse({ model, system: [system], tools, messages, ...top });
}

function cache(minTokens = 0) {
  let nowMs = 1_000;
  const prefixes = new PrefixCache({ minTokens, now: () => nowMs });
  return {
    account: (part: Part) => prefixes.account(request(part)),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const sum = (usage: InputUsage) =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;

test("without breakpoints everything is plain input, and equals the count", () => {
  const part = { texts: [block("hello"), block("world")] };
  const usage = cache().account(part);
  expect(usage).toMatchObject({ cacheReadTokens: 0, cacheWrite5mTokens: 0 });
  expect(usage.inputTokens).toBe(inputTokens(request(part)));
});

test("a prefix is written once and read after that; only the rest is input", () => {
  const { account } = cache();
  const part = { system: block("You are a worker.", cached), texts: [block("hello")] };
  const first = account(part);
  const second = account({ ...part, texts: [block("another text")] });
  expect(first.cacheWrite5mTokens).toBeGreaterThan(0);
  expect(second).toMatchObject({ cacheReadTokens: first.cacheWrite5mTokens, cacheWrite5mTokens: 0 });
  expect(sum(second)).toBe(inputTokens(request({ ...part, texts: [block("another text")] })));
});

test("a conversation reads what it had and writes what it adds", () => {
  const { account } = cache();
  const first = account({ texts: [block("one", cached)] });
  const second = account({ texts: [block("one"), block("two", cached)] });
  expect(second.cacheReadTokens).toBe(first.cacheWrite5mTokens);
  expect(second.cacheWrite5mTokens).toBeGreaterThan(0);
  expect(second.inputTokens).toBe(3);
});

test("another model, another system prompt or another tool reads nothing", () => {
  const { account } = cache();
  const part = { texts: [block("one", cached)] };
  account(part);
  expect(account({ ...part, model: "other" }).cacheReadTokens).toBe(0);
  expect(account({ ...part, system: block("You are QA.") }).cacheReadTokens).toBe(0);
});

test("a time to live is its own column, and ends; a read renews it", () => {
  const { account, pass } = cache();
  const part = { system: block("You are a worker.", hour), texts: [block("one", cached)] };
  const first = account(part);
  expect(first.cacheWrite1hTokens).toBeGreaterThan(0);
  expect(first.cacheWrite5mTokens).toBeGreaterThan(0);
  pass(4 * 60_000);
  expect(account(part).cacheWrite5mTokens).toBe(0);
  pass(4 * 60_000);
  expect(account(part).cacheWrite5mTokens).toBe(0);
  pass(6 * 60_000);
  const late = account(part);
  expect(late).toMatchObject({
    cacheReadTokens: first.cacheWrite1hTokens,
    cacheWrite5mTokens: first.cacheWrite5mTokens,
  });
});

test("a mark at the top of the request caches up to the last block", () => {
  const { account } = cache();
  const part = { texts: [block("one")], top: cached };
  expect(account(part).inputTokens).toBe(3);
  expect(account(part).cacheReadTokens).toBe(inputTokens(request(part)) - 3);
});

test("a prefix that is too short is not cached", () => {
  const { account } = cache(1_024);
  const part = { texts: [block("one", cached)] };
  expect(account(part)).toEqual(account(part));
  expect(account(part).cacheReadTokens).toBe(0);
});
