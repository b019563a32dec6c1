/**
 * What a time line is drawn from, gathered while the log is folded: a small record for each mark and each call, about one
 * event in four, and from where to where each epic and track goes.
 */
import type { Event } from "../../domain/event.ts";
import type { State } from "../../domain/state.ts";
import {
  isInScope,
  type Mark,
  markOf,
  ownerOf,
  type Scope,
  type SpendStep,
  type TimeLine,
  timeLine,
} from "../../projections/time-line.ts";

interface Extent {
  readonly from: number;
  readonly to: number;
}

export class TimeLineRecord {
  readonly #marks: Mark[] = [];
  readonly #spends: SpendStep[] = [];
  #drawn: { readonly key: string; readonly line: TimeLine } | null = null;
  /** By `scopeKey`. */
  readonly #extents = new Map<string, Extent>();

  /** Takes in the next event, with the state after it. */
  note(state: State, event: Event): void {
    const owner = ownerOf(state, event);
    const mark = markOf(event, owner);
    if (mark) this.#marks.push(mark);
    const usd = event.type === "call.settled" || event.type === "call.failed" ? (event.costUsd ?? 0) : 0;
    if (usd > 0) this.#spends.push({ position: event.position, usd, ...owner });
    const { epicId, trackId } = owner;
    this.#extend({ name: "log" }, event.position);
    if (epicId !== null) this.#extend({ name: "epic", epicId }, event.position);
    if (trackId !== null) this.#extend({ name: "track", trackId }, event.position);
  }

  #extend(scope: Scope, position: number): void {
    const key = scopeKey(scope);
    this.#extents.set(key, { from: this.#extents.get(key)?.from ?? position, to: position });
  }

  /** From where to where a scope goes; null where nothing has happened in it. */
  extentOf(scope: Scope): Extent | null {
    return this.#extents.get(scopeKey(scope)) ?? null;
  }

  /** The line of a scope, wide enough for a position that lies beside it. The same one until the log goes on. */
  lineOf(scope: Scope, position: number): TimeLine {
    const { from, to } = this.extentOf(scope) ?? { from: position, to: position };
    const extent = { from: Math.min(from, position), to: Math.max(to, position) };
    const key = `${scopeKey(scope)} ${extent.from} ${extent.to} ${this.#marks.length} ${this.#spends.length}`;
    if (this.#drawn?.key !== key) this.#drawn = { key, line: this.#draw(scope, extent) };
    return this.#drawn.line;
  }

  #draw(scope: Scope, extent: Extent): TimeLine {
    return timeLine({
      ...extent,
      marks: this.#marks.filter((mark) => isInScope(scope, mark)),
      spends: this.#spends.filter((spend) => isInScope(scope, spend)),
    });
  }
}

function scopeKey(scope: Scope): string {
  if (scope.name === "log") return "log";
  return scope.name === "epic" ? `epic:${scope.epicId}` : `track:${scope.trackId}`;
}
