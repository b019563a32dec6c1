/** Single flipped bits in the file of a finished run's log: whatever is not refused must show and keep the same events. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventJson } from "../../src/cli/progress.ts";
import type { Event } from "../../src/domain/event.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { LogError } from "../../src/log/log-fault.ts";
import { Dice } from "../support/dice.ts";
import type { Tally } from "./proof.ts";

const at = "2026-01-01T00:00:00.000Z";

/** Flips bits of a log that its process has closed; `seed` chooses them. Gives how many were refused. */
export function flipBits(tally: Tally, original: string, count: number, seed: number): number {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-flip-"));
  try {
    const bytes = readFileSync(original);
    const truth = linesOf(original);
    const dice = new Dice(seed);
    let refusedCount = 0;
    for (let index = 0; index < count; index += 1) {
      const byte = dice.below(bytes.length);
      const bit = dice.below(8);
      const path = join(folder, `${index}.db`);
      const flipped = Buffer.from(bytes);
      flipped[byte] = (flipped[byte] ?? 0) ^ (1 << bit);
      writeFileSync(path, flipped);
      copyFileSync(`${original}-head`, `${path}-head`);
      const verdict = verdictOn(path, truth);
      if (verdict === "refused") refusedCount += 1;
      tally.trial(`bit ${bit} of byte ${byte} flipped`, verdict === "refused" ? [] : verdict);
    }
    return refusedCount;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function linesOf(path: string): string[] {
  const log = EventLog.open(path, { isReadonly: true });
  try {
    return [...log.replay()].map(eventJson);
  } finally {
    log.close();
  }
}

/** Read by a looker, read by a new process, written by it, read again: refused in a sentence, or the same all the way. */
function verdictOn(path: string, truth: readonly string[]): "refused" | string[] {
  try {
    return [...differences("a looker", looked(path), truth), ...differences("a new process", goneOn(path), truth)];
  } catch (error) {
    if (error instanceof LogError) return "refused";
    return [`it failed without a sentence: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function looked(path: string): readonly string[] {
  const log = EventLog.open(path, { isReadonly: true });
  try {
    log.verify();
    return log.read({ after: 0, limit: Number.MAX_SAFE_INTEGER }).map(eventJson);
  } finally {
    log.close();
  }
}

function goneOn(path: string): readonly string[] {
  const log = EventLog.open(path);
  try {
    const before = [...log.replay()];
    const ofAgents = [
      ...new Set(before.flatMap((event) => ("agentId" in event && event.agentId ? [event.agentId] : []))),
    ];
    const isFound = ofAgents.every((agentId) => isSame(before, agentId, log));
    log.append([{ type: "engine.stopped", reason: "the trial ends" }], at);
    return isFound ? [...log.replay()].slice(0, -1).map(eventJson) : ["an agent's events are not found"];
  } finally {
    log.close();
  }
}

/** Conversations are read by an index. */
function isSame(events: readonly Event[], agentId: string, log: EventLog): boolean {
  const own = events.filter((event) => "agentId" in event && event.agentId === agentId);
  const read = log.read({ after: 0, limit: Number.MAX_SAFE_INTEGER, agentId });
  return read.map(eventJson).join("\n") === own.map(eventJson).join("\n");
}

function differences(who: string, lines: readonly string[], truth: readonly string[]): string[] {
  const at = truth.findIndex((line, index) => line !== lines[index]);
  if (at < 0 && lines.length === truth.length) return [];
  return [`${who} was shown other events, from position ${at + 1}: ${(lines[at] ?? "").slice(0, 120)}`];
}
