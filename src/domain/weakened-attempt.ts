/** What a green check is worth that was made easier to pass: a person decides, or where nobody is asked, the attempt has failed. */
import { failedAttempt } from "./decision.ts";
import type { Fact } from "./event.ts";
import { testFindings } from "./gate-rules.ts";
import type { State, Ticket } from "./state.ts";
import { findingWords } from "./test-finding.ts";

/** The tests that a ticket weakens, in one sentence; "" when it weakens none. */
export function weakenedWords(ticket: Ticket): string {
  const findings = testFindings(ticket);
  return findings.length === 0 ? "" : `${ticket.ticketId} weakens tests: ${findingWords(findings)}.`;
}

/** Whether a ticket weakens tests at a level at which nobody is asked. */
export function isPastAsking(state: State, ticket: Ticket): boolean {
  return state.settings.gates.level === "all" && testFindings(ticket).length > 0;
}

/** The attempt fails with what was found, so that the next one puts it right. */
export function weakenedAttempt(state: State, ticket: Ticket, findings = testFindings(ticket)): Fact[] {
  const found = findingWords(findings);
  const reason = `The check is green, but the change makes it easier to pass, so it does not count: ${found}. Put these back as they were and meet the check itself; at another level than "all" a person can accept them.`;
  return failedAttempt(state, ticket, { cause: "check", reason });
}

/** Parts of a reason that are not empty, one after the other. */
export function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
