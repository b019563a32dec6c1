/**
 * The bench's own Messages API: answers at once, by fixed rules, and notes when each request arrived and when the response
 * before it had ended. Knows no more of the protocol than an agent under measurement needs.
 */
import { z } from "zod";
import { blockEvents, call, ending, opening } from "../support/scripted-provider.ts";

const Request = z.object({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
});
type Request = z.infer<typeof Request>;

/** How many turns of each kind a worker is led through. */
export const turnsOfKind = 20;

/** Times between the end of a response and the arrival of the next request, by what the turn between them did. */
export interface Gaps {
  readonly readMs: number[];
  readonly bashMs: number[];
}

/** The running provider. One conversation is walked at a time. */
export interface BenchProvider {
  readonly baseUrl: string;
  /** Resolves with the time (`performance.now`) of the next request to arrive, whatever it asks. */
  nextArrival(): Promise<number>;
  /** Resolves when the next conversation of 20 reads and 20 commands has ended. */
  nextGaps(): Promise<Gaps>;
  stop(): Promise<void>;
}

interface Walk {
  readonly gaps: Gaps;
  endedAt: number;
}

/** Starts the provider. `files` are what its agents are told to read. */
export function startBenchProvider(files: () => readonly string[]): BenchProvider {
  let arrived = Promise.withResolvers<number>();
  let walked = Promise.withResolvers<Gaps>();
  let walk: Walk = newWalk();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    idleTimeout: 60,
    async fetch(raw) {
      const now = performance.now();
      arrived.resolve(now);
      const request = Request.parse(await raw.json());
      const turn = workerTurn(request);
      if (turn === null) return stream(planEvents(request), () => undefined);
      if (turn === 0) walk = newWalk();
      else (turn <= turnsOfKind ? walk.gaps.readMs : walk.gaps.bashMs).push(now - walk.endedAt);
      const own = walk;
      if (turn === turnsOfKind * 2) walked.resolve(own.gaps);
      return stream(workEvents(turn, files()), (endedAt) => {
        own.endedAt = endedAt;
      });
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}`,
    nextArrival: () => {
      arrived = Promise.withResolvers();
      return arrived.promise;
    },
    nextGaps: () => {
      walked = Promise.withResolvers();
      return walked.promise;
    },
    stop: () => server.stop(true),
  };
}

function newWalk(): Walk {
  return { gaps: { readMs: [], bashMs: [] }, endedAt: 0 };
}

/** How many responses a worker, or the floor, has had; null for those who plan. */
function workerTurn({ model, messages, tools }: Request): number | null {
  const isWorker = model === "floor-turns" || tools.some((tool) => tool.name === "bash");
  return isWorker ? messages.filter((message) => message.role === "assistant").length : null;
}

function planEvents({ tools }: Request) {
  const isOrchestrator = tools.some((tool) => tool.name === "propose_tracks");
  const proposal = isOrchestrator ? call("propose_tracks", tracks) : call("propose_tickets", tickets);
  return [...opening(), ...blockEvents(proposal, 0), ...ending("tool_use")];
}

const tracks = {
  tracks: [{ key: "bench", title: "Bench", goal: "Turn around often.", acceptance_criteria: ["It ends."] }],
};
const tickets = {
  tickets: [
    {
      key: "walk",
      title: "Walk through the files",
      description: "Read files, run commands.",
      target_files: ["src/part-0/module-0.ts"],
      acceptance_criteria: ["It ends."],
    },
  ],
};

function workEvents(turn: number, files: readonly string[]) {
  if (turn >= turnsOfKind * 2)
    return [...opening(), ...blockEvents({ type: "text", text: "Done." }, 0), ...ending("end_turn")];
  const block =
    turn < turnsOfKind
      ? call("read", { file_path: files[turn % files.length] ?? "" }, `toolu_${turn}`)
      : call("bash", { command: "true" }, `toolu_${turn}`);
  return [...opening(), ...blockEvents(block, 0), ...ending("tool_use")];
}

function stream(events: ReturnType<typeof opening>, onEnd: (endedAt: number) => void): Response {
  const frames = events.map((event) => {
    const type = event !== null && typeof event === "object" && !Array.isArray(event) ? String(event.type) : "";
    return new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  });
  const body = new ReadableStream({
    start(controller) {
      for (const frame of frames) controller.enqueue(frame);
      onEnd(performance.now());
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "request-id": "req_bench" } });
}
