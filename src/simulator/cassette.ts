/**
 * A cassette: a run's traffic with its models, as JSON lines, so that it can be played again. Version 1.
 *
 *   {"type":"cassette","version":1,"program":"0.1.0","startedAt":"...","base":{"commit","tree","branch"},"settings":{...},
 *    "untracked":["notes.txt"],"documents":{"product.md":"..."}}
 *   {"type":"work","kind":"epic","goal":"...","isStarting":true}
 *   {"type":"prefix","prefix":1,"system":"...","tools":[{"name","description","input_schema"}]}
 *   {"type":"exchange","exchange":1,"role":"worker","stream":"Tier 3 (Worker): T-001","agent":"A-0003","attempt":1,"turn":1,
 *    "tries":1,"model":"...","prefix":1,"after":null,"keep":0,"messages":[...],"hash":"...","response":{...}}
 *   {"type":"command","subject":"check T-001","exitCode":0}
 *   {"type":"decision","kind":"spawn","subject":"T-001","decision":"approve","payload":{...},"edited":{...},"by":"person"}
 *   {"type":"lever","command":{"type":"retry_ticket","ticketId":"T-001","by":"person"}}
 *   {"type":"merged","track":"...","ticket":"T-001","tree":"..."}
 *   {"type":"end","outcome":"done"}
 *
 * The first line is the `cassette` line; the others stand in the order in which things ended. A line that is not whole at the
 * end of the file is what a crash left: it is dropped. Line by line:
 *   cassette   what the run began with. `base`: the commit that HEAD was, its tree, the branch; null where the log does not
 *              tell. `settings`: those of the run that decide what is asked (tiers, workers, review, gates, budget, history).
 *              `untracked`, `documents`: what of the project's folder models were shown and no commit holds
 *   work       what a person gave it to do: `epic` (a goal), `import` (a track from disk), `start` (tracks by name)
 *   prefix     a system prompt with the tools that are offered, once for all exchanges that have it
 *   exchange   one request and its answer. Its messages are the first `keep` of those of the exchange `after` (that exchange's
 *              own answer counted as one more), then `messages`; cache marks are left out. `hash`: see below.
 *              `counted`: the input tokens, where the endpoint was asked for them beforehand. The response is one of
 *                {"kind":"message","content":[...],"stopReason","usage":{...},"isUsageKnown"?}
 *                {"kind":"failure","code","reason","status"?,"text","filler"?,"usage","isUsageKnown"?,"retryInMs"?}
 *              as the client understood it: content blocks, or how the call failed and what text had come. Of a very long
 *              text the beginning is kept; `filler` is a piece of it that is repeated up to its length
 *   command    a command that ended: its place among the other lines is what counts. `subject`: whose it was
 *   decision   what a person decided at a gate: what was shown, what was approved in its place, why it was declined
 *   lever      another thing that a person asked for: a ticket tried again, skipped, cancelled, edited, added, split or moved,
 *              or other settings of those that the first line has
 *   merged     the tree of a track after a merge: what a replay must come to
 *   end        how the run ended
 *
 * Nothing in it is secret: values of known keys are `[secret]`. The project's folder is called /signalbox/project.
 *
 * `hash` is the SHA-256 (hex) of the request's parts (model, system, tools, blocks), each in its normal form: without days,
 * commits, ids, times, durations, ports and temporary folders (see `volatile.ts`). A reader makes it again from the parts.
 */
import { z } from "zod";
import { SettingChange } from "../domain/event-usage.ts";
import { GateKind, Json } from "../domain/gate.ts";
import { NewTicket, Place, Split, TicketChanges } from "../domain/plan-edit.ts";
import { Settings } from "../domain/settings.ts";
import { Role } from "../domain/stream-id.ts";
import { Usage } from "../domain/usage.ts";

const count = z.number().int().nonnegative();
const line = z.string().min(1);

/** The settings of the run that decide what is asked and who is asked for leave. */
export const RecordedSettings = Settings.pick({
  tiers: true,
  workers: true,
  verify: true,
  review: true,
  gates: true,
  budget: true,
  context: true,
  isLanding: true,
});
export type RecordedSettings = z.infer<typeof RecordedSettings>;

export const CassetteHead = z.object({
  type: z.literal("cassette"),
  version: z.literal(1),
  program: z.string(),
  startedAt: z.string(),
  base: z.object({ commit: line, tree: line, branch: z.string().nullable() }).nullable(),
  settings: RecordedSettings,
  untracked: z.array(z.string()).default([]),
  documents: z.record(z.string(), z.string()).default({}),
});
export type CassetteHead = z.infer<typeof CassetteHead>;

const ImportedTrack = z.object({
  trackId: line,
  key: z.string(),
  title: z.string(),
  goal: z.string(),
  acceptanceCriteria: z.array(z.string()),
  modules: z.array(z.string()),
  dependsOn: z.array(z.string()),
  kind: z.enum(["feature", "bug", "chore", "refactor"]),
});

const work = { type: z.literal("work") };
export const WorkLine = z.discriminatedUnion("kind", [
  z.object({ ...work, kind: z.literal("epic"), goal: line, isStarting: z.boolean() }),
  z.object({ ...work, kind: z.literal("import"), track: ImportedTrack }),
  z.object({ ...work, kind: z.literal("start"), trackIds: z.array(line).min(1) }),
]);
export type WorkLine = z.infer<typeof WorkLine>;

const PrefixLine = z.object({ type: z.literal("prefix"), prefix: count, system: z.string(), tools: z.array(Json) });

