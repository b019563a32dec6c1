/** What the simulator was asked and how it answered, for tests and for its own output. Bounded: the oldest go first. */
import type { AnswerUsage } from "./answer.ts";
import type { ApiError } from "./api-error.ts";
import type { FaultKind } from "./fault.ts";

/** One request; it is open (`status` null) until its answer is decided. */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly model: string | null;
  readonly ruleName: string | null;
  readonly fault: FaultKind | null;
  /** The usage of the whole answer; a stream that a fault broke may not have come as far as to say it. */
  readonly usage: AnswerUsage | null;
  /** What somebody is to mend, in words for a person: a refused request, or one that nothing answers; else null. */
  readonly problem: string | null;
  /** The parsed body; null when there was none, or when it is too long ago. */
  readonly body: unknown;
}

type Settled = {
  readonly status: number;
  readonly model?: string;
  readonly usage?: AnswerUsage;
  readonly problem?: string;
};

type Matched = { readonly ruleName: string; readonly fault?: FaultKind | null; readonly problem?: string | null };

const maxRecords = 2_000;
const maxBodies = 500;

/** The records of one simulator, oldest first. */
export class RequestLog {
  readonly #records: RequestRecord[] = [];
  readonly #onSettled: ((record: RequestRecord) => void) | null;
  #count = 0;

  constructor(onSettled: ((record: RequestRecord) => void) | null) {
    this.#onSettled = onSettled;
  }

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  /** Takes a request in, and returns its id. */
  open(method: string, path: string): string {
    this.#count += 1;
    const requestId = `req_sim_${String(this.#count).padStart(6, "0")}`;
    const rest = { status: null, model: null, ruleName: null, fault: null, usage: null, problem: null, body: null };
    this.#records.push({ requestId, method, path, ...rest });
    if (this.#records.length > maxRecords) this.#records.shift();
    this.#change(this.#records.at(-1 - maxBodies)?.requestId, { body: null });
    return requestId;
  }

  body(requestId: string, body: unknown): void {
    this.#change(requestId, { body });
  }

  match(requestId: string, { ruleName, fault = null, problem = null }: Matched): void {
    this.#change(requestId, { ruleName, fault, problem });
  }

  /** Settles a request with an error: its words are a problem, unless a rule or a fault asked for it. */
  refuse(requestId: string, { status, message }: ApiError): void {
    const isAsked = this.#records.findLast((record) => record.requestId === requestId)?.ruleName != null;
    this.settle(requestId, { status, ...(isAsked ? {} : { problem: message }) });
  }

  settle(requestId: string, settled: Settled): void {
    const record = this.#change(requestId, settled);
    if (record) this.#onSettled?.(record);
  }

  #change(requestId: string | undefined, change: Partial<RequestRecord>): RequestRecord | null {
    if (requestId === undefined) return null;
    const index = this.#records.findLastIndex((record) => record.requestId === requestId);
    const record = this.#records[index];
    if (!record) return null;
    const changed = { ...record, ...change };
    this.#records[index] = changed;
    return changed;
  }
}
