/** What the bench's providers share of the Messages API: what they read of a request, the plan of one track, and answers as event streams. */
import { z } from "zod";
import type { Json } from "../../src/domain/gate.ts";
import { blockEvents, call, ending, opening } from "../support/scripted-provider.ts";
import { benchFile } from "./bench-project.ts";

export const BenchRequest = z.object({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});
export type BenchRequest = z.infer<typeof BenchRequest>;

/** How many responses a worker, or a floor, has had; null for those who plan. */
export function workerTurn({ model, messages, tools }: BenchRequest): number | null {
  const isWorker = model.startsWith("floor") || tools.some((tool) => tool.name === "bash");
  return isWorker ? messages.filter((message) => message.role === "assistant").length : null;
}

/** What those say who do not work: one track, as many tickets without dependencies, each with a file of its own, and praise. */
export function planBlock({ tools }: BenchRequest, ticketCount: number): Json {
  const offers = (name: string) => tools.some((tool) => tool.name === name);
  if (offers("propose_tracks")) return call("propose_tracks", oneTrack);
  if (offers("report_verdict")) return call("report_verdict", { verdict: "pass", diagnosis: "It is all there." });
  return call("propose_tickets", tickets(ticketCount));
}

const title = "Bench";
const goal = "Go to and fro.";
const description = "Read files, say what is in them.";
const criterion = "It ends.";

const oneTrack = { tracks: [{ key: "bench", title, goal, acceptance_criteria: [criterion] }] };

function tickets(count: number): Json {
  return {
    tickets: Array.from({ length: count }, (_, index) => ({
      key: `t${index}`,
      title: ticketTitle(index),
      description,
      target_files: [benchFile(index)],
      acceptance_criteria: [criterion],
    })),
  };
}

function ticketTitle(index: number): string {
  return `Walk ${index + 1}`;
}

/** The words of a plan for so many tickets, each of them once. */
export function planWords(ticketCount: number): string[] {
  return [
    title,
    goal,
    description,
    criterion,
    ...Array.from({ length: ticketCount }, (_, index) => ticketTitle(index)),
  ];
}

/** The events of a whole answer of one block. */
export function answerEvents(block: Json): Json[] {
  const isCall = block !== null && typeof block === "object" && "name" in block;
  return [...opening(), ...blockEvents(block, 0), ...ending(isCall ? "tool_use" : "end_turn")];
}

const encoder = new TextEncoder();

/** One event as it goes over the wire. */
export function frame(event: Json): Uint8Array {
  const type = event !== null && typeof event === "object" && !Array.isArray(event) ? String(event.type) : "";
  return encoder.encode(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** The answer of one block, at once and event by event; `onEnd` is told the time when the last of it was handed over. */
export function answer(block: Json, onEnd: (endedAt: number) => void = () => undefined): Response {
  const frames = answerEvents(block).map(frame);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const each of frames) controller.enqueue(each);
      onEnd(performance.now());
      controller.close();
    },
  });
  return eventStream(body);
}

/** A response that is a stream of events. */
export function eventStream(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream", "request-id": "req_bench" } });
}
