/** Agents of every role that answer by choices from a seed: rightly, wrongly, not at all. */
import type { Command } from "../../src/domain/command.ts";
import { decide } from "../../src/domain/decide.ts";
import { plainJson } from "../../src/domain/decision.ts";
import type { Json } from "../../src/domain/gate.ts";
import type { Agent } from "../../src/domain/state.ts";
import type { Dice } from "../support/dice.ts";
import { ticketProposal, trackProposal } from "../support/facts.ts";
import { type Story, timeAt } from "../support/given.ts";

const mostTurns = 6;

export class RandomAgents {
  readonly #story: Story;
  readonly #dice: Dice;
  readonly #crash: () => boolean;
  readonly #turns = new Map<string, number>();
  /** Agents that were told "not now", with the position at which they were. */
  readonly #parked = new Map<string, number>();
  #callCount = 0;

  /** `crash` lets the process die, and says whether it did. */
  constructor(story: Story, dice: Dice, crash: () => boolean) {
    this.#story = story;
    this.#dice = dice;
    this.#crash = crash;
  }

  /** Whether an agent may try to move: it waits for no answer, and was not refused leave in this very state. */
  canMove(agent: Agent): boolean {
    const { state } = this.#story;
    if (agent.status !== "running" || this.#parked.get(agent.agentId) === state.position) return false;
    return ![...state.toolCalls.values()].some((call) => call.agentId === agent.agentId && isPending(call.status));
  }

  /** One turn of an agent: a call, and what it leads to. */
  turn({ agentId }: Agent): void {
    if (!this.#call(agentId)) return;
    const agent = this.#story.state.agents.get(agentId);
    if (agent?.status !== "running") return;
    const turn = (this.#turns.get(agentId) ?? 0) + 1;
    this.#turns.set(agentId, turn);
    if (turn % mostTurns === 0 || this.#dice.isLucky(0.03)) return this.#failAgent(agentId);
    switch (agent.purpose) {
      case "tracks":
        return this.#say(agentId, "propose_tracks", this.#proposal("tracks"));
      case "tickets":
        return this.#say(agentId, "propose_tickets", this.#proposal("tickets"));
      case "work":
        return this.#work(agentId);
      case "diagnosis":
        return void this.#story.do({ type: "end_agent", agentId, text: "It is broken." });
      case "verdict":
        return this.#judge(agentId);
      case "review":
        return this.#review(agentId);
      default:
        return agent.purpose satisfies never;
    }
  }

  /** Asks for leave, then takes some of what was held; false when it must wait or the process died meanwhile. */
  #call(agentId: string): boolean {
    const story = this.#story;
    const before = story.state.position;
    const turn = (story.state.agents.get(agentId)?.turnCount ?? 0) + 1;
    story.do({
      type: "reserve_call",
      agentId,
      turn,
      tries: 1,
      messages: [],
      tools: [],
      inputTokens: 500,
      maxTokens: 500,
    });
    const event = story.events.at(-1);
    if (event?.type !== "call.started" || story.state.position === before) {
      this.#parked.set(agentId, story.state.position);
      return false;
    }
    const { callId } = event;
    const usage = {
      inputTokens: this.#dice.below(500),
      outputTokens: this.#dice.below(500),
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    };
    if (this.#dice.isLucky(0.02) && this.#crash()) return false;
    if (this.#dice.isLucky(0.05)) {
      story.do({ type: "fail_call", callId, code: "overloaded", reason: "Busy.", text: "", usage, durationMs: 1 });
      return false;
    }
    story.do({
      type: "settle_call",
      callId,
      content: [],
      stopReason: "end_turn",
      usage,
      durationMs: 1,
      firstByteMs: 1,
    });
    return true;
  }

  #failAgent(agentId: string): void {
    const isRetryable = this.#dice.isLucky(0.5);
    const code = this.#dice.pick(["turns", "crash"]);
    this.#story.do({ type: "fail_agent", agentId, code, reason: "It went wrong.", isRetryable });
  }

  #say(agentId: string, name: string, input: Json): void {
    if (this.#dice.isLucky(0.05)) return void this.#story.do({ type: "end_agent", agentId, text: "I am done." });
    this.#callCount += 1;
    const toolCallId = `${agentId}/${this.#callCount}/0`;
    const command: Command = { type: "request_tool", agentId, toolCallId, name, input };
    const decision = decide(this.#story.state, command, timeAt(this.#story.events.length + 1));
    // A refused tool is an error that the model reads.
    if (decision.isAccepted) this.#story.tell(...decision.facts);
  }

  #proposal(listName: "tracks" | "tickets"): Json {
    const keys = ["a", "b", "c", "d"].slice(0, 1 + this.#dice.below(4));
    const round = this.#callCount;
    const items = keys.map((key) => {
      const needed = keys.filter((other) => (other < key ? this.#dice.isLucky(0.4) : this.#dice.isLucky(0.03)));
      const depends_on = this.#dice.isLucky(0.03) ? ["nobody"] : needed.map((other) => `${other}${round}`);
      const changes = {
        depends_on,
        ...(this.#dice.isLucky(0.3) ? { phase: "Second", target_files: ["src/*.ts"] } : {}),
      };
      return listName === "tracks"
        ? trackProposal(`${key}${round}`, { depends_on })
        : ticketProposal(`${key}${round}`, changes);
    });
    return this.#dice.isLucky(0.05) ? "no JSON at all" : plainJson({ [listName]: items });
  }

  #work(agentId: string): void {
    const chance = this.#dice.roll();
    if (chance < 0.3) return this.#say(agentId, "bash", { command: this.#dice.pick(["bun test a", "rm -rf /; true"]) });
    if (chance < 0.4) return this.#say(agentId, "write", { path: "other.ts", content: "x" });
    if (chance < 0.45) return this.#say(agentId, "report_blocked", { reason: "I cannot." });
    this.#story.do({ type: "end_agent", agentId, text: "Done." });
  }

  #judge(agentId: string): void {
    const verdict = this.#dice.isLucky(0.7) ? "pass" : "fail";
    this.#say(agentId, "report_verdict", this.#dice.isLucky(0.1) ? "perhaps" : { verdict, diagnosis: "It is so." });
  }

  #review(agentId: string): void {
    const name = this.#dice.pick(["accept_ticket", "accept_ticket", "request_rework", "propose_tickets"]);
    this.#say(agentId, name, name === "propose_tickets" ? this.#proposal("tickets") : { reason: "A comma lacks." });
  }
}

function isPending(status: string): boolean {
  return status === "gated" || status === "running";
}
