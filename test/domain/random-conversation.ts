/** Random conversations of an agent, as the log holds them, with choices about them: what the rules on contexts must hold for. */
import fc from "fast-check";
import { blockRef, type ContextChoice, exchangeRef, fileRef } from "../../src/domain/context-choice.ts";
import { fileSections } from "../../src/domain/file-section.ts";
import { type Block, Message, textOf } from "../../src/domain/message-block.ts";
import type { RequestSource } from "../../src/domain/next-request.ts";

const body = fc.integer({ min: 0, max: 400 }).map((count) => "word ".repeat(count));

export const ticketWords = "# Ticket T-001: say hello\n\nWrite it.";
export const context =
  '# Target files\n\n<file path="src/a.ts" view="raw">\nconst a = 1;\n</file>\n<file path="src/b.ts" view="skeleton">\nfunction b();\n</file>';

const turn = fc.record({
  results: fc.array(body, { maxLength: 3 }),
  text: fc.option(body),
  hasThought: fc.boolean(),
  words: fc.option(body),
});

/** A conversation that begins with a ticket and ends in words to the model. */
export const conversation = fc.array(turn, { maxLength: 10 }).map((turns) => {
  const messages: unknown[] = [{ role: "user", content: [text(context), text(ticketWords)] }];
  for (const [at, { results, text: said, hasThought, words }] of turns.entries()) {
    const ids = results.map((_, index) => `${at}/${index}`);
    const calls = ids.map((id): Block => ({ type: "tool_use", id, name: "read", input: { file_path: id } }));
    const thought = hasThought ? [{ type: "thinking", thinking: "hm", signature: "s" }] : [];
    const saying = said === null && calls.length > 0 ? [] : [text(said || "so")];
    messages.push({ role: "assistant", content: [...thought, ...saying, ...calls] });
    const answers = ids.map((id, index) => ({ type: "tool_result", tool_use_id: id, content: results[index] ?? "" }));
    const told = words === null && answers.length > 0 ? [] : [text(words || "go on")];
    messages.push({ role: "user", content: [...answers, ...told] });
  }
  return Message.array().parse(messages);
});

/** The same with what a person may have chosen, sensibly or not, and a limit. */
export const source = fc
  .tuple(
    conversation,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom("pinned", "evicted"))),
    fc.integer({ min: 1, max: 3_000 }),
  )
  .map(([messages, picks, limitTokens]): RequestSource => {
    const refs = refsOf(messages);
    const chosen = new Map(picks.map(([at, choice]) => [at % refs.length, choice] as const));
    const choices = [...chosen].flatMap(([at, choice]): ContextChoice[] =>
      refs[at] ? [{ ref: refs[at], choice }] : [],
    );
    const common = { model: "m", maxTokens: 100, system: "You work.", tools: [], ownWords: [0] };
    return { ...common, messages, choices, limitTokens };
  });

export function refsOf(messages: readonly Message[]) {
  return messages.flatMap((message, messageIndex) => [
    ...(message.role === "assistant" ? [exchangeRef(messages, messageIndex)] : []),
    ...message.content.flatMap((block, blockIndex) => [
      blockRef(messageIndex, blockIndex, block),
      ...fileSections(textOf(block.text ?? "")).map((section) => fileRef(messageIndex, blockIndex, section)),
    ]),
  ]);
}

export function text(words: string): Block {
  return { type: "text", text: words };
}
