/** Begins a fork for the page: a clone, an engine that plays this run's log there, and a server beside it. */
import { CassetteError } from "../../simulator/cassette.ts";
import { readTape, type Tape } from "../../simulator/cassette-tape.ts";
import type { ForkWish } from "../../web/forker.ts";
import type { RunningServer } from "../../web/server.ts";
import { failure } from "../cli-error.ts";
import type { RunningEngine } from "../compose.ts";
import { loadConfig } from "../config/load-config.ts";
import type { DeskParts } from "../fork-desk.ts";
import type { Project } from "../project.ts";
import { headOfLog } from "./cassette-head.ts";
import { CassetteLines } from "./cassette-lines.ts";
import { ForkPoint } from "./fork-point.ts";
import { lineText } from "./line-text.ts";
import { type OpenReplay, openReplay } from "./open-replay.ts";
import { replayPlace } from "./replay-place.ts";

interface BegunFork {
  readonly folder: string;
  readonly open: OpenReplay;
  readonly server: RunningServer;
}

/** Throws a sentence where the log cannot be forked there. */
export async function beginFork(parts: DeskParts, { ticketId, prompt, model }: ForkWish): Promise<BegunFork> {
  const { engine, project, options, world, serve } = parts;
  const tape = await tapeOfLog(engine, project);
  const fork = new ForkPoint(tape, { from: ticketId, prompt, model });
  // What a person has set on the page holds for the fork, too.
  const config = { ...(await loadConfig(project.root, options, world)), settings: engine.state().settings };
  const quiet = { ...world, isInteractive: false, hasColour: false, out: () => undefined };
  const place = await replayPlace(project, tape.head.base, quiet, true);
  let open: OpenReplay | null = null;
  try {
    open = await openReplay(place, { tape, config, world: quiet, mayLand: true, isLive: true, fork });
    const server = await serve(open.engine, place.project, config, quiet);
    return { folder: place.project.root, open, server };
  } catch (error) {
    await open?.engine.stop("its page could not be served");
    await open?.close();
    await place.close(false);
    throw error;
  }
}

/** What the log holds, as a cassette that no file has. */
async function tapeOfLog(engine: RunningEngine, project: Project): Promise<Tape> {
  const events = engine.events({ after: 0, limit: Number.MAX_SAFE_INTEGER });
  const head = await headOfLog(project.root, events);
  if (!head) throw failure("no_cassette", "The log says nothing of the settings that its runs had.");
  const lines = new CassetteLines(project.root);
  const all = [head, ...events.flatMap((event) => lines.take(event))];
  const text = all.map((line) => `${lineText(line, project.root)}\n`).join("");
  try {
    return readTape(text, "the log");
  } catch (error) {
    if (error instanceof CassetteError) throw failure(error.code, error.message, { cause: error });
    throw error;
  }
}
