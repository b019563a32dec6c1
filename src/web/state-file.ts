/** Small files of `.signalbox/` that only their owner may read: written whole, by rename, so that no reader sees half of one. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file that its owner alone can read (mode 0600), replacing what was there. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
  renameSync(draft, path);
}

/** The file's text, or null when there is no such file. */
export function readPrivateFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Error(`${path} cannot be read. Make it readable for you, or remove it.`, { cause: error });
  }
}

/** Removes a file; one that is gone already is fine. */
export function removePrivateFile(path: string): void {
  rmSync(path, { force: true });
}
