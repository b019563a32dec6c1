/**
 * Logs in which money is spent in every way: tickets that are merged, tried again, given up; calls that settle, fail, are
 * lost or say only half of what they took; models with odd prices and with none. Facts alone: no rule made them.
 */
import type { Fact } from "../../src/domain/event.ts";
import { type Role, streamId } from "../../src/domain/stream-id.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { Dice } from "./dice.ts";
import { ticket, track } from "./sample-builders.ts";

const trackIds = ["alpha_20260101", "beta_20260101", "gamma_20260101"];
const models = ["large", "small", "cached", "free"] as const;
/** US dollars a token, as the engine computes them: binary fractions that do not add up by themselves. */
const rates: Readonly<Record<(typeof models)[number], number | null>> = {
  large: 0.00002,
  small: 1.3e-7,
  cached: 3.75e-8,
  free: null,
};

/** A random log of about `callCount` calls. */
export function randomUsage(seed: number, callCount: number): Fact[] {
  const dice = new Dice(seed);
  const facts: Fact[] = trackIds.map((trackId) => track(trackId, trackId, "A goal."));
  const made = new RandomSpender(dice, facts);
  for (let count = 0; count < callCount; count += 1) made.step();
  return facts;
}

class RandomSpender {
  readonly #dice: Dice;
  readonly #facts: Fact[];
  readonly #attempts = new Map<string, number>();
  #agentCount = 0;
  #callCount = 0;

  constructor(dice: Dice, facts: Fact[]) {
    this.#dice = dice;
    this.#facts = facts;
  }

  step(): void {
    const role = this.#dice.pick<Role>(["orchestrator", "tech_lead", "worker", "worker", "worker", "qa"]);
    const trackId = this.#dice.pick(trackIds);
    const ticketId = this.#ticketOf(trackId);
    const agentId = this.#agent(role, trackId, ticketId);
    for (let turn = 1; turn <= 1 + this.#dice.below(3); turn += 1) this.#call(agentId, role, turn);
    if (role === "tech_lead" && this.#dice.isLucky(0.5)) {
      this.#facts.push({ type: "agent.prompted", agentId, purpose: "review", ticketId, message: ["Review."] });
      this.#call(agentId, role, 9);
    }
    if (role === "worker") this.#end(trackId, ticketId);
    if (this.#dice.isLucky(0.02)) this.#facts.push({ type: "run.started", trackIds: [trackId] });
  }

  #ticketOf(trackId: string): string {
    const ticketId = `T-${trackId.slice(0, 1)}${this.#dice.below(6)}`;
    if (!this.#attempts.has(ticketId)) {
      this.#attempts.set(ticketId, 0);
      this.#facts.push(ticket(ticketId, trackId, ticketId, []));
    }
    return ticketId;
  }

  #agent(role: Role, trackId: string, ticketId: string): string {
    this.#agentCount += 1;
    const agentId = `A-${this.#agentCount}`;
    const isOfTicket = role === "worker" || role === "qa";
    const attempt = (this.#attempts.get(ticketId) ?? 0) + (role === "worker" ? 1 : 0);
    const model = this.#dice.pick(models);
    if (role === "worker") {
      this.#attempts.set(ticketId, attempt);
      this.#facts.push({
        type: "attempt.started",
        ticketId,
        trackId,
        attempt,
        model,
        provider: "default",
        isFresh: true,
      });
    }
    this.#facts.push({
      type: "agent.started",
      agentId,
      role,
      purpose: purposes[role],
      streamId: streamId(role, ticketId),
      ...(role === "orchestrator" ? { epicId: "E-001" } : { trackId }),
      ...(isOfTicket && { ticketId, attempt }),
      model,
      provider: "default",
      maxTokens: 1000,
      system: "",
      message: [],
    });
    return agentId;
  }

  #call(agentId: string, role: Role, turn: number): void {
    this.#callCount += 1;
    const ref = { callId: `C-${this.#callCount}`, agentId, streamId: streamId(role, "x"), turn };
    const started = this.#facts.findLast((fact) => fact.type === "agent.started" && fact.agentId === agentId);
    const model = started?.type === "agent.started" ? started.model : "free";
    const held = { reservedInputTokens: 500, reservedOutputTokens: 1000, reservedUsd: 0.01 };
    this.#facts.push({
      type: "call.started",
      ...ref,
      tries: 1,
      model,
      provider: "default",
      messages: [],
      tools: [],
      ...held,
    });
    const usage = this.#usage();
    // The models that are picked are the keys of the rates.
    const rate = rates[model as keyof typeof rates];
    const figures = { usage, costUsd: rate === null ? null : usage.inputTokens * rate + usage.outputTokens * rate * 5 };
    const isKnown = this.#dice.isLucky(0.1) ? { isUsageKnown: false } : {};
    if (this.#dice.isLucky(0.15)) {
      const code = this.#dice.pick(["lost", "overloaded"]);
      this.#facts.push({
        type: "call.failed",
        ...ref,
        ...figures,
        ...isKnown,
        code,
        reason: "Busy.",
        text: "",
        durationMs: 1,
      });
      return;
    }
    this.#facts.push({
      type: "call.settled",
      ...ref,
      ...figures,
      ...isKnown,
      content: [],
      stopReason: "end_turn",
      durationMs: 1,
      firstByteMs: 1,
    });
  }

  #usage(): Usage {
    return {
      inputTokens: this.#dice.below(90_000),
      outputTokens: this.#dice.below(9_000),
      cacheReadTokens: this.#dice.below(200_000),
      cacheWriteTokens: this.#dice.below(20_000),
    };
  }

  #end(trackId: string, ticketId: string): void {
    const attempt = this.#attempts.get(ticketId) ?? 1;
    const chance = this.#dice.roll();
    if (chance < 0.4) this.#facts.push({ type: "ticket.completed", ticketId, trackId, commit: "c0ffee" });
    else if (chance < 0.7)
      this.#facts.push({
        type: "attempt.failed",
        ticketId,
        trackId,
        attempt,
        cause: "check",
        reason: "Red.",
        isFresh: false,
        isFinal: false,
      });
    else if (chance < 0.8) this.#facts.push({ type: "ticket.blocked", ticketId, trackId, reason: "It cannot be." });
  }
}

const purposes = { orchestrator: "tracks", tech_lead: "tickets", worker: "work", qa: "diagnosis" } as const;
