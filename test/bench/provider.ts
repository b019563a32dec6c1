/**
 * The bench's own Messages API: answers at once, by fixed rules, and notes when each request arrived and when the response
 * before it had ended. Knows no more of the protocol than an agent under measurement needs.
 */
import type { Json } from "../../src/domain/gate.ts";
import { call } from "../support/scripted-provider.ts";
import { answer, BenchRequest, planBlock, workerTurn } from "./messages-api.ts";

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
      const request = BenchRequest.parse(await raw.json());
      const turn = workerTurn(request);
      if (turn === null) return answer(planBlock(request, 1));
      if (turn === 0) walk = newWalk();
      else (turn <= turnsOfKind ? walk.gaps.readMs : walk.gaps.bashMs).push(now - walk.endedAt);
      const own = walk;
      if (turn === turnsOfKind * 2) walked.resolve(own.gaps);
      return answer(workBlock(turn, files()), (endedAt) => {
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

function workBlock(turn: number, files: readonly string[]): Json {
  if (turn >= turnsOfKind * 2) return { type: "text", text: "Done." };
  return turn < turnsOfKind
    ? call("read", { file_path: files[turn % files.length] ?? "" }, `toolu_${turn}`)
    : call("bash", { command: "true" }, `toolu_${turn}`);
}
