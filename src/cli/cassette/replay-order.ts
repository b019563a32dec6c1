/** Follows a replay's own log, and says to the turnstile which steps of the recording have come about. */
import type { Event } from "../../domain/event.ts";
import type { CassetteLine } from "../../simulator/cassette.ts";
import { withoutDay } from "../../simulator/volatile.ts";
import { integrationName } from "../../workspace/names.ts";
import { Turnstile } from "./turnstile.ts";

/** Steps that wait for each other; what failed in the recording waits for nobody. */
function isOrdered(line: CassetteLine): boolean {
  if (line.type === "exchange") return line.response.kind === "message";
  return line.type === "command" || line.type === "decision" || line.type === "work" || line.type === "lever";
}

export class ReplayOrder {
  readonly turnstile: Turnstile;
  readonly #commands = new Map<string, number[]>();
  readonly #commandsEnded = new Map<string, number[]>();
  /** The answer that each agent was given last, until the agent makes something of it. */
  readonly #answered = new Map<string, { readonly step: number; isSettled: boolean }>();

  constructor(lines: readonly CassetteLine[], quietMs?: number) {
    const ordered = [...lines.entries()].filter(([, line]) => isOrdered(line)).map(([step]) => step);
    this.turnstile = new Turnstile(ordered, quietMs === undefined ? {} : { quietMs });
    for (const [step, line] of lines.entries()) {
      if (line.type !== "command") continue;
      const subject = subjectKey(line.subject, firstTicket(lines));
      this.#commands.set(subject, [...(this.#commands.get(subject) ?? []), step]);
      this.#commandsEnded.set(subject, [...(this.#commandsEnded.get(subject) ?? []), step]);
    }
  }

  /** Waits for an answer's turn. */
  async answer(step: number, agentId: string | null): Promise<void> {
    await this.turnstile.enter(step);
    if (agentId === null) this.turnstile.pass(step);
    else this.#answered.set(agentId, { step, isSettled: false });
  }

  /** Runs a command, and gives its result when its turn has come. `subject`: the folder that it ran in. */
  async command<T>(subject: string, run: () => Promise<T>): Promise<T> {
    const ended = this.turnstile.run();
    const result = await run().finally(ended);
    const step = this.#commands.get(subjectKey(subject, 1))?.shift();
    if (step !== undefined) await this.turnstile.enter(step);
    return result;
  }

  /** Takes an event of the replay. */
  follow(event: Event): void {
    if (event.type === "command.completed") this.#commandEnded(event.ticketId);
    if (event.type === "check.completed")
      this.#commandEnded(event.subject === "merged" ? integrationName(event.trackId) : event.ticketId);
    const agentId = "agentId" in event ? event.agentId : undefined;
    const answered = this.#answered.get(agentId ?? "");
    if (agentId === undefined || !answered) return;
    if (event.type === "call.settled") {
      answered.isSettled = true;
      return;
    }
    // What the agent does next shows that its answer has been heard and acted upon.
    if (!answered.isSettled) return;
    this.#answered.delete(agentId);
    this.turnstile.pass(answered.step);
  }

  #commandEnded(subject: string): void {
    const step = this.#commandsEnded.get(subjectKey(subject, 1))?.shift();
    if (step !== undefined) this.turnstile.pass(step);
  }
}

/** A ticket by its place in the run, a track without its day: both are counted anew in a replay. */
function subjectKey(subject: string, first: number): string {
  const number = /^T-(\d+)$/.exec(subject)?.[1];
  return number === undefined ? withoutDay(subject) : `ticket ${Number(number) - first}`;
}

/** The number of the first ticket of the recording: its log may have held others before. */
function firstTicket(lines: readonly CassetteLine[]): number {
  const numbers = lines.flatMap((line) => {
    const subject = line.type === "exchange" ? line.stream : line.type === "command" ? line.subject : "";
    const number = /\bT-(\d+)$/.exec(subject)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.length === 0 ? 1 : Math.min(...numbers);
}

/** The id that a ticket of the recording has in a replay, where tickets are counted anew. */
export function presentTicket(ticketId: string, lines: readonly CassetteLine[]): string {
  const number = Number(ticketId.replace(/^T-/, "")) - firstTicket(lines) + 1;
  return `T-${String(number).padStart(3, "0")}`;
}
