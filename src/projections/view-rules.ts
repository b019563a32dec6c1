/** Rules that let commands run without a person: who wrote each and when, what it has opened, and what it would have allowed. */
import { gatesOpenedBy } from "../domain/decide-rule.ts";
import type { Event } from "../domain/event.ts";
import { isPlainCommand, matchesRule, patternFault, ruleWords } from "../domain/rule.ts";
import type { State } from "../domain/state.ts";

/** A command that a worker asked for, as it asked for it, whoever decided then. */
export interface AskedCommand {
  readonly toolCallId: string;
  readonly ticketId: string;
  readonly command: string;
  readonly at: string;
}

/** A command that a rule matches: how often it was asked for, last when, and for which ticket. */
export interface MatchedCommand {
  readonly command: string;
  readonly count: number;
  readonly lastAt: string;
  readonly lastTicketId: string;
}

/** What a rule would have allowed, had it been there from the start. */
export interface WouldAllow {
  readonly matchedCount: number;
  readonly askedCount: number;
  /** Each command once, the latest first, bounded; `leftOutCount` says how many more there are. */
  readonly commands: readonly MatchedCommand[];
  readonly leftOutCount: number;
}

export interface RuleRow {
  /** Null for a rule of the config: it is changed there. */
  readonly ruleId: string | null;
  readonly pattern: string;
  readonly addedAt: string | null;
  readonly addedBy: string | null;
  readonly gateId: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  /** How many commands it let run without a person. */
  readonly openedCount: number;
  readonly would: WouldAllow;
}

/** What a rule would do, before it is saved. */
export interface RulePreview {
  readonly fault: string | null;
  readonly would: WouldAllow;
  /** Cards that wait now and that it opens at once. */
  readonly opensGateIds: readonly string[];
  /** The level asks for every command, whatever the rules say. */
  readonly isIdle: boolean;
  /** It matches one command only, as it stands. */
  readonly isExact: boolean;
}

const commandLimit = 40;

/** The events that say which commands were asked for: all of `command.requested` and `command.started`. */
export const askedGlob = "command.[rs]*";

/** Adds what later events say; a command that was shown first and began later is one. */
export function addAsked(asked: Map<string, AskedCommand>, events: readonly Event[]): void {
  for (const event of events) {
    if (event.type !== "command.requested" && event.type !== "command.started") continue;
    const { toolCallId, ticketId, command, at } = event;
    if (!asked.has(toolCallId)) asked.set(toolCallId, { toolCallId, ticketId, command, at });
  }
}

/** What a rule of this pattern would have allowed of the commands that were asked for. */
export function wouldAllow(asked: ReadonlyMap<string, AskedCommand>, pattern: string): WouldAllow {
  const matched = new Map<string, MatchedCommand>();
  let matchedCount = 0;
  for (const { command, ticketId, at } of asked.values()) {
    if (!matchesRule(pattern, command)) continue;
    matchedCount += 1;
    const count = (matched.get(command)?.count ?? 0) + 1;
    // Taken out first, so that the map's order is that of the last time.
    matched.delete(command);
    matched.set(command, { command, count, lastAt: at, lastTicketId: ticketId });
  }
  const commands = [...matched.values()].reverse();
  const leftOutCount = Math.max(0, commands.length - commandLimit);
  return { matchedCount, askedCount: asked.size, commands: commands.slice(0, commandLimit), leftOutCount };
}

/** Every rule: those of the config first, then those that people wrote, the revoked ones last. */
export function ruleRows(state: State, wouldOf: (pattern: string) => WouldAllow): readonly RuleRow[] {
  const uses = (pattern: string, ruleId: string | null) => state.ruleUses.get(ruleWords(pattern, ruleId)) ?? 0;
  const none = { ruleId: null, addedAt: null, addedBy: null, gateId: null, revokedAt: null, revokedBy: null };
  const ofConfig = state.settings.gates.allow.map((pattern): RuleRow => {
    return { ...none, pattern, openedCount: uses(pattern, null), would: wouldOf(pattern) };
  });
  const written = [...state.rules.values()].map((rule): RuleRow => {
    return { ...rule, openedCount: uses(rule.pattern, rule.ruleId), would: wouldOf(rule.pattern) };
  });
  const isRevoked = ({ revokedAt }: RuleRow) => revokedAt !== null;
  return [...ofConfig, ...written.filter((row) => !isRevoked(row)), ...written.filter(isRevoked)];
}

/** What saving a rule of this pattern would do now. */
export function rulePreview(state: State, asked: ReadonlyMap<string, AskedCommand>, pattern: string): RulePreview {
  const fault = patternFault(pattern);
  const opens = fault === null ? gatesOpenedBy(state, pattern) : [];
  return {
    fault,
    would: wouldAllow(asked, pattern),
    opensGateIds: opens.map(({ gateId }) => gateId),
    isIdle: state.settings.gates.level === "manual",
    isExact: !pattern.includes("*") || !isPlainCommand(pattern.replaceAll("*", "")),
  };
}
