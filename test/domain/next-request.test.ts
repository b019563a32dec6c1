/** The next request: choices reach it, nothing that the API needs is ever broken, and its parts are its whole. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { blockRef, type ContextChoice, exchangeRef, fileRef } from "../../src/domain/context-choice.ts";
import { fileSections } from "../../src/domain/file-section.ts";
import { type Block, Message } from "../../src/domain/message-block.ts";
import { nextRequest, type RequestSource } from "../../src/domain/next-request.ts";
import { requestParts } from "../../src/domain/request-part.ts";
import { known } from "../support/given.ts";
import { context, conversation, source, text, ticketWords } from "./random-conversation.ts";

const long = "some words of a file\n".repeat(200);

function exchange(id: string, body: string, words?: string): Message[] {
  return Message.array().parse([
    {
      role: "assistant",
      content: [text(`I read ${id}.`), { type: "tool_use", id, name: "read", input: { file_path: id } }],
    },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: id, content: body }, ...(words === undefined ? [] : [text(words)])],
    },
  ]);
}

const first: Message = { role: "user", content: [text(context), text(ticketWords)] };
const messages = [first, ...exchange("a", long), ...exchange("b", long), ...exchange("c", long)];

function request(changes: Partial<RequestSource>) {
  return nextRequest({
    model: "m",
    maxTokens: 100,
    system: "You work.",
    tools: [],
    messages,
    ownWords: [0],
    choices: [],
    limitTokens: 1_000_000,
    ...changes,
  });
}

function block(messageIndex: number, blockIndex: number): Block {
  return known(messages[messageIndex]?.content[blockIndex], "block");
}

function choose(choice: ContextChoice["choice"], messageIndex: number, blockIndex?: number): ContextChoice {
  const ref =
    blockIndex === undefined
      ? exchangeRef(messages, messageIndex)
      : blockRef(messageIndex, blockIndex, block(messageIndex, blockIndex));
  return { ref, choice };
}

describe("a person's choice", () => {
  test("evicts a tool result and leaves a stub, because its call stays", () => {
    const sent = request({ choices: [choose("evicted", 2, 0)] }).messages;
    expect(sent[1]).toEqual(known(messages[1], "message"));
    expect(sent[2]?.content).toEqual([
      {
        type: "tool_result",
        tool_use_id: "a",
        content: "[taken out by a person: 4200 characters.] Call the tool again if you need it.",
      },
    ]);
  });

  test("evicts an exchange with the call and its result, but not what the program said in it", () => {
    const nudged = [first, ...exchange("a", long, "and mind this"), ...exchange("b", long)];
    const choices = [{ ref: exchangeRef(nudged, 1), choice: "evicted" as const }];
    const sent = request({ messages: nudged, choices }).messages;
    expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(sent[0]?.content).toEqual([...first.content, text("and mind this")]);
  });

  test("evicts a file of the first message and leaves its name", () => {
    const [section] = fileSections(context);
    const choices = [{ ref: fileRef(0, 0, known(section, "section")), choice: "evicted" as const }];
    const [files, ticket] = request({ choices }).messages[0]?.content ?? [];
    expect(files?.text).toContain('<file path="src/a.ts" view="raw">\n[taken out by a person:');
    expect(files?.text).toContain("function b();");
    expect(files?.text).not.toContain("const a = 1;");
    expect(ticket).toEqual(text(ticketWords));
  });

  test("never evicts the ticket's own words, a call by itself, or a thought by itself", () => {
    const choices = [choose("evicted", 0, 1), choose("evicted", 1, 1)];
    expect(request({ choices }).messages).toEqual(messages);
  });

  test("never evicts what the agent was prompted with last", () => {
    const prompted = [...messages, ...exchange("d", "Recorded.", "Review T-002.")];
    const ref = blockRef(8, 1, text("Review T-002."));
    const sent = request({
      messages: prompted,
      ownWords: [0, 8],
      choices: [{ ref, choice: "evicted" }],
      limitTokens: 1,
    });
    expect(sent.messages.at(-1)?.content).toContainEqual(text("Review T-002."));
  });

  test("pins a result through any trim, with its call", () => {
    const sent = request({ choices: [choose("pinned", 2, 0)], limitTokens: 1 }).messages;
    expect(sent[1]).toEqual(known(messages[1], "message"));
    expect(sent[2]).toEqual(known(messages[2], "message"));
    expect(JSON.stringify(sent)).not.toContain('"b"');
  });

  test("is of no effect on a piece that came in its place", () => {
    const { ref, choice } = choose("evicted", 1, 0);
    expect(request({ choices: [{ ref: { ...ref, hash: "0".repeat(16) }, choice }] }).messages).toEqual(messages);
  });

  test("holds for the result of a call that was made again and says something else", () => {
    const again = [...messages.slice(0, 2), ...exchange("a", "other").slice(1)];
    const sent = request({ messages: again, choices: [choose("evicted", 2, 0)] }).messages;
    expect(JSON.stringify(sent)).toContain("taken out by a person");
  });
});

test("of any conversation, any choices and any limit: calls stay beside their results, roles take turns, the ticket stays", () => {
  fc.assert(
    fc.property(source, (given) => {
      const before = structuredClone(given.messages);
      const { messages: sent } = nextRequest(given);
      expect(given.messages).toEqual(before);
      expect(sent[0]?.content.at(1)).toEqual(text(ticketWords));
      expect(sent.at(-1)?.role).toBe("user");
      for (const [index, message] of sent.entries()) {
        expect(message.role).toBe(index % 2 === 0 ? "user" : "assistant");
        expect(message.content.some(({ type }) => type !== "thinking")).toBe(true);
        expect(ids(sent[index + 1], "tool_result", "tool_use_id")).toEqual(ids(message, "tool_use", "id"));
      }
    }),
    { numRuns: 500 },
  );
});

test("of any conversation and any limit, what is pinned is sent whole", () => {
  fc.assert(
    fc.property(source, (given) => {
      const choices = given.choices.filter(({ choice }) => choice === "pinned");
      const sent = nextRequest({ ...given, choices }).messages.flatMap(({ content }) => content);
      for (const { ref } of choices) {
        const message = given.messages[ref.messageIndex];
        const pinned =
          ref.blockIndex === undefined ? message?.content : message?.content.slice(ref.blockIndex, ref.blockIndex + 1);
        for (const each of pinned ?? []) expect(sent).toContainEqual(each);
      }
    }),
    { numRuns: 300 },
  );
});

test("of any conversation the parts are whole numbers, and none is lost", () => {
  fc.assert(
    fc.property(conversation, (all) => {
      const made = request({ messages: all });
      const parts = requestParts({ system: "You work.", tools: [] }, made);
      const kinds = new Set(all.flatMap(({ content }) => content.map(({ type }) => type)));
      expect(Object.values(parts).every((tokens) => Number.isSafeInteger(tokens) && tokens > 0)).toBe(true);
      expect(parts["tool calls"] !== undefined).toBe(kinds.has("tool_use"));
      expect(parts.thinking !== undefined).toBe(kinds.has("thinking"));
      expect(Object.keys(parts)).toContain("raw files");
      expect(Object.keys(parts)).toContain("skeletons");
    }),
  );
});

function ids(message: Message | undefined, type: string, field: string): string[] {
  return (message?.content ?? []).flatMap((each) => (each.type === type ? [String(each[field])] : []));
}