const told = { usage: Usage, isUsageKnown: z.boolean().optional() };
export const RecordedResponse = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), content: z.array(Json), stopReason: z.string(), ...told }),
  z.object({
    kind: z.literal("failure"),
    code: line,
    reason: z.string(),
    status: count.optional(),
    text: z.string(),
    filler: z.object({ piece: line, length: count }).optional(),
    retryInMs: count.optional(),
    ...told,
  }),
]);
export type RecordedResponse = z.infer<typeof RecordedResponse>;

export const ExchangeLine = z.object({
  type: z.literal("exchange"),
  exchange: count,
  role: Role,
  stream: line,
  agent: line,
  attempt: count.nullable(),
  turn: count,
  tries: count,
  model: line,
  prefix: count,
  after: count.nullable(),
  keep: count,
  messages: z.array(Json),
  hash: z.string(),
  counted: count.optional(),
  response: RecordedResponse,
});
export type ExchangeLine = z.infer<typeof ExchangeLine>;

export const CommandLine = z.object({ type: z.literal("command"), subject: line, exitCode: z.number().int() });

export const DecisionLine = z.object({
  type: z.literal("decision"),
  kind: GateKind,
  /** The ticket, track or epic that it was about. */
  subject: z.string(),
  decision: z.enum(["approve", "decline"]),
  payload: Json,
  edited: Json.optional(),
  reason: z.string().optional(),
  by: z.string(),
});
export type DecisionLine = z.infer<typeof DecisionLine>;

export const LeverLine = z.object({
  type: z.literal("lever"),
  command: z.discriminatedUnion("type", [
    z.object({ type: z.literal("retry_ticket"), ticketId: line, by: line }),
    z.object({ type: z.literal("skip_ticket"), ticketId: line, reason: z.string() }),
    z.object({ type: z.literal("cancel_ticket"), ticketId: line, reason: z.string() }),
    z.object({ type: z.literal("edit_ticket"), ticketId: line, changes: TicketChanges }),
    z.object({ type: z.literal("add_ticket"), trackId: line, ticket: NewTicket }),
    z.object({ type: z.literal("split_ticket"), ticketId: line, ...Split.shape }),
    z.object({ type: z.literal("move_ticket"), ticketId: line, ...Place.shape }),
    z.object({
      type: z.literal("change_settings"),
      settings: RecordedSettings,
      changes: z.array(SettingChange),
      by: line,
    }),
  ]),
});
export type LeverLine = z.infer<typeof LeverLine>;

export const MergedLine = z.object({ type: z.literal("merged"), track: line, ticket: line, tree: line });
export const EndLine = z.object({ type: z.literal("end"), outcome: z.string() });

export const CassetteLine = z.union([
  CassetteHead,
  WorkLine,
  PrefixLine,
  ExchangeLine,
  CommandLine,
  DecisionLine,
  LeverLine,
  MergedLine,
  EndLine,
]);
export type CassetteLine = z.infer<typeof CassetteLine>;

const schemas: Readonly<Record<string, z.ZodType<CassetteLine>>> = {
  cassette: CassetteHead,
  work: WorkLine,
  prefix: PrefixLine,
  exchange: ExchangeLine,
  command: CommandLine,
  decision: DecisionLine,
  lever: LeverLine,
  merged: MergedLine,
  end: EndLine,
};

/** A cassette that cannot be played; the message names the line and what was found there. */
export class CassetteError extends Error {
  override readonly name = "CassetteError";
  readonly code = "cassette";
}

/** The lines of a cassette's text, and whether a torn last one was dropped. Throws `CassetteError`. */
export function parseCassetteLines(
  text: string,
  source: string,
): { head: CassetteHead; lines: CassetteLine[]; isTorn: boolean } {
  const rows = text.split("\n");
  const isTorn = rows.at(-1) !== "";
  const whole = rows.slice(0, -1);
  const lines = whole.flatMap((row, at) => (row.trim() === "" ? [] : parsedLine(row, at + 1, source)));
  const head = lines[0];
  if (head?.type !== "cassette")
    throw new CassetteError(
      `${source} is no cassette: its first line is ${head ? `a "${head.type}" line` : "not there"}, and must be {"type":"cassette","version":1,...}. Make one with "signalbox record".`,
    );
  return { head, lines: lines.slice(1), isTorn };
}

function parsedLine(row: string, number: number, source: string): CassetteLine {
  const json = jsonOf(row, number, source);
  const { type, version } = z.object({ type: z.string(), version: z.unknown().optional() }).safeParse(json).data ?? {};
  if (type === "cassette" && version !== 1)
    throw fault(source, number, `it has the version ${JSON.stringify(version)}, and this program reads version 1`);
  const schema = type === undefined || !Object.hasOwn(schemas, type) ? undefined : schemas[type];
  if (!schema)
    throw fault(
      source,
      number,
      `${type === undefined ? "it has no type" : `its type is "${type}"`}; allowed is ${Object.keys(schemas).join(", ")}`,
    );
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fault(source, number, `field ${issue?.path.join(".") || "(itself)"} of this "${type}" line: ${issue?.message}`);
}

function jsonOf(row: string, number: number, source: string): unknown {
  try {
    return JSON.parse(row);
  } catch (error) {
    const start = JSON.stringify(row.slice(0, 40));
    throw fault(source, number, `it is not JSON, and begins with ${start}`, error);
  }
}

/** What is wrong with one line. */
export function fault(source: string, number: number, what: string, cause?: unknown): CassetteError {
  return new CassetteError(`Cannot play ${source}, line ${number}: ${what}.`, { cause });
}
