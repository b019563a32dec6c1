/** Looks at the room left on the disks that a command can write, and says when it has taken nearly all of it. */
import { statfs } from "node:fs/promises";

const lookMs = 100;
/** What is left to Signalbox's own log and to everybody else, at most: an eighth of a disk that has less. */
const reserveBytes = 512 * 1024 ** 2;
const reserveFiles = 10_000;

interface Room {
  readonly bytes: number;
  readonly files: number;
}

/** Watches until it is stopped; calls back once. A folder that cannot be looked at is not watched. */
export function watchDisk(folders: readonly string[], onNearlyFull: () => void): () => void {
  const starts = new Map<string, Room>();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    for (const folder of folders) {
      const room = await roomAt(folder);
      if (!room) continue;
      const start = starts.get(folder);
      if (!start) starts.set(folder, room);
      // It stays "looking", so that nobody is called twice.
      else if (isNearlyFull(start, room)) return onNearlyFull();
    }
    isLooking = false;
  };
  void look();
  const timer = setInterval(() => void look(), lookMs);
  return () => clearInterval(timer);
}

function isNearlyFull(start: Room, now: Room): boolean {
  // Some file systems have no fixed number of files, and say 0.
  const isShortOfFiles = start.files > 0 && now.files < Math.min(reserveFiles, start.files / 8);
  return isShortOfFiles || now.bytes < Math.min(reserveBytes, start.bytes / 8);
}

async function roomAt(folder: string): Promise<Room | null> {
  try {
    const { bavail, bsize, ffree } = await statfs(folder);
    return { bytes: bavail * bsize, files: ffree };
  } catch {
    // The folder went away under us; the command's own end will tell.
    return null;
  }
}
