/**
 * A scenario: what the simulator answers, as a JSON file.
 *
 *   { "name": "two lines", "models": ["sim-opus"], "apiKey": "secret", "strict": false,
 *     "defaults": { "latencyMs": 200, "tokensPerSecond": 200, "chunkChars": 12 },
 *     "rules": [ { "name": "greet", "when": { "text": "/hello (\\w+)/i" }, "reply": { "text": "Hello, {{match.1}}." } } ] }
 *
 * The first rule whose `when` holds answers the request. A rule:
 *   name      its name, for `after` and `until` and for the simulator's own log
 *   when      every condition that is given must hold; a text condition is a part of the text, or "/regex/flags":
 *     model, system      the model's name; the system prompt
 *     text, firstText    the text of the last user message; of the first one
 *     toolResult         the text of the tool results in the last user message
 *     resultOf           the name of a tool whose result is among them
 *     role               orchestrator | tech_lead | worker | qa, told by the tools that are offered
 *     tool               a tool that is offered; null: none is offered
 *     turn               assistant messages so far: a number, or [from, to]
 *     times              the rule answers at most this many requests; the nth request is for the nth of n such rules
 *     after, until       a rule that must have, or must not have, answered before
 *   reply     the answer, or `replies`: the answer for each turn, the last one for all later turns
 *     text, thinking     the answer's text and its thinking
 *     blocks             content blocks of other kinds, as they are, before the text: a server's tool and its result
 *     toolUse            [{ "name", "input" }], or [{ "name", "inputJson" }] for an input that is not valid JSON
 *     stopReason         otherwise "tool_use" after a tool call, else "end_turn" (or "max_tokens", "stop_sequence")
 *     usage              { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } in place of the estimate
 *     error              { status, type?, message?, retryAfterS? } in place of an answer
 *     fault              one of `FaultKind` (see `fault.ts`): a stream that goes wrong
 *     latencyMs, tokensPerSecond, chunkChars   the pace; absent: the scenario's `defaults`, or at once
 * The texts of a reply (of its tool inputs and its error too) may hold {{firstUserText}}, {{lastUserText}}, {{toolResult}},
 * {{model}}, {{turn}}, {{match.1}}: a group of the first regex condition among text, firstText, toolResult, system, model, and
 * {{match.name}}: a group (?<name>...) of any of them.
 *
 * `"behaviour": "obey-injections"` makes of the scenario a model that first does whatever the texts that it is sent tell it
 * to (see `obedience.ts`), in every tier; the rules answer when nothing is left to obey.
 *
 * Without a rule that holds, the simulator says so in a plain text answer, or, when `strict`, in an error.
 */
import { z } from "zod";
import { Role } from "../domain/stream-id.ts";
import { FaultKind } from "./fault.ts";
import { brokenJsonPlace } from "./json-place.ts";

const count = z.number().int().nonnegative();
const line = z.string().min(1);

/** A text condition: a part of the text, or a regular expression written as "/source/flags". */
const Pattern = line.superRefine((text, context) => {
  const fault = patternFault(text);
  if (fault) context.addIssue({ code: "custom", message: fault });
});

const pace = {
  /** Time to the first byte, in milliseconds. */
  latencyMs: z.number().nonnegative().optional(),
  tokensPerSecond: z.number().positive().optional(),
  /** Characters in one delta. */
  chunkChars: z.number().int().positive().optional(),
};
const Pace = z.strictObject(pace);
export type Pace = z.infer<typeof Pace>;

const When = z.strictObject({
  model: Pattern.optional(),
  role: Role.optional(),
  tool: line.nullable().optional(),
  system: Pattern.optional(),
  text: Pattern.optional(),
  firstText: Pattern.optional(),
  toolResult: Pattern.optional(),
  resultOf: line.optional(),
  turn: z.union([count, z.tuple([count, count])]).optional(),
  times: z.number().int().positive().optional(),
  after: line.optional(),
  until: line.optional(),
});
export type When = z.infer<typeof When>;

const ToolUse = z
  .strictObject({ name: line, input: z.record(z.string(), z.json()).optional(), inputJson: z.string().optional() })
  .refine((call) => (call.input === undefined) !== (call.inputJson === undefined), {
    path: ["input"],
    message: "a tool call needs either `input` or `inputJson`",
  });

