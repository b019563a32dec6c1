/** The whole text of an event that a page shows the ends of only: output, an answer of a model, results that went to it. */
import type { Event } from "../domain/event.ts";
import type { Json } from "../domain/gate.ts";

interface TextPart {
  readonly name: string;
  readonly text: string;
  /** Whether it may have a terminal's colours. */
  readonly isOutput: boolean;
}

export interface EventTextView {
  readonly title: string;
  readonly parts: readonly TextPart[];
}

/** Null for an event that has no text of this kind. */
export function eventText(event: Event): EventTextView | null {
  switch (event.type) {
    case "check.completed":
      return { title: `output of the check ${event.command}`, parts: [output(event.output)] };
    case "command.completed":
      return { title: "output of a command", parts: [output(event.output)] };
    case "call.settled":
      return { title: `turn ${event.turn}`, parts: event.content.filter(isRecord).flatMap(answerPart) };
    case "call.failed":
      return { title: `turn ${event.turn}`, parts: [{ name: "Text", text: event.text, isOutput: false }] };
    case "call.started":
      return { title: `what turn ${event.turn} was told`, parts: event.messages.flatMap(messageParts) };
    default:
      return null;
  }
}

function output(text: string): TextPart {
  return { name: "Output", text, isOutput: true };
}

function answerPart(block: { readonly [key: string]: Json }): TextPart[] {
  if (block.type === "text" && typeof block.text === "string")
    return [{ name: "Text", text: block.text, isOutput: false }];
  if (block.type === "thinking" && typeof block.thinking === "string")
    return [{ name: "Thinking", text: block.thinking, isOutput: false }];
  if (block.type !== "tool_use") return [];
  return [
    { name: `Call of ${String(block.name)}`, text: JSON.stringify(block.input ?? null, null, 2), isOutput: false },
  ];
}

function messageParts(message: Json): TextPart[] {
  if (!isRecord(message) || message.role !== "user") return [];
  if (typeof message.content === "string")
    return [{ name: "Words to the model", text: message.content, isOutput: false }];
  if (!Array.isArray(message.content)) return [];
  return message.content.filter(isRecord).flatMap((block): TextPart[] => {
    if (block.type === "text" && typeof block.text === "string")
      return [{ name: "Words to the model", text: block.text, isOutput: false }];
    if (block.type !== "tool_result") return [];
    const { content } = block;
    const texts = Array.isArray(content) ? content.filter(isRecord).map(({ text }) => String(text ?? "")) : [];
    return [{ name: "Result", text: typeof content === "string" ? content : texts.join("\n"), isOutput: true }];
  });
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
