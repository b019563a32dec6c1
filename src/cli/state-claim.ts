/**
 * What this user's own folders remember of the states that they made: for each random id the place where that state lies.
 * The id alone would not do, because a copy carries it along; the place alone neither, because an archive can be unpacked there.
 */
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, rmSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readPrivateFile, writePrivateFile } from "../web/state-file.ts";
import { isMissing } from "../workspace/place.ts";
import { userConfigDir } from "./config/load-config.ts";
import type { Project } from "./project.ts";
import type { World } from "./world.ts";

/** Where a state lies. */
export type Place = Pick<Project, "root" | "stateDir">;

const idName = "owner";
const Claim = z.object({ root: z.string(), device: z.number(), inode: z.number() });
type Claim = z.infer<typeof Claim>;

/** Why a state is not the one that this user made here; null when it is. A folder that was moved is still the same folder. */
export function unclaimed(place: Place, world: World): string | null {
  const claim = claimOf(place, world);
  if (claim === null) return "it was not made here by you";
  const here = whereIs(place);
  const isSame = claim.root === here.root || (claim.device === here.device && claim.inode === here.inode);
  return isSame ? null : `it is a copy of the one of ${claim.root}`;
}

/** Remembers where a claimed state lies now; a state without an id gets one. A home that takes no file is only warned of. */
export function claim(place: Place, world: World): void {
  const here = whereIs(place);
  const known = claimOf(place, world);
  if (known !== null && known.root === here.root && known.inode === here.inode && known.device === here.device) return;
  const id = idOf(place) ?? randomBytes(16).toString("hex");
  // The claim comes first: an id without one is nobody's.
  if (!claimFolders(world).some((folder) => isWritten(join(folder, id), `${JSON.stringify(here)}\n`))) {
    world.note(
      `Warning: ${userConfigDir(world)} cannot be written, so it is not remembered that you made ${place.stateDir}: the next start needs --trust.\n`,
    );
  }
  writePrivateFile(join(place.stateDir, idName), `${id}\n`);
}

/** Forgets a state that is about to be removed. */
export function forget(place: Place, world: World): void {
  const id = idOf(place);
  if (id === null) return;
  const paths = claimFolders(world).map((folder) => join(folder, id));
  for (const path of paths.filter((path) => lookAt(path))) rmSync(path);
}

/** What is at a path, without following a link; null when there is nothing. */
export function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function claimOf(place: Place, world: World): Claim | null {
  const id = idOf(place);
  if (id === null) return null;
  for (const folder of claimFolders(world)) {
    const text = lookAt(join(folder, id))?.isFile() ? readPrivateFile(join(folder, id)) : null;
    const claim = text === null ? null : Claim.safeParse(parsed(text));
    if (claim?.success) return claim.data;
  }
  return null;
}

function idOf({ stateDir }: Place): string | null {
  const path = join(stateDir, idName);
  const found = lookAt(path);
  if (!found?.isFile() || found.size > 100) return null;
  return /^[0-9a-f]{32}$/.exec(readPrivateFile(path)?.trim() ?? "")?.[0] ?? null;
}

function whereIs({ root, stateDir }: Place): Claim {
  const { dev, ino } = lstatSync(stateDir);
  return { root, device: dev, inode: ino };
}

/** The user's config folder; where it cannot be written a folder for temporary files that is this user's alone. */
function claimFolders(world: World): string[] {
  const own = join(userConfigDir(world), "states");
  const uid = process.getuid?.();
  if (uid === undefined) return [own];
  const spare = join(tmpdir(), `signalbox-${uid}`);
  const found = lookAt(spare);
  const isOurs = !found || (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0);
  return isOurs ? [own, spare] : [own];
}

/** Whether the file could be written; why it could not is told by the warning, which is all that follows from it. */
function isWritten(path: string, text: string): boolean {
  try {
    mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
    writePrivateFile(path, text);
    return true;
  } catch (error) {
    const isRefused = error instanceof Error && "code" in error;
    if (!isRefused) throw error;
    return false;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
