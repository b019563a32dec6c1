/** A recording that goes on over several runs of the program: where its file is, and what it began with. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Event } from "../../domain/event.ts";
import { fold } from "../../domain/evolve.ts";
import { makeRedactor, type Redactor } from "../../domain/redactor.ts";
import { secretsOf } from "../../engine/secrets.ts";
import { outcomeOf } from "../../projections/summary.ts";
import { CassetteHead } from "../../simulator/cassette.ts";
import { readPrivateFile, removePrivateFile, writePrivateFile } from "../../web/state-file.ts";
import { apiTokenOf } from "../api-token.ts";
import type { RunningEngine } from "../compose.ts";
import type { Config } from "../config/load-config.ts";
import type { Project } from "../project.ts";
import { readEvents } from "../read-log.ts";
import type { World } from "../world.ts";
import { CassetteWriter } from "./cassette-writer.ts";

/** `from`: the position after which events belong to it. */
const Recording = z.object({ path: z.string(), from: z.number().int().nonnegative(), head: CassetteHead });
export type Recording = z.infer<typeof Recording>;

/** The recording of a project that has not come to its end; null when there is none. */
export function openRecording(project: Project): Recording | null {
  const text = readPrivateFile(placeOf(project));
  return text === null ? null : (Recording.safeParse(JSON.parse(text)).data ?? null);
}

/** Remembers a recording, so that `resume` goes on with it. */
export function beginRecording(project: Project, recording: Recording): void {
  writePrivateFile(placeOf(project), JSON.stringify(recording));
}

function placeOf(project: Project): string {
  return join(project.stateDir, "recording.json");
}

/** Carries out a run while its cassette is written. Gives what the run gives. */
export async function recorded(
  run: () => Promise<number>,
  engine: RunningEngine,
  session: { readonly project: Project; readonly config: Config },
  recording: Recording,
  world: World,
): Promise<number> {
  const { project, config } = session;
  const writer = cassetteWriter(project, config, recording, world);
  let taken = recording.from;
  const take = (events: readonly Event[]) => {
    writer.take(events);
    taken = events.at(-1)?.position ?? taken;
  };
  writer.skip(engine.events({ after: 0, limit: recording.from }));
  const follow = () => take(engine.events({ after: taken, limit: Number.MAX_SAFE_INTEGER }));
  const stop = engine.onPosition(follow);
  try {
    follow();
    return await run();
  } finally {
    stop();
    take(readEvents(project, { after: taken, limit: Number.MAX_SAFE_INTEGER }));
    endRecording(project, writer, recording, world);
  }
}

/** A run that is not done may go on, and its recording with it. */
function endRecording(project: Project, writer: CassetteWriter, { path, from }: Recording, world: World): void {
  const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
  const outcome = outcomeOf(fold(events));
  // Unfinished work that stands still has no outcome of its own: it was interrupted.
  writer.end(outcome === "failed" ? null : outcome);
  if (outcome === "done" && events.length > from) removePrivateFile(placeOf(project));
  tellWritten(writer, path, world);
}

/** A writer for a recording, with the secrets that this user's config knows. */
export function cassetteWriter(
  project: Project,
  config: Config,
  { path, head }: Recording,
  world: World,
): CassetteWriter {
  return new CassetteWriter({ path, head, folder: project.root, redactor: cassetteRedactor(config, world) });
}

/** Takes out the keys and tokens that this user's config knows. */
export function cassetteRedactor(config: Config, world: World): Redactor {
  const keys = { apiKey: (provider: string) => config.keys(provider), secrets: [apiTokenOf(world)] };
  return makeRedactor(secretsOf(keys, config.settings));
}

export function tellWritten(writer: CassetteWriter, path: string, world: World): void {
  const { exchangeCount, roughCount } = writer;
  if (exchangeCount === 0) return world.note(`Nothing was asked of a model, so there is no cassette ${path}.\n`);
  const rough =
    roughCount === 0
      ? ""
      : ` ${roughCount} of them were sent by another version of Signalbox: they are told as this one would send them.`;
  world.note(
    `${exchangeCount} exchanges are in ${path}. It holds prompts, code and answers as models saw them: look at it before you pass it on.${rough}\n`,
  );
}

/** Whether the file at the recording's path is its own, or is not there. */
export function isOwnFile({ path, head }: Recording): boolean {
  if (!existsSync(path)) return true;
  const first = readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
  return first.includes(JSON.stringify(head.startedAt)) && first.startsWith('{"type":"cassette"');
}
