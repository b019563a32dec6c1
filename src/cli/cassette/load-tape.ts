/** Reads the cassette that a person names. */
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { CassetteError } from "../../simulator/cassette.ts";
import { readTape, type Tape } from "../../simulator/cassette-tape.ts";
import { usageError } from "../cli-error.ts";
import type { World } from "../world.ts";

/** A stranger's file is not read at any size. */
const mostBytes = 512 * 1_048_576;

/** The cassette of a file, whose faults are wrong usage (exit 2), with words; tells what a reader should know of it. */
export async function loadTape(file: string, world: World): Promise<Tape> {
  const path = resolve(world.cwd, file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile())
    throw usageError(`The cassette ${file} cannot be read. Make one with: signalbox record ${file}`);
  if (found.size > mostBytes) throw usageError(`The cassette ${file} is larger than ${mostBytes / 1_048_576} MiB.`);
  try {
    const tape = readTape(await Bun.file(path).text(), basename(path));
    for (const note of tape.notes) world.note(`${note}\n`);
    return tape;
  } catch (error) {
    if (error instanceof CassetteError) throw usageError(error.message);
    throw error;
  }
}
