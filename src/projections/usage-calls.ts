/** Single calls with what each took: the smallest parts that a sum of spend has. */
import type { Purpose } from "../domain/usage.ts";
import type { UsageRow } from "./usage.ts";
import { sumOf } from "./view-usage.ts";

export interface ScopedCall {
  readonly callId: string;
  readonly at: string;
  readonly streamId: string;
  readonly turn: number;
  readonly model: string;
  readonly purpose: Purpose;
  readonly isFailed: boolean;
  readonly spend: UsageRow;
}

export interface ScopedCalls {
  /** Newest first. */
  readonly calls: readonly ScopedCall[];
  readonly rest: { readonly rowCount: number; readonly spend: UsageRow } | null;
  readonly total: UsageRow;
}

const callLimit = 100;

/** The newest calls, and what the older ones come to. */
export function scopedCalls(found: readonly ScopedCall[]): ScopedCalls {
  const calls = [...found].sort((a, b) => b.at.localeCompare(a.at) || b.callId.localeCompare(a.callId));
  const left = calls.slice(callLimit).map((call) => call.spend);
  return {
    calls: calls.slice(0, callLimit),
    rest: left.length === 0 ? null : { rowCount: left.length, spend: sumOf(left) },
    total: sumOf(found.map((call) => call.spend)),
  };
}
