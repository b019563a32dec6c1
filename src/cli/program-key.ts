/** Names the program that runs, to the byte: what one build wrote down for itself no other one takes. */
import { statSync } from "node:fs";
import { version } from "./version.ts";

/** The name of the binary; null when the program runs from its sources, which may change under it. */
export function programKey(): string | null {
  if (!Bun.isStandaloneExecutable) return null;
  // The file that this process was made of, even where another has taken its place.
  const path = process.platform === "linux" ? "/proc/self/exe" : process.execPath;
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return [version, Bun.version, Bun.revision, dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
