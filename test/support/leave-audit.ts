/**
 * Reads a log as an auditor would, with rules of its own that share no code with the product's: whatever began must have been
 * opened by a decision of a person on exactly that payload, used once, or by a level or rule that was in force at that moment.
 */
import { createHash } from "node:crypto";
import type { Event, EventOf } from "../../src/domain/event.ts";

type Opened = EventOf<"gate.opened">;
type Approved = EventOf<"gate.approved">;
interface Standing {
  readonly opened: Opened;
  approved: Approved | null;
  isOver: boolean;
  isUsed: boolean;
}

/** What happened without leave, in words with its position; empty when all had it. */
export function auditLeave(events: readonly Event[]): string[] {
  const audit = new Audit();
  for (const event of events) audit.read(event);
  return audit.faults;
}

class Audit {
  readonly faults: string[] = [];
  readonly #gates = new Map<string, Standing>();
  /** Merges that were begun with leave, by ticket: their two parents. */
  readonly #merges = new Map<string, string>();
  readonly #stepMode = new Map<string, boolean>();
  #level = "manual";
  #allow: readonly string[] = [];
  /** Rules that a person wrote and nobody has revoked, by id. */
  readonly #rules = new Map<string, string>();
  #isLanding = false;
  /** Tracks whose landing would move the user's branch: a track that is in it already has landed without an effect. */
  readonly #landings = new Set<string>();

  read(event: Event): void {
    switch (event.type) {
      case "settings.applied":
        this.#level = event.settings.gates.level;
        this.#allow = event.settings.gates.allow;
        this.#isLanding = event.settings.isLanding;
        return;
      case "ticket.created":
        this.#stepMode.set(event.ticketId, event.isStepMode);
        return;
      case "ticket.edited":
        if (event.changes.isStepMode !== undefined) this.#stepMode.set(event.ticketId, event.changes.isStepMode);
        return;
      case "gate.opened":
        return this.#open(event);
      case "gate.approved":
        return this.#approve(event);
      case "gate.declined":
      case "gate.withdrawn":
        return this.#close(event);
      case "gate.superseded":
        return this.#supersede(event);
      case "rule.added":
        this.#rules.set(event.ruleId, event.pattern);
        return;
      case "rule.revoked":
        this.#rules.delete(event.ruleId);
        return;
      default:
        return this.#begin(event);
    }
  }

  #open(event: Opened): void {
    if (this.#gates.has(event.gateId)) this.#fault(event, `${event.gateId} was opened twice`);
    if (event.payloadHash !== hashOf(event.payload)) this.#fault(event, `${event.gateId} hashes something else`);
    this.#gates.set(event.gateId, { opened: event, approved: null, isOver: false, isUsed: false });
  }

