/** What is said to a request that no rule answers: what a rule could go by, and such a rule. */
import type { Reading } from "./messages-request.ts";

/** One sentence for the client and for the author of the scenario, and the rule that is missing. */
export function unmatchedWords({ model, turn, lastUserText, toolResult, resultOf, tools }: Reading): string {
  const told = [
    `model ${model}`,
    `turn ${turn}`,
    ...(lastUserText === "" ? [] : [`last user message ${quoted(lastUserText)}`]),
    ...(resultOf.length === 0 ? [] : [`result of ${resultOf.join(", ")} ${quoted(toolResult)}`]),
    tools.length === 0 ? "no tools" : `tools ${tools.join(", ")}`,
  ];
  const when = { turn, ...(resultOf[0] === undefined ? {} : { resultOf: resultOf[0] }) };
  const rule = JSON.stringify({ when, reply: { text: "..." } });
  return `[simulator] No rule of the scenario answers this request: ${told.join("; ")}. Add one, such as ${rule}.`;
}

const mostChars = 80;

/** The end of a text: clients put what changes after what they always say. */
function quoted(text: string): string {
  return JSON.stringify(text.length > mostChars ? `…${text.slice(-mostChars)}` : text);
}
