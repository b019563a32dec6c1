/** Adds to a cassette what a replay had to ask a real endpoint. */
import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Event } from "../../domain/event.ts";
import type { Redactor } from "../../domain/redactor.ts";
import type { CassetteLine } from "../../simulator/cassette.ts";
import { messagesAfter, type Tape } from "../../simulator/cassette-tape.ts";
import { CassetteLines } from "./cassette-lines.ts";
import { lineText } from "./line-text.ts";

export interface LivePart {
  readonly path: string;
  readonly tape: Tape;
  /** Where it was played. */
  readonly folder: string;
  readonly redactor: Redactor;
  /** SHA-256 of the bodies that went to the endpoint. */
  readonly hashes: ReadonlySet<string>;
}

/** Appends the exchanges of these requests, as the replay's log tells them; gives how many there were. Whole, or not at all. */
export function appendLive(events: readonly Event[], part: LivePart): number {
  const lines = liveLines(events, part);
  if (lines.length === 0) return 0;
  const texts = lines.map((line) => lineText(part.redactor.json(line), part.folder));
  const text = readFileSync(part.path, "utf8");
  // A torn last line would be one in the middle.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const draft = `${part.path}.${process.pid}.part`;
  writeFileSync(draft, `${whole}${texts.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(draft, 0o600);
  renameSync(draft, part.path);
  return lines.filter(({ type }) => type === "exchange").length;
}

/** Each with all of its messages: what went before it need not be in the cassette as it was here. */
function liveLines(events: readonly Event[], { folder, hashes, tape }: LivePart): CassetteLine[] {
  const numbers = tape.lines.flatMap((line) =>
    line.type === "exchange" ? line.exchange : line.type === "prefix" ? line.prefix : [],
  );
  const offset = Math.max(0, ...numbers);
  const told = new CassetteLines(folder);
  const hashOf = new Map<string, string>();
  const whole = new Map<number, readonly unknown[]>();
  const kept: CassetteLine[] = [];
  for (const event of events) {
    if (event.type === "call.started") hashOf.set(event.callId, event.request?.hash ?? "");
    const callId = event.type === "call.settled" || event.type === "call.failed" ? event.callId : "";
    for (const line of told.take(event)) {
      if (line.type === "prefix") kept.push({ ...line, prefix: line.prefix + offset });
      if (line.type !== "exchange") continue;
      const before = line.after === null ? [] : (whole.get(line.after) ?? []).slice(0, line.keep);
      // What was kept are messages of an earlier line.
      const messages = [...before, ...line.messages] as typeof line.messages;
      const request = { model: line.model, messages };
      whole.set(line.exchange, messagesAfter({ request, response: line.response }));
      if (!hashes.has(hashOf.get(callId) ?? "")) continue;
      const { exchange, prefix } = line;
      kept.push({ ...line, exchange: exchange + offset, prefix: prefix + offset, after: null, keep: 0, messages });
    }
  }
  const used = new Set(kept.flatMap((line) => (line.type === "exchange" ? line.prefix : [])));
  return kept.filter((line) => line.type !== "prefix" || used.has(line.prefix));
}