  #approve(event: Approved): void {
    const gate = this.#gates.get(event.gateId);
    if (!gate || gate.isOver || gate.approved) return this.#fault(event, `${event.gateId} was not open`);
    if (event.payloadHash !== hashOf(event.payload)) this.#fault(event, `${event.gateId} approves by another hash`);
    if (!event.isEdited && event.payloadHash !== gate.opened.payloadHash)
      this.#fault(event, `${event.gateId} approves what was not shown`);
    if (/^(rule( R-\d+)?|level): /.test(event.by)) this.#checkAuthority(event, event.by);
    gate.approved = event;
  }

  #close(event: EventOf<"gate.declined"> | EventOf<"gate.withdrawn">): void {
    const gate = this.#gates.get(event.gateId);
    if (!gate || gate.isOver || gate.approved) return this.#fault(event, `${event.gateId} was not open`);
    gate.isOver = true;
  }

  /** Also of an approved gate, as long as nothing was done on its leave. */
  #supersede(event: EventOf<"gate.superseded">): void {
    const gate = this.#gates.get(event.gateId);
    if (!gate || gate.isOver || gate.isUsed) return this.#fault(event, `${event.gateId} was over already`);
    gate.isOver = true;
  }

  #begin(event: Event): void {
    switch (event.type) {
      case "agent.started":
        if (event.purpose !== "work" || !this.#asksForTicket(event.ticketId)) return;
        return this.#use(
          event,
          "spawn",
          { ticketId: event.ticketId },
          ({ payload }) => fieldOf(payload, "model") === event.model,
        );
      case "command.started":
        return this.#allowed(
          event,
          event.allowedBy,
          ["command", "unknown"],
          ({ payload }) =>
            ["command", "cwd"].every((field) => fieldOf(payload, field) === event[field as "command" | "cwd"]), // Both are fields of the event.
        );
      case "write.allowed":
        return this.#allowed(
          event,
          event.allowedBy,
          ["write"],
          ({ payload }) => fieldOf(payload, "path") === event.path,
        );
      case "merge.started":
        return this.#beginMerge(event);
      case "merge.completed":
        // What was begun with leave is what ends here, whatever the level is by now.
        if (this.#merges.delete(event.ticketId) || !this.#asksForTicket(event.ticketId)) return;
        return this.#use(event, "merge", { ticketId: event.ticketId });
      case "landing.prepared":
        this.#landings.add(event.trackId);
        return;
      case "track.landed":
        if (!this.#landings.has(event.trackId) || (this.#level === "all" && this.#isLanding)) return;
        return this.#use(event, "land", { trackId: event.trackId });
      case "checkpoint.recorded":
        if (this.#level !== "manual") return;
        return this.#use(
          event,
          "checkpoint",
          { trackId: event.trackId },
          ({ payload }) => fieldOf(payload, "phase") === event.phase,
        );
      case "budget.raised":
        return this.#use(
          event,
          "budget",
          { gateId: event.gateId },
          ({ payload }) => fieldOf(payload, "raiseTo") === event.to,
        );
      default:
        return;
    }
  }

  /** Begun anew after a crash, the same merge has the same leave. */
  #beginMerge(event: EventOf<"merge.started">): void {
    const { ticketId, ticketCommit, trackCommit } = event;
    const same = `${ticketCommit} ${trackCommit}`;
    if (this.#merges.get(ticketId) === same) return;
    if (this.#asksForTicket(ticketId))
      this.#use(
        event,
        "merge",
        { ticketId },
        ({ payload }) => fieldOf(payload, "commit") === ticketCommit && fieldOf(payload, "trackCommit") === trackCommit,
      );
    this.#merges.set(ticketId, same);
  }

  #asksForTicket(ticketId: string | undefined): boolean {
    return this.#level === "manual" || (this.#level === "guarded" && this.#stepMode.get(ticketId ?? "") === true);
  }

  #allowed(event: Event, by: string, kinds: readonly string[], fits: (approved: Approved) => boolean): void {
    const gateId = /^gate (.+)$/.exec(by)?.[1];
    if (gateId === undefined) return this.#checkAuthority(event, by);
    const gate = this.#gates.get(gateId);
    if (!gate?.approved || gate.isUsed || gate.isOver || !kinds.includes(gate.opened.kind) || !fits(gate.approved))
      return this.#fault(event, `${gateId} does not allow it`);
    gate.isUsed = true;
  }

  /** A level or rule may open only what it covered when it did. */
  #checkAuthority(event: Event, by: string): void {
    const rule = /^rule: (.*)$/s.exec(by)?.[1];
    const [, ruleId = "", pattern] = /^rule (R-\d+): (.*)$/s.exec(by) ?? [];
    if (pattern !== undefined && this.#level === "guarded" && this.#rules.get(ruleId) === pattern) return;
    const level = /^level: (.*)$/.exec(by)?.[1];
    if (rule !== undefined && this.#level === "guarded" && this.#allow.includes(rule)) return;
    if (level !== undefined && level === this.#level && level !== "manual") return;
    this.#fault(event, `nobody is "${by}" while the level is ${this.#level}`);
  }

  /** The last approved gate of a kind for a subject, used up. */
  #use(
    event: Event,
    kind: string,
    subject: { ticketId?: string | undefined; trackId?: string; gateId?: string },
    fits: (approved: Approved) => boolean = () => true,
  ): void {
    const found = [...this.#gates.values()].findLast(
      ({ opened, approved, isUsed, isOver }) =>
        opened.kind === kind &&
        approved !== null &&
        !isUsed &&
        !isOver &&
        (subject.gateId === undefined || opened.gateId === subject.gateId) &&
        (subject.ticketId === undefined || opened.ticketId === subject.ticketId) &&
        (subject.trackId === undefined || opened.trackId === subject.trackId) &&
        fits(approved),
    );
    if (!found) return this.#fault(event, `no approved ${kind} gate fits it`);
    found.isUsed = true;
  }

  #fault(event: Event, words: string): void {
    this.faults.push(`${event.position} ${event.type}: ${words}`);
  }
}

function fieldOf(payload: unknown, field: string): unknown {
  return payload !== null && typeof payload === "object" ? Reflect.get(payload, field) : undefined;
}

/** SHA-256 of the JSON with sorted keys and no spaces, as the contract words it. */
function hashOf(payload: unknown): string {
  return createHash("sha256").update(sorted(payload)).digest("hex");
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${sorted(part)}`).join(",")}}`;
}
