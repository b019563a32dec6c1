/** Every option of the command line: one name means one thing in every command. Help and parser both read this table. */
import type { GateLevel } from "../domain/settings.ts";

type OptionKind = "flag" | "text" | "port" | "count" | "money" | "position" | "level" | "miss";

interface OptionSpec {
  readonly kind: OptionKind;
  /** How the value is called in help; absent for a flag. */
  readonly value?: string;
  readonly help: string;
}

export const optionTable = {
  project: { kind: "text", value: "DIR", help: "the project (default: the git root of the current folder)" },
  json: { kind: "flag", help: "machine output on stdout, people's messages on stderr" },
  help: { kind: "flag", help: "show this text" },
  version: { kind: "flag", help: "show the version" },
  port: { kind: "port", value: "N", help: "port to listen on; 0 takes any free one" },
  host: { kind: "text", value: "ADDRESS", help: "loopback address to listen on (default 127.0.0.1)" },
  "plain-host": { kind: "flag", help: "print the address with 127.0.0.1 instead of a .localhost name" },
  "no-open": { kind: "flag", help: "do not open a browser" },
  trust: { kind: "flag", help: "accept the project's own config as it stands" },
  "unsafe-no-sandbox": { kind: "flag", help: "run the agents' commands unconfined where no sandbox works" },
  yes: { kind: "flag", help: "take the defaults, ask nothing" },
  epic: { kind: "text", value: "GOAL", help: "plan this goal and carry it out; - reads it from stdin" },
  approve: { kind: "level", value: "LEVEL", help: "which gates ask: manual, guarded or all" },
  workers: { kind: "count", value: "N", help: "how many tickets are worked on at once" },
  "max-usd": { kind: "money", value: "X", help: "stop before the run costs more than X US dollars" },
  land: { kind: "flag", help: "merge finished tracks into the current branch" },
  serve: { kind: "flag", help: "serve the page while it runs" },
  payload: { kind: "text", value: "FILE", help: "approve this payload (JSON) instead of the shown one; - reads stdin" },
  reason: { kind: "text", value: "TEXT", help: "why, in words that reach the model or the log" },
  follow: { kind: "flag", help: "go on printing as events happen" },
  since: { kind: "position", value: "POSITION", help: "only events after this position" },
  type: { kind: "text", value: "GLOB", help: "only events of these types, such as 'ticket.*'" },
  stream: { kind: "text", value: "ID", help: "only this stream, such as 'Tier 3 (Worker): T-001'" },
  full: { kind: "flag", help: "with the bodies of requests and responses" },
  scenario: { kind: "text", value: "FILE", help: "the scenario to play (JSON)" },
  fault: { kind: "text", value: "SPEC", help: "faults to make, such as 529:2, stall:1 or limit:10:per=60" },
  headless: { kind: "flag", help: "approve everything, print a summary, exit" },
  keep: { kind: "flag", help: "keep the temporary repository afterwards" },
  cassette: { kind: "text", value: "FILE", help: "the cassette to answer from" },
  from: { kind: "text", value: "PLACE", help: "where a fork begins: a ticket, a track, or STREAM:TURN" },
  prompt: { kind: "text", value: "TEXT", help: "what the ticket's worker is told instead; - reads it from stdin" },
  model: { kind: "text", value: "NAME", help: "the model of the ticket's worker" },
  plan: { kind: "text", value: "FILE", help: "what is approved instead of the proposal (JSON); - reads stdin" },
  force: { kind: "flag", help: "overwrite the file that is there" },
  "on-miss": {
    kind: "miss",
    value: "WAY",
    help: "what an unrecorded request meets: stop, or live (the real endpoint)",
  },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof optionTable;

type KindValue<K extends OptionKind> = K extends "flag"
  ? boolean
  : K extends "port" | "count" | "money" | "position"
    ? number
    : K extends "level"
      ? GateLevel
      : K extends "miss"
        ? "stop" | "live"
        : string;

/** The options of one call: those that were given, each parsed by its kind. */
export type OptionValues = { readonly [N in OptionName]?: KindValue<(typeof optionTable)[N]["kind"]> };

/** Options that every command takes. */
export const everywhere = ["project", "json", "help", "version"] as const satisfies readonly OptionName[];

/** The option's name if the table has it. */
export function optionName(name: string): OptionName | null {
  // Holds because `hasOwn` has just found it among the table's own keys.
  return Object.hasOwn(optionTable, name) ? (name as OptionName) : null;
}

/** The option's row with its optional fields, which the literal table type hides. */
export function optionSpec(name: OptionName): OptionSpec {
  return optionTable[name];
}

/** A value by its kind, or what is allowed when it does not fit. */
export function parseOptionValue(name: OptionName, text: string): { value: string | number } | { allowed: string } {
  switch (optionTable[name].kind) {
    case "flag":
    case "text":
      return { value: text };
    case "port":
      return wholeNumber(text, 0, 65_535, "a port from 0 to 65535");
    case "count":
      return wholeNumber(text, 1, 1_000, "a whole number from 1 to 1000");
    case "position":
      return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER, "a position: a whole number from 0");
    case "money": {
      const amount = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      return amount > 0 ? { value: amount } : { allowed: "an amount in US dollars above 0, such as 2.50" };
    }
    case "level":
      return ["manual", "guarded", "all"].includes(text) ? { value: text } : { allowed: "manual, guarded or all" };
    case "miss":
      return ["stop", "live"].includes(text) ? { value: text } : { allowed: "stop or live" };
    default:
      return optionTable[name] satisfies never;
  }
}

function wholeNumber(text: string, least: number, most: number, allowed: string) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? { value } : { allowed };
}
