/** Cassettes: what a file must hold, which requests are the same, and what is said of one that is not there. */
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { CassetteError } from "../../src/simulator/cassette.ts";
import { CassetteDesk } from "../../src/simulator/cassette-desk.ts";
import { CassettePlayer, missWords, type Sender } from "../../src/simulator/cassette-player.ts";
import { readTape } from "../../src/simulator/cassette-tape.ts";
import { requestDifference } from "../../src/simulator/request-difference.ts";
import { RequestForms } from "../../src/simulator/request-form.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { normalText, renaming } from "../../src/simulator/volatile.ts";

const text = await Bun.file(join(import.meta.dir, "../cassettes/two-tracks.jsonl")).text();
const lines = text.trimEnd().split("\n");
const tape = readTape(text, "two-tracks.jsonl");
const forms = new RequestForms();

describe("a cassette's file", () => {
  const faultOf = (changed: readonly string[]) => {
    try {
      readTape(`${changed.join("\n")}\n`, "x.jsonl");
      return null;
    } catch (error) {
      return error instanceof CassetteError ? error.message : String(error);
    }
  };

  test("is refused with its line and what was found there", () => {
    expect(faultOf(["{"])).toStartWith('Cannot play x.jsonl, line 1: it is not JSON, and begins with "{"');
    expect(faultOf([])).toContain("its first line is not there");
    expect(faultOf(lines.slice(1))).toContain('its first line is a "work" line');
    expect(faultOf(['{"type":"cassette","version":2}'])).toContain("line 1: it has the version 2");
    expect(faultOf([...lines.slice(0, 2), '{"type":"song"}'])).toContain(
      'line 3: its type is "song"; allowed is cassette',
    );
    expect(faultOf([...lines.slice(0, 2), '{"type":"command","subject":7}'])).toContain(
      'line 3: field subject of this "command" line',
    );
  });

  test("is refused where an exchange goes on from one that is not there", () => {
    const [first, ...rest] = lines.filter((line) => line.includes('"type":"exchange"'));
    const withoutFirst = lines.filter((line) => line !== first);
    expect(rest.length).toBeGreaterThan(1);
    const later = withoutFirst.map((line) =>
      line.replace('"after":1,', '"after":999,').replace('"after":null,', '"after":998,'),
    );
    expect(faultOf(later)).toContain("there is no exchange 99");
    expect(faultOf(lines.map((line) => line.replace(/"keep":[1-9]\d*/, '"keep":99')))).toContain(
      "it keeps 99 messages",
    );
  });

  test("that a crash has torn is read up to its last whole line, and says so", () => {
    const torn = readTape(text.slice(0, -30), "x.jsonl");
    expect(torn.exchanges.length).toBe(tape.exchanges.length);
    expect(torn.notes.join(" ")).toContain("torn");
    expect(tape.notes).toEqual([]);
  });

  test("names for each request the hash that its parts have", () => {
    const told = lines.flatMap((line) => /"hash":"([0-9a-f]{64})"/.exec(line)?.[1] ?? []);
    expect(tape.exchanges.map(({ form }) => form.hash)).toEqual(told);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe("two texts are one", () => {
  const same: readonly (readonly [string, string])[] = [
    ["of alpha_20261128 at 0b1a693", "of alpha_20270101 at c0ffee1"],
    ["Ticket T-001 of E-001", "Ticket T-014 of E-003"],
    ["3 pass [12.00ms], ran in 0.03s", "3 pass [7.51ms], ran in 1.2s"],
    ["Sat Nov 28 08:35:24 UTC 2026", "Mon Nov 30 10:00:01 UTC 2026"],
    ["total 8\n-rw-r--r-- 1 me me 61 Nov 28 08:35 .git", "total 12\n-rw-rw-r-- 1 you us 68 Dec  1 2025 .git"],
    ["real\t0m0.123s", "real\t1m2.5s"],
    ["at 2026-11-28T08:35:24.123Z", "at 2027-01-01T00:00:00Z"],
    ["http://127.0.0.1:4711/a in /tmp/x-1/b", "http://127.0.0.1:80/a in /tmp/y/b"],
    ["# Other tracks of this project\n\n- a_20261128 [planning] A", "# Other tracks of this project\n\nNone."],
  ];
  test.each(same)("%p, %p", (one, other) => {
    expect(normalText(one).text).toBe(normalText(other).text);
  });

  test("only where nothing else differs", () => {
    for (const [one, other] of [
      ["version 12", "version 13"],
      ["src/a.ts", "src/b.ts"],
      ["red", "green"],
      ["100 lines", "200 lines"],
    ] as const)
      expect(normalText(one).text).not.toBe(normalText(other).text);
  });

  test("and what is said of one is said of the other in its own names", () => {
    const rename = renaming(["T-003", "_20261128".slice(1), "0b1a693"], ["T-001", "20270101", "c0ffee1"]);
    expect(rename("git show 0b1a693 of T-003, not T-004")).toBe("git show c0ffee1 of T-001, not T-004");
    expect(rename("conductor/tracks/alpha_20261128/plan.md")).toBe("conductor/tracks/alpha_20270101/plan.md");
  });
});

describe("a player", () => {
  const workers = tape.exchanges.filter(({ role }) => role === "worker");

  test("finds answers in any order, each once", () => {
    const player = new CassettePlayer(tape);
    for (const exchange of workers.toReversed()) {
      const answered = player.answer(exchange.request, null, "worker");
      expect(answered.kind === "found" && answered.exchange.form.hash).toBe(exchange.form.hash);
    }
    expect(player.answer(workers[0]?.request, null, "worker").kind).toBe("missing");
    expect(player.unused.map(({ role }) => role)).not.toContain("worker");
  });

  test("answers the recording of another day, of other tickets and of another folder in the names of this one", () => {
    const told = JSON.stringify(workers[0]?.request)
      .replaceAll("T-001", "T-041")
      .replaceAll("/signalbox/project", "/home/ada/words");
    const answered = new CassettePlayer(tape, { folder: "/home/ada/words" }).answer(JSON.parse(told), null, "worker");
    expect(answered.kind).toBe("found");
    const other = JSON.parse(told.replace("Write the word", "Write the phrase"));
    expect(new CassettePlayer(tape).answer(other, null, "worker").kind).toBe("missing");
  });

  test("says of a request that is not there whose it is, which part differs, and how", () => {
    const first = workers[0];
    const body = JSON.parse(JSON.stringify(first?.request).replace("into its file.", "into its own file."));
    const sender: Sender = { agentId: "A-1", role: "worker", stream: first?.stream ?? "", attempt: 1, turn: 1 };
    const answered = new CassettePlayer(tape).answer(body, sender, "worker");
    if (answered.kind !== "missing") throw new Error("it was found");
    const words = missWords(answered.miss, tape.source);
    expect(words).toStartWith(`The request of ${first?.stream}, turn 1, differs from the recorded one`);
    expect(words).toContain("in message 1 (user), block");
    expect(words).toMatch(/ {4}-Write the word \w+ into its file\.\n {4}\+Write the word \w+ into its own file\./);
  });

  test("shows of a long line the place in which it differs", () => {
    const { messages, ...rest } = workers[1]?.request ?? { model: "", messages: [] };
    const long = (word: string) => ({
      ...rest,
      messages: [{ role: "user", content: `${"a ".repeat(300)}${word} and more` }],
    });
    const difference = requestDifference(forms.of(long("red")), forms.of(long("green")));
    expect(messages.length).toBeGreaterThan(0);
    expect(difference?.lines.map((line) => line.replaceAll("a ", ""))).toEqual([
      "-… red and more",
      "+… green and more",
    ]);
  });

  test("takes another model, another tool or another prompt for another request", () => {
    const request = workers[0]?.request;
    if (!request) throw new Error("there is no worker");
    const tools = (request.tools ?? []).slice(1);
    const hashes = [
      request,
      { ...request, model: "other" },
      { ...request, tools },
      { ...request, system: "Be brief." },
    ];
    expect(new Set(hashes.map((each) => forms.of(each).hash)).size).toBe(4);
  });
});

describe("a simulator with a cassette", () => {
  let simulator: Simulator | null = null;
  afterAll(async () => await simulator?.stop());

  async function client(): Promise<Anthropic> {
    simulator ??= await startSimulator({ cassette: new CassetteDesk(new CassettePlayer(tape, { isRepeating: true })) });
    return new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
  }

  test("answers any client, streaming or not, as often as it asks", async () => {
    const { messages } = await client();
    const { request, response } = tape.exchanges[0] ?? {};
    const body = { max_tokens: 1000, ...request } as unknown as Anthropic.MessageCreateParamsNonStreaming; // As it was sent.
    const [whole, streamed, again] = [
      await messages.create(body),
      await messages.stream(body).finalMessage(),
      await messages.create(body),
    ];
    const content = response?.kind === "message" ? response.content : [];
    for (const message of [whole, streamed, again]) expect(message.content).toMatchObject(content);
    expect(streamed.usage).toMatchObject({ output_tokens: whole.usage.output_tokens });
  });

  test("answers what it does not hold with a 404 that names what is nearest", async () => {
    const { messages } = await client();
    const asked = messages.create({ model: "one", max_tokens: 10, messages: [{ role: "user", content: "Hello" }] });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: 404,
      message: expect.stringContaining("differs from the recorded one (Tier 4 (QA)"),
    });
  });

  test("counts no request that was not counted", async () => {
    const { messages } = await client();
    const counted = messages.countTokens({ model: "one", messages: [{ role: "user", content: "Hello" }] });
    expect(await counted.catch((thrown: unknown) => thrown)).toMatchObject({ status: 404 });
  });
});
