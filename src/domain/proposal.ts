/**
 * What models propose: tracks (tier 1), tickets (tier 2), verdicts (tier 4). Parses raw model output, as a tool input or
 * as plain text, and names every fault so that the model can mend its answer.
 */
import { z } from "zod";
import { graphFaults } from "./graph.ts";

const line = z.string().trim().min(1);

export const TrackProposal = z.object({
  key: line,
  title: line,
  goal: line,
  acceptance_criteria: z.array(line),
  modules: z.array(line).optional(),
  depends_on: z.array(line).optional(),
  type: z.enum(["feature", "bug", "chore", "refactor"]).optional(),
});
export type TrackProposal = z.infer<typeof TrackProposal>;

export const TrackProposals = z.object({ tracks: z.array(TrackProposal).min(1), rationale: z.string().optional() });
export type TrackProposals = z.infer<typeof TrackProposals>;

export const TicketProposal = z.object({
  key: line,
  title: line,
  description: line,
  target_files: z.array(line),
  context_files: z.array(line).optional(),
  depends_on: z.array(line).optional(),
  acceptance_criteria: z.array(line),
  verify: line.optional(),
  phase: line.optional(),
  priority: z.enum(["high", "medium", "low"]).optional(),
  step_mode: z.boolean().optional(),
});
export type TicketProposal = z.infer<typeof TicketProposal>;

export const TicketProposals = z.object({ tickets: z.array(TicketProposal).min(1) });
export type TicketProposals = z.infer<typeof TicketProposals>;

export const Finding = z.object({
  severity: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  note: z.string(),
});

export const Verdict = z.object({
  verdict: z.enum(["pass", "fail"]),
  diagnosis: z.string(),
  findings: z.array(Finding).optional(),
});
export type Verdict = z.infer<typeof Verdict>;

/** A parsed proposal, or every fault that it has, each a sentence that names the place. */
export type Parsed<T> =
  | { readonly isValid: true; readonly value: T }
  | { readonly isValid: false; readonly faults: string[] };

/** Parses a `propose_tracks` input (an object, a bare array, or text that holds one). */
export function parseTracks(raw: unknown): Parsed<TrackProposals> {
  return parseProposal(raw, "tracks", TrackProposals, (value) => graphFaults(value.tracks));
}

/** Parses a `propose_tickets` input; `knownKeys` are tickets of the track that new ones may depend on. */
export function parseTickets(raw: unknown, knownKeys: readonly string[] = []): Parsed<TicketProposals> {
  return parseProposal(raw, "tickets", TicketProposals, (value) => [
    ...graphFaults(value.tickets, knownKeys),
    ...value.tickets.flatMap((ticket) => pathFaults(ticket)),
  ]);
}

/** Parses a `report_verdict` input. */
export function parseVerdict(raw: unknown): Parsed<Verdict> {
  return parseProposal(raw, null, Verdict, () => []);
}

function parseProposal<T>(
  raw: unknown,
  listName: string | null,
  schema: z.ZodType<T>,
  semanticFaults: (value: T) => string[],
): Parsed<T> {
  const json = typeof raw === "string" ? jsonIn(raw) : { isValid: true as const, value: raw };
  if (!json.isValid) return json;
  const value = listName && Array.isArray(json.value) ? { [listName]: json.value } : json.value;
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { isValid: false, faults: parsed.error.issues.map(issueSentence) };
  const faults = semanticFaults(parsed.data);
  return faults.length === 0 ? { isValid: true, value: parsed.data } : { isValid: false, faults };
}

function issueSentence(issue: z.core.$ZodIssue): string {
  const place = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return `${place.replace(/^\./, "") || "the proposal"}: ${issue.message}`;
}

/** Finds the JSON object or array in a model's text: fenced, between the outermost brackets, or all of it. */
function jsonIn(text: string): Parsed<unknown> {
  const fenced = [...text.matchAll(/```(?:json)?\s*\n([\s\S]*?)```/g)].map((match) => match[1]?.trim() ?? "");
  const spans = [bracketSpan(text, "{", "}"), bracketSpan(text, "[", "]")].filter((span) => span !== null);
  spans.sort((a, b) => b.length - a.length);
  const cut = text.slice(Math.max(0, text.search(/[{[]/)));
  let fault: string | null = null;
  for (const candidate of [...fenced, ...spans, cut]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (value !== null && typeof value === "object") return { isValid: true, value };
    } catch (error) {
      if (!/^[{[]/.test(candidate)) continue;
      fault ??= `the JSON does not parse: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { isValid: false, faults: [fault ?? "the answer holds no JSON object or array"] };
}

function bracketSpan(text: string, open: string, close: string): string | null {
  const start = text.indexOf(open);
  const end = text.lastIndexOf(close);
  return start >= 0 && end > start ? text.slice(start, end + 1) : null;
}

function pathFaults(ticket: TicketProposal): string[] {
  const faults = [...ticket.target_files, ...(ticket.context_files ?? [])].map(pathFault);
  return faults.flatMap((fault) => (fault === null ? [] : `ticket "${ticket.key}": ${fault}`));
}

/** Why a path (or glob) cannot be one of the project's; null when it can. */
export function pathFault(path: string): string | null {
  const isOutside =
    path.startsWith("/") || path.split("/").includes("..") || path.includes("\\") || path.includes("\0");
  if (isOutside) return `the path "${path}" is not inside the project; give it relative to the project root`;
  const isProtected = path.split("/").some((part) => /^\.(git|signalbox)$/i.test(part));
  return isProtected ? `the path "${path}" is off limits: .git and .signalbox are not for agents` : null;
}
