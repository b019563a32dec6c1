/**
 * The bench's Messages API for many workers at once: plans one track of as many tickets at once, then leads every worker through
 * a few turns, each answered after a while. It notes when their work began and ended, and how many of their requests it held at most.
 */
import { call } from "../support/scripted-provider.ts";
import { benchFile } from "./bench-project.ts";
import { answer, BenchRequest, planBlock, workerTurn } from "./messages-api.ts";

/** What the workers are led through. */
export interface Crew {
  readonly workerCount: number;
  /** Responses of each worker: each asks for a file, the last one ends its work. */
  readonly turnCount: number;
  /** How long each of their requests waits for its answer. */
  readonly latencyMs: number;
  /** Workers that have had so many responses wait for the next one without an end. */
  readonly heldTurn?: number;
  /** Told of each request when its answer is handed over. */
  readonly onAnswer?: (seen: SeenCall) => void;
  /** Told how many workers are held when one more is. */
  readonly onHeld?: (count: number) => void;
  /** Told how many workers have ended, just before one more of them can hear the end of its last response. */
  readonly onEnd?: (count: number) => void;
}

/** One request as it was sent; times are those of `performance.now`. */
export interface SeenCall {
  readonly text: string;
  /** How many responses the worker had had; null for who is no worker. */
  readonly turn: number | null;
  readonly arrivedAt: number;
  readonly answeredAt: number;
}

/** What the provider saw of one run; times are those of `performance.now`. */
export interface CrewWork {
  readonly firstRequestAt: number;
  /** When the last response of the last worker was handed over. */
  readonly lastResponseAt: number;
  readonly mostInFlight: number;
}

export interface CrewProvider {
  readonly baseUrl: string;
  /** Expects a new run; resolves when the last of its workers has ended. */
  nextWork(crew: Crew): Promise<CrewWork>;
  stop(): Promise<void>;
}

interface Run {
  readonly crew: Crew;
  readonly end: (lastResponseAt: number) => void;
  firstRequestAt: number | null;
  inFlight: number;
  mostInFlight: number;
  heldCount: number;
  endedCount: number;
}

/** Starts the provider; until a run is expected it answers nothing well. */
export function startCrewProvider(): CrewProvider {
  let run: Run | null = null;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    idleTimeout: 0,
    async fetch(raw) {
      const now = performance.now();
      const text = await raw.text();
      const request = BenchRequest.parse(JSON.parse(text));
      if (run === null) return new Response("No run is expected.", { status: 400 });
      const { onAnswer = () => undefined, workerCount } = run.crew;
      const turn = workerTurn(request);
      const onEnd = (answeredAt: number) => onAnswer({ text, turn, arrivedAt: now, answeredAt });
      return turn === null ? answer(planBlock(request, workerCount), onEnd) : await workAnswer(run, turn, now, onEnd);
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}`,
    nextWork: (crew) => {
      const { promise, resolve } = Promise.withResolvers<CrewWork>();
      const end = (lastResponseAt: number) => {
        resolve({ firstRequestAt: own.firstRequestAt ?? 0, lastResponseAt, mostInFlight: own.mostInFlight });
      };
      const own: Run = { crew, end, firstRequestAt: null, inFlight: 0, mostInFlight: 0, heldCount: 0, endedCount: 0 };
      run = own;
      return promise;
    },
    stop: () => server.stop(true),
  };
}

function workAnswer(run: Run, turn: number, now: number, onAnswer: (endedAt: number) => void): Promise<Response> {
  const { turnCount, latencyMs, workerCount, heldTurn } = run.crew;
  const isLast = turn >= turnCount - 1;
  run.firstRequestAt ??= now;
  run.inFlight += 1;
  run.mostInFlight = Math.max(run.mostInFlight, run.inFlight);
  const reading = call("read", { file_path: benchFile(turn) }, `toolu_${turn}`);
  const onEnd = (endedAt: number) => {
    onAnswer(endedAt);
    run.inFlight -= 1;
    if (!isLast) return;
    run.endedCount += 1;
    run.crew.onEnd?.(run.endedCount);
    if (run.endedCount === workerCount) run.end(endedAt);
  };
  if (turn === heldTurn) {
    run.heldCount += 1;
    run.crew.onHeld?.(run.heldCount);
    return new Promise(() => undefined);
  }
  const dueMs = Math.max(0, latencyMs - (performance.now() - now));
  return new Promise((send) => {
    setTimeout(() => send(answer(isLast ? { type: "text", text: "Done." } : reading, onEnd)), dueMs);
  });
}
