/** What the simulator was asked and how it answered, for tests and for its own output. Bounded: the oldest go first. */
import type { AnswerUsage } from "./answer.ts";
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
  /** The parsed body; null when there was none, or when it is too long ago. */
  readonly body: unknown;
}

type Settled = { readonly status: number; readonly model?: string; readonly usage?: AnswerUsage };

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
    const rest = { status: null, model: null, ruleName: null, fault: null, usage: null, body: null };
    this.#records.push({ requestId, method, path, ...rest });
    if (this.#records.length > maxRecords) this.#records.shift();
    this.#change(this.#records.at(-1 - maxBodies)?.requestId, { body: null });
    return requestId;
  }

  body(requestId: string, body: unknown): void {
    this.#change(requestId, { body });
  }

  match(requestId: string, ruleName: string, fault: FaultKind | null): void {
    this.#change(requestId, { ruleName, fault });
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
