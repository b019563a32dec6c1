/** Answers the gates of a replay: by what a person decided in the recording, by its level, or not at all. */
import type { Json } from "../../domain/gate.ts";
import { openedBy } from "../../domain/gate-rules.ts";
import type { Gate } from "../../domain/state.ts";
import type { CassetteLine, RecordedSettings } from "../../simulator/cassette.ts";
import { failure } from "../cli-error.ts";
import type { RunningEngine } from "../compose.ts";
import type { ForkPoint } from "./fork-point.ts";
import { RecordedDecisions } from "./recorded-decisions.ts";

interface Parts {
  readonly options: {
    readonly folder: string;
    readonly mayLand: boolean;
    readonly isUnsafe: boolean;
    readonly fork?: ForkPoint | undefined;
    onFault(error: unknown): void;
  };
  /** The settings of the recording at the place where the replay is. */
  recorded(): RecordedSettings;
  /** Acts once everything before a step has come about. */
  inOrder(step: number, act: () => void): void;
}

export class GateAnswers {
  readonly #parts: Parts;
  readonly #decisions: RecordedDecisions;
  readonly #decided = new Set<string>();

  constructor(lines: readonly CassetteLine[], parts: Parts) {
    this.#parts = parts;
    this.#decisions = new RecordedDecisions(lines, parts.options.folder);
  }

  /** Why a gate was left open. */
  whyOpen(gate: Gate): string {
    if (gate.kind === "land" && !this.#parts.options.mayLand) return "Nothing is landed here without --land.";
    if (this.#isUnsafeGate(gate))
      return "Commands run unconfined here, so what the recording decided about one is not taken. --approve all lets them run.";
    return this.#decisions.whyOpen(gate);
  }

  /** Answers a gate as the recording says; leaves it open where that says nothing that counts here. */
  give(engine: RunningEngine, gate: Gate): void {
    if (this.#decided.has(gate.gateId)) return;
    if (gate.kind === "land" && this.#neverAsked()) return this.#leaveUnlanded(engine, gate);
    if ((gate.kind === "land" && !this.#parts.options.mayLand) || this.#isUnsafeGate(gate)) return;
    const { gateId, payloadHash } = gate;
    const forked = this.#parts.options.fork?.edited(gate) ?? null;
    if (forked !== null) return this.#fork(engine, gate, forked);
    const found = this.#decisions.take(gate);
    if (!found) return this.#byRecordedLevel(engine, gate);
    this.#decided.add(gateId);
    const { line, edited } = found;
    const by = `recorded: ${line.by}`;
    this.#parts.inOrder(found.step, () => {
      if (line.decision === "decline")
        engine.dispatch({ type: "decline_gate", gateId, payloadHash, reason: line.reason ?? "", by });
      else
        engine.dispatch({
          type: "approve_gate",
          gateId,
          payloadHash,
          by,
          ...(edited === undefined ? {} : { payload: edited }),
        });
    });
  }

  /** What the fork changes is what a person approves. */
  #fork(engine: RunningEngine, { gateId, payloadHash, ticketId }: Gate, payload: Json): void {
    this.#decided.add(gateId);
    queueMicrotask(() => {
      const result = engine.dispatch({ type: "approve_gate", gateId, payloadHash, payload, by: "person: fork" });
      if (!result.isAccepted) this.#parts.options.onFault(failure("fork", result.rejection.message));
      if (ticketId) engine.dispatch({ type: "edit_ticket", ticketId, changes: { isStepMode: false } });
    });
  }

  /**
   * A fork asks more than its recording did, so that there is a gate to change something at, and so does a replay whose commands
   * would run unconfined: the rest is as it was.
   */
  #byRecordedLevel(engine: RunningEngine, gate: Gate): void {
    if (!this.#parts.options.fork && !this.#parts.options.isUnsafe) return;
    const state = engine.state();
    const { level } = this.#parts.recorded().gates;
    const asRecorded = { ...state, settings: { ...state.settings, gates: { ...state.settings.gates, level } } };
    const by = openedBy(asRecorded, gate);
    const { gateId, payloadHash } = gate;
    if (by !== null) queueMicrotask(() => engine.dispatch({ type: "approve_gate", gateId, payloadHash, by }));
  }

  /** Whether landing is a question here only because commands would run unconfined. */
  #neverAsked(): boolean {
    const { isUnsafe, fork, mayLand } = this.#parts.options;
    const { gates, isLanding } = this.#parts.recorded();
    return isUnsafe && !fork && gates.level === "all" && !(isLanding && mayLand);
  }

  #leaveUnlanded(engine: RunningEngine, { gateId, payloadHash }: Gate): void {
    this.#decided.add(gateId);
    const decision = { gateId, payloadHash, reason: "This replay lands nothing.", by: "replay" };
    queueMicrotask(() => engine.dispatch({ type: "decline_gate", ...decision }));
  }

  #isUnsafeGate({ kind }: Gate): boolean {
    return this.#parts.options.isUnsafe && (kind === "command" || kind === "unknown");
  }
}