export const Reply = z.strictObject({
  text: z.string().optional(),
  thinking: line.optional(),
  blocks: z.array(z.looseObject({ type: line }).and(z.record(z.string(), z.json()))).optional(),
  toolUse: z.array(ToolUse).optional(),
  stopReason: z.enum(["end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal"]).optional(),
  usage: z
    .strictObject({
      inputTokens: count.optional(),
      outputTokens: count.optional(),
      cacheReadTokens: count.optional(),
      cacheWriteTokens: count.optional(),
    })
    .optional(),
  error: z
    .strictObject({
      status: z.number().int().min(400).max(599),
      type: line.optional(),
      message: line.optional(),
      retryAfterS: z.number().nonnegative().optional(),
    })
    .optional(),
  fault: FaultKind.optional(),
  ...pace,
});
export type Reply = z.infer<typeof Reply>;

const ruleHead = { name: line.optional(), when: When.default({}) };
const Rule = z
  .strictObject({ ...ruleHead, reply: Reply.optional(), replies: z.array(Reply).min(1).optional() })
  .refine((rule) => (rule.reply === undefined) !== (rule.replies === undefined), {
    path: ["reply"],
    message: "a rule needs either `reply` or `replies`",
  });
export type Rule = z.infer<typeof Rule>;

export const Scenario = z.strictObject({
  name: z.string().optional(),
  /** Models that exist; any other is a 404. Absent: every name is taken. */
  models: z.array(line).min(1).optional(),
  /** The only key that is let in. Absent: every request is, with or without a key. */
  apiKey: line.optional(),
  strict: z.boolean().default(false),
  defaults: Pace.default({}),
  /** What the model does before any rule; absent: nothing. */
  behaviour: z.enum(["obey-injections"]).optional(),
  rules: z.array(Rule),
});
export type Scenario = z.infer<typeof Scenario>;
/** A scenario as it is written: what has a default may be left out. */
export type ScenarioInput = z.input<typeof Scenario>;

/** A scenario that cannot be played; the message names the rule and the field. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** Parses a scenario; `source` is what the message calls it, such as the file's name. */
export function parseScenario(json: unknown, source = "the scenario"): Scenario {
  const parsed = Scenario.safeParse(json);
  const faults = parsed.success
    ? nameFaults(parsed.data)
    : parsed.error.issues.map((issue) => issueSentence(issue, json));
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new ScenarioError(`Cannot play ${source}: ${faults.join("; ")}. Mend the file and start the simulator again.`);
}

/** Reads a scenario from the text of a JSON file. */
export function parseScenarioText(text: string, source: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(`Cannot play ${source}: it is not JSON${placeWords(text)}.`, { cause: error });
  }
  return parseScenario(json, source);
}

function placeWords(text: string): string {
  const place = brokenJsonPlace(text);
  return place ? ` at line ${place.line}, column ${place.column}, where it wants ${place.wanted}` : "";
}

/** The regular expression of a "/source/flags" pattern; null for a plain part of a text. */
export function patternRegex(pattern: string): RegExp | null {
  const [, source, flags] = /^\/([\s\S]+)\/([a-z]*)$/.exec(pattern) ?? [];
  return source === undefined ? null : new RegExp(source, flags);
}

function patternFault(pattern: string): string | null {
  try {
    const flags = patternRegex(pattern)?.flags ?? "";
    return /[gy]/.test(flags) ? `"${pattern}" must not use the flags g and y` : null;
  } catch (error) {
    return `"${pattern}" is no valid regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function nameFaults(scenario: Scenario): string[] {
  const names = new Set(scenario.rules.map((rule) => rule.name));
  return scenario.rules.flatMap((rule, index) =>
    (["after", "until"] as const)
      .filter((field) => rule.when[field] !== undefined && !names.has(rule.when[field]))
      .map((field) => `${ruleTitle(index, rule.name)}, field when.${field}: no rule is named "${rule.when[field]}"`),
  );
}

function issueSentence(issue: z.core.$ZodIssue, json: unknown): string {
  const [top, index, ...rest] = issue.path;
  if (top !== "rules" || typeof index !== "number") return `${issue.path.join(".") || "the file"}: ${issue.message}`;
  const named = z.object({ rules: z.array(z.unknown()) }).safeParse(json);
  const rule = z.object({ name: z.string() }).safeParse(named.data?.rules[index]);
  return `${ruleTitle(index, rule.data?.name)}, field ${rest.join(".") || "(itself)"}: ${issue.message}`;
}

function ruleTitle(index: number, name: string | undefined): string {
  return `rules[${index}]${name === undefined ? "" : ` ("${name}")`}`;
}
