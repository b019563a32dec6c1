/** Finds the rule that answers a request, and fills the reply's templates. Remembers only how often a rule was used. */
import type { Role } from "../domain/stream-id.ts";
import type { Reading } from "./messages-request.ts";
import { patternRegex, type Reply, type Rule, type Scenario, type When } from "./scenario.ts";

export interface Match {
  readonly ruleName: string;
  readonly reply: Reply;
  /** What the scenario's author is to mend. */
  readonly problem?: string;
}

/** What regular expressions found: the groups of the first by number, those of all by name. */
interface Groups {
  readonly numbered: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

/** The rules of one scenario, with the use that was made of each. */
export class RuleBook {
  readonly #scenario: Scenario;
  readonly #useCount = new Map<Rule, number>();
  readonly #usedNames = new Set<string>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** The first rule that holds, counted as used; null when none does. */
  answer(reading: Reading): Match | null {
    for (const [index, rule] of this.#scenario.rules.entries()) {
      const groups = this.#holds(rule, reading);
      if (!groups) continue;
      this.#useCount.set(rule, (this.#useCount.get(rule) ?? 0) + 1);
      if (rule.name !== undefined) this.#usedNames.add(rule.name);
      const replies = rule.replies ?? [rule.reply ?? {}];
      const reply = replies[Math.min(reading.turn, replies.length - 1)] ?? {};
      return { ruleName: rule.name ?? `rules[${index}]`, reply: fillReply(reply, reading, groups) };
    }
    return null;
  }

  /** What the rule's regex conditions found when it holds, else null. */
  #holds(rule: Rule, reading: Reading): Groups | null {
    const { when } = rule;
    if (when.times !== undefined && (this.#useCount.get(rule) ?? 0) >= when.times) return null;
    if (when.after !== undefined && !this.#usedNames.has(when.after)) return null;
    if (when.until !== undefined && this.#usedNames.has(when.until)) return null;
    if (when.tool === null && reading.tools.length > 0) return null;
    if (typeof when.tool === "string" && !reading.tools.includes(when.tool)) return null;
    if (when.role !== undefined && roleOf(reading.tools) !== when.role) return null;
    if (when.resultOf !== undefined && !reading.resultOf.includes(when.resultOf)) return null;
    if (!turnHolds(when.turn, reading.turn)) return null;
    return textGroups(when, reading);
  }
}

/** The role that a request's tools tell: each role offers some that no other does. */
export function roleOf(tools: readonly string[]): Role {
  if (tools.includes("propose_tracks")) return "orchestrator";
  if (["propose_tickets", "accept_ticket", "request_rework"].some((tool) => tools.includes(tool))) return "tech_lead";
  return tools.length === 0 || tools.includes("report_verdict") ? "qa" : "worker";
}

function turnHolds(wanted: When["turn"], turn: number): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === "number" ? turn === wanted : turn >= wanted[0] && turn <= wanted[1];
}

function textGroups(when: When, reading: Reading): Groups | null {
  const conditions: readonly (readonly [pattern: string | undefined, text: string])[] = [
    [when.text, reading.lastUserText],
    [when.firstText, reading.firstUserText],
    [when.toolResult, reading.toolResult],
    [when.system, reading.system],
    [when.model, reading.model],
  ];
  const named = new Map<string, string>();
  let numbered: readonly string[] | null = null;
  for (const [pattern, text] of conditions) {
    if (pattern === undefined) continue;
    const regex = patternRegex(pattern);
    const found = regex?.exec(text);
    if (regex ? !found : !text.includes(pattern)) return null;
    if (found) numbered ??= found.map((group) => group ?? "");
    for (const [name, group = ""] of Object.entries(found?.groups ?? {})) named.set(name, group);
  }
  return { numbered: numbered ?? [], named };
}

function fillReply(reply: Reply, reading: Reading, groups: Groups): Reply {
  const fill = (text: string) => fillText(text, reading, groups);
  return {
    ...reply,
    ...(reply.text === undefined ? {} : { text: fill(reply.text) }),
    ...(reply.thinking === undefined ? {} : { thinking: fill(reply.thinking) }),
    ...(reply.blocks === undefined ? {} : { blocks: fillJson(reply.blocks, fill) }),
    ...(reply.error?.message === undefined ? {} : { error: { ...reply.error, message: fill(reply.error.message) } }),
    ...(reply.toolUse === undefined
      ? {}
      : {
          toolUse: reply.toolUse.map((call) => ({
            name: call.name,
            ...(call.input === undefined ? {} : { input: fillJson(call.input, fill) }),
            ...(call.inputJson === undefined ? {} : { inputJson: fill(call.inputJson) }),
          })),
        }),
  };
}

/** Keeps the shape of a JSON value; only its strings change. */
function fillJson<T>(value: T, fill: (text: string) => string): T {
  // The reviver returns a value of the same kind for every string and the value itself for the rest: T's shape holds.
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "string" ? fill(inner) : inner,
  ) as T;
}

/** Replaces what it knows; other double braces are somebody's code, and stay. */
function fillText(text: string, reading: Reading, groups: Groups): string {
  return text.replace(/\{\{(\w+)(?:\.(\w+))?\}\}/g, (whole, name: string, group: string | undefined) => {
    switch (name) {
      case "firstUserText":
        return reading.firstUserText;
      case "lastUserText":
        return reading.lastUserText;
      case "toolResult":
        return reading.toolResult;
      case "model":
        return reading.model;
      case "turn":
        return String(reading.turn);
      case "match":
        return groupText(groups, group) ?? whole;
      default:
        return whole;
    }
  });
}

/** A number that is no group stands for nothing; null where no group has that name. */
function groupText({ numbered, named }: Groups, group = "0"): string | null {
  return /^\d+$/.test(group) ? (numbered[Number(group)] ?? "") : (named.get(group) ?? null);
}
