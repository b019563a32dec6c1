/**
 * What is put before those who judge a ticket: QA's diagnosis of a red check, QA's verdict and the Tech Lead's review of a green
 * one. Diffs and statuses go up a tier, raw logs never do; only the diagnosis sees lines of output.
 */
import type { Ticket } from "../domain/state.ts";
import { errorExcerpt } from "./error-excerpt.ts";
import { failingSource } from "./failing-source.ts";
import type { SourceReader } from "./source-reader.ts";
import { clipped } from "./source-view.ts";

type JudgedTicket = Pick<Ticket, "ticketId" | "title" | "description" | "acceptanceCriteria">;

/** A check as judges hear of it: what ran and how it ended. */
export interface CheckSummary {
  readonly command: string;
  readonly exitCode: number;
}

/** What a review is made from. */
export interface ReviewInput {
  readonly ticket: JudgedTicket;
  readonly diff: string;
  readonly diffstat: string;
  readonly check: CheckSummary | null;
  /** QA's verdict, where there was one. */
  readonly verdict: { readonly verdict: "pass" | "fail"; readonly diagnosis: string } | null;
}

const diffChars = 60_000;
const diagnosisChars = 8_000;
const excerptChars = 3_500;

/** The message that asks the Tech Lead to review a finished ticket. */
export function reviewMessage(input: ReviewInput): string[] {
  const { ticket, verdict } = input;
  const qa = verdict ? `QA's verdict: ${verdict.verdict}. ${verdict.diagnosis}` : "";
  return [
    `# Review of ${ticketHeading(ticket)}`,
    [checkWords(input.check), qa, input.diffstat.trim()].filter((part) => part !== "").join("\n\n"),
    diffBlock(input.diff),
    `Review ticket ${ticket.ticketId}: call accept_ticket, or request_rework with the reason.`,
  ];
}

/** What a verdict is made from. */
export interface VerdictInput {
  readonly ticket: JudgedTicket;
  readonly diff: string;
  readonly check: CheckSummary | null;
}

/** The message that asks QA whether a diff meets the ticket's criteria. */
export function verdictMessage(input: VerdictInput): string[] {
  return [
    `# ${ticketHeading(input.ticket)}`,
    checkWords(input.check),
    diffBlock(input.diff),
    "Does the diff meet every acceptance criterion? Call report_verdict.",
  ];
}

/** What a diagnosis is made from. */
export interface DiagnosisInput {
  readonly ticket: Pick<Ticket, "ticketId" | "title">;
  readonly command: string;
  readonly exitCode: number;
  readonly output: string;
  readonly reader: SourceReader;
  /** Whether the check ran on the tree after the merge, so that work of others may be the cause. */
  readonly isMerged: boolean;
}

/** The message that asks QA why a check failed: the telling lines and the source around the places that they name; at most 8 kB. */
export async function diagnosisMessage(input: DiagnosisInput): Promise<string[]> {
  const where = input.isMerged ? " on the tree after its merge with work that was merged meanwhile" : "";
  const excerpt = errorExcerpt(input.output, excerptChars) || "(it printed nothing)";
  const head = [
    `The check of ticket ${input.ticket.ticketId} (${clipped(input.ticket.title, 200)}) failed${where}.`,
    `Command: ${clipped(input.command, 500)}\nExit code: ${input.exitCode}`,
    `<output>\n${excerpt}\n</output>`,
  ].join("\n\n");
  const request = "What is the cause, and where? 20 to 50 tokens, no fix.";
  const room = diagnosisChars - head.length - request.length;
  const sources = await failingSource(excerpt, input.reader, room);
  return [head, sources, request].filter((block) => block !== "");
}

function ticketHeading(ticket: JudgedTicket): string {
  const criteria = ticket.acceptanceCriteria.map((criterion) => `- ${criterion}`).join("\n");
  return [
    `Ticket ${ticket.ticketId}: ${ticket.title}`,
    ticket.description,
    `## Acceptance criteria\n\n${criteria || "None beyond the description."}`,
  ].join("\n\n");
}

function checkWords(check: CheckSummary | null): string {
  if (!check) return "No check is set for this ticket.";
  const outcome = check.exitCode === 0 ? "passed" : `failed with exit code ${check.exitCode}`;
  return `The engine ran \`${check.command}\` on exactly this state: it ${outcome}.`;
}

function diffBlock(diff: string): string {
  return diff.trim() === "" ? "The diff is empty." : `<diff>\n${clipped(diff.trimEnd(), diffChars)}\n</diff>`;
}
