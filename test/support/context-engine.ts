/** An engine in memory with one live worker that has read some files: for pages and routes about contexts. */
import type { Fact } from "../../src/domain/event.ts";
import type { Json } from "../../src/domain/gate.ts";
import { FakeEngine } from "./fake-engine.ts";
import { callFacts, planFacts } from "./sample-facts.ts";

export const workerId = "A-0001";
export const workerStream = "Tier 3 (Worker): T-001";
export const files = '# Target files\n\n<file path="src/a.ts" view="raw">\nconst secretOfA = 1;\n</file>';

/** The facts of so many turns, each of which has read a file of 2,000 characters; the last result waits to be sent. */
export function readingFacts(turnCount: number): Fact[] {
  const [agent, started, settled] = callFacts({ role: "worker", agentId: workerId, callId: "C-00001" });
  if (agent?.type !== "agent.started" || started?.type !== "call.started" || settled?.type !== "call.settled")
    throw new Error("three facts make a call");
  const facts: Fact[] = [{ ...agent, message: [files, "# Ticket T-001\n\nSay hello."] }];
  for (let turn = 1; turn <= turnCount; turn += 1) {
    const call = { callId: `C-${String(turn).padStart(5, "0")}`, turn };
    const use: Json = { type: "tool_use", id: `u${turn}`, name: "read", input: { file_path: `src/f${turn}.ts` } };
    const words = [text(files), text("# Ticket T-001\n\nSay hello.")];
    const messages: Json[] = [{ role: "user", content: turn === 1 ? words : [result(turn - 1)] }];
    facts.push(
      { ...started, ...call, messages },
      { ...settled, ...call, content: [text(`I read f${turn}.`), use], stopReason: "tool_use" },
    );
  }
  return facts;
}

/** A worker between two requests: the next one waits for leave, and holds the last result. */
export class ContextEngine extends FakeEngine {
  readonly #waiting: Json[];

  constructor(turnCount = 3) {
    super();
    this.add(...planFacts(), ...readingFacts(turnCount));
    this.#waiting = [{ role: "user", content: [result(turnCount)] }];
  }

  unsent(agentId: string): readonly Json[] | null {
    return agentId === workerId ? this.#waiting : null;
  }
}

function text(words: string): Json {
  return { type: "text", text: words };
}

function result(turn: number): Json {
  return { type: "tool_result", tool_use_id: `u${turn}`, content: `body of f${turn} `.repeat(140) };
}
