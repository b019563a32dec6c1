/** A row of the log: what a fact is on disk, and whether a row is still the one that was written there. */
import type { Event, Fact } from "../domain/event.ts";
import { damaged } from "./log-fault.ts";

/** How far a log has been checked. */
export interface Checked {
  readonly position: number;
  readonly hash: string;
}

export interface Row {
  readonly position: number;
  readonly at: string;
  readonly type: string;
  readonly body: string;
  readonly hash: string;
  readonly agent_id: string | null;
  readonly ticket_id: string | null;
  readonly track_id: string | null;
}

/** What is said of a row whose content and hash differ. */
export const unlike = "the row does not match its hash";

/** How far the log is checked with this row; throws when it is not the one that was written there. */
export function next(checked: Checked, row: Row): Checked & { readonly event: Event } {
  const position = checked.position + 1;
  const hash = rowHash(checked.hash, row);
  if (row.position !== position || row.hash !== hash) throw damaged(position, unlike);
  const event = eventOf(row);
  const refs = refsOf(event);
  const isSame = refs.agent_id === row.agent_id && refs.ticket_id === row.ticket_id && refs.track_id === row.track_id;
  if (!isSame) throw damaged(position, "the row does not say whose event it is");
  return { position, hash, event };
}

/** The row of a fact that follows what is checked. */
export function rowOf(checked: Checked, { type, ...fields }: Fact, at: string): Row {
  const row = { position: checked.position + 1, at, type, body: JSON.stringify(fields) };
  return { ...row, ...refsOf(fields), hash: rowHash(checked.hash, row) };
}

function refsOf(fields: object): Pick<Row, "agent_id" | "ticket_id" | "track_id"> {
  const refs = fields as { agentId?: string; ticketId?: string; trackId?: string }; // Absent in some facts: null then.
  return { agent_id: refs.agentId ?? null, ticket_id: refs.ticketId ?? null, track_id: refs.trackId ?? null };
}

function rowHash(previous: string, row: Pick<Row, "position" | "at" | "type" | "body">): string {
  return Bun.SHA256.hash(`${previous}\n${row.position}\n${row.at}\n${row.type}\n${row.body}`, "hex");
}

/** The event of a row that has been checked, or that this process wrote. */
export function eventOf(row: Row): Event {
  // Only `append` writes rows, and the hash chain shows that none was changed since: parsing each again with zod costs
  // more than the rest of a replay.
  return Object.assign(JSON.parse(row.body) as Fact, { type: row.type, position: row.position, at: row.at }) as Event;
}
