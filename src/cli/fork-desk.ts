/**
 * Forks from the page: the log of this run as a cassette, played in a clone up to a ticket, and on from there at the real
 * endpoint, with a page of its own in this same process. They end with the server; their clones stay.
 */
import type { Forker, ForkView, ForkWish } from "../web/forker.ts";
import type { RunningServer } from "../web/server.ts";
import type { OpenReplay } from "./cassette/open-replay.ts";
import { CliError, failure } from "./cli-error.ts";
import type { RunningEngine } from "./compose.ts";
import type { Config } from "./config/load-config.ts";
import type { OptionValues } from "./option-table.ts";
import type { Project } from "./project.ts";
import type { World } from "./world.ts";

/** Each has an engine and a server of its own. */
const mostForks = 4;

interface Fork extends Pick<ForkView, "forkId" | "folder" | "startedAt"> {
  readonly ticketId: string;
  readonly server: RunningServer;
  readonly open: OpenReplay;
  words: string;
}

export interface DeskParts {
  readonly engine: RunningEngine;
  readonly project: Project;
  readonly options: OptionValues;
  readonly world: World;
  /** Serves the page of a fork. */
  serve(engine: RunningEngine, project: Project, config: Config, world: World): Promise<RunningServer>;
}

export class ForkDesk implements Forker {
  readonly #parts: DeskParts;
  readonly #forks: Fork[] = [];

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  async fork(wish: ForkWish): ReturnType<Forker["fork"]> {
    const rejection = this.#parts.engine.refusal?.();
    if (rejection) return { isDone: false, rejection };
    try {
      if (this.#parts.engine.trust?.asked())
        throw failure("trust", "Nothing runs while the project's own config waits to be accepted.");
      if (this.#forks.length >= mostForks)
        throw failure(
          "too_many",
          `${mostForks} forks were begun by this server already. Start it again, or use "signalbox fork".`,
        );
      const fork = await this.#begin(wish);
      return { isDone: true, message: `The fork of ${wish.ticketId} runs in ${fork.folder}; its page is linked here.` };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { isDone: false, rejection: { code: "conflict", message: error.message } };
    }
  }

  list(ticketId: string): readonly ForkView[] {
    return this.#forks.filter((fork) => fork.ticketId === ticketId);
  }

  urlOf(forkId: string): string | null {
    return this.#forks.find((fork) => fork.forkId === forkId)?.server.freshUrl() ?? null;
  }

  /** Ends them all; their clones stay. */
  async close(): Promise<void> {
    for (const { server, open } of this.#forks.splice(0)) {
      await server.stop();
      await open.engine.stop("the server ended");
      await open.close();
    }
  }

  async #begin(wish: ForkWish): Promise<Fork> {
    // What plays a cassette is loaded when the first person asks: it is no part of a start.
    const { beginFork } = await import("./cassette/begin-fork.ts");
    const begun = await beginFork(this.#parts, wish);
    const forkId = `F-${this.#forks.length + 1}`;
    const startedAt = new Date().toISOString();
    const fork: Fork = { forkId, ticketId: wish.ticketId, startedAt, words: "It runs.", ...begun };
    this.#forks.push(fork);
    watch(fork);
    return fork;
  }
}

/** A fork that cannot go on stands still: its page shows how far it came. */
function watch(fork: Fork): void {
  const { engine, broken } = fork.open;
  Promise.race([engine.whenSettled(), broken, engine.whenFailed().then((error) => Promise.reject(error))]).then(
    () => {
      fork.words = "It has come to its end, or to a gate.";
    },
    (error: unknown) => {
      fork.words = `It stands still: ${error instanceof Error ? error.message : String(error)}`;
      engine.dispatch({ type: "pause_engine", by: "fork" });
    },
  );
}
