/**
 * Answers gates as the person of the recording did: only where kind, subject and payload are the recorded ones, but for what
 * differs between any two runs. Where they are not, the gate stays open, and what differs can be told.
 */
import { canonicalJson, type Json } from "../../domain/gate.ts";
import { isObject } from "../../domain/message-block.ts";
import type { Gate } from "../../domain/state.ts";
import type { CassetteLine, DecisionLine } from "../../simulator/cassette.ts";
import { normalText, projectFolder, renaming } from "../../simulator/volatile.ts";
import { subjectOf } from "./person-lines.ts";

export interface FoundDecision {
  readonly step: number;
  readonly line: DecisionLine;
  /** The payload that was approved in place of the shown one, in this run's names. */
  readonly edited?: Json;
}

/** What a command meets on this machine is not part of what was decided: it is confined here as always. */
const ownFields: Readonly<Record<string, readonly string[]>> = {
  command: ["environment", "sandbox"],
  unknown: ["environment", "sandbox"],
};

export class RecordedDecisions {
  readonly #folder: string;
  readonly #left: Map<number, DecisionLine>;

  constructor(lines: readonly CassetteLine[], folder: string) {
    this.#folder = folder;
    this.#left = new Map(lines.flatMap((line, step) => (line.type === "decision" ? [[step, line] as const] : [])));
  }

  /** The decision for a gate, which then is used up; null when none was recorded for exactly this. */
  take(gate: Gate): FoundDecision | null {
    const shown = this.#form(gate.kind, gate.payload);
    for (const [step, line] of this.#left) {
      if (!this.#isAbout(line, gate)) continue;
      const recorded = this.#form(line.kind, line.payload);
      if (recorded.text !== shown.text) continue;
      this.#left.delete(step);
      if (line.edited === undefined) return { step, line };
      const rename = renaming(recorded.names, shown.names);
      return { step, line, edited: this.#present(line.edited, rename) };
    }
    return null;
  }

  /** Why a gate was left open, in words. */
  whyOpen(gate: Gate): string {
    const near = [...this.#left.values()].find((line) => this.#isAbout(line, gate));
    if (!near) {
      const isRuled = gate.kind === "command" || gate.kind === "unknown";
      const advice = isRuled
        ? " Where a rule let it run there: rules are this project's own, so write it here, too."
        : "";
      return `The recording holds no decision at a ${gate.kind} gate of ${subjectOf(gate)} that is left.${advice}`;
    }
    const [before, now] = [near.payload, gate.payload].map((payload) => this.#fields(gate.kind, payload));
    const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(now ?? {})])];
    const key = keys.find((name) => before?.[name] !== now?.[name]) ?? "payload";
    const [was, is] = [before?.[key], now?.[key]].map((text) => clipped(text ?? "(nothing)"));
    return `What it shows is not what the recorded decision was about: ${key} was ${was} and is ${is}.`;
  }

  #isAbout(line: DecisionLine, gate: Gate): boolean {
    return line.kind === gate.kind && normalText(line.subject).text === normalText(subjectOf(gate)).text;
  }

  #form(kind: string, payload: Json) {
    const own = ownFields[kind] ?? [];
    const kept = isObject(payload)
      ? Object.fromEntries(Object.entries(payload).filter(([name]) => !own.includes(name)))
      : payload;
    return normalText(canonicalJson(kept).replaceAll(this.#folder, projectFolder));
  }

  #fields(kind: string, payload: Json): Readonly<Record<string, string>> {
    if (!isObject(payload)) return { payload: this.#form(kind, payload).text };
    const own = ownFields[kind] ?? [];
    const entries = Object.entries(payload).filter(([name]) => !own.includes(name));
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#form("", value).text]));
  }

  #present(payload: Json, rename: (text: string) => string): Json {
    // Only strings are replaced, by strings: it stays the JSON that it was.
    return JSON.parse(JSON.stringify(payload), (_key, value: unknown) =>
      typeof value === "string" ? rename(value.replaceAll(projectFolder, this.#folder)) : value,
    ) as Json;
  }
}

function clipped(text: string): string {
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}
