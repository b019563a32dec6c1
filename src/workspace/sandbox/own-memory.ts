/**
 * Closes this process's memory and environment to other programs of the same user (`/proc/PID/environ`, `ptrace`, core
 * files): the key lies there, and a command in a weak sandbox runs as that user. Root reads them in any case. Done before
 * the first command instead of by starting the program again without the key, which would cost every start.
 */
import { dlopen, FFIType } from "bun:ffi";

const setDumpable = 4;
const libraries = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];

/** Gives whether it is closed; a system without the call (macOS) keeps it open to the user's own programs. */
export function closeOwnMemory(): boolean {
  if (process.platform !== "linux") return false;
  const number = FFIType.i64;
  for (const library of libraries) {
    try {
      const { prctl } = dlopen(library, {
        prctl: { args: [FFIType.i32, number, number, number, number], returns: FFIType.i32 },
      }).symbols;
      return prctl(setDumpable, 0, 0, 0, 0) === 0;
    } catch (error) {
      if (library === libraries.at(-1)) throw new Error("the C library was not found", { cause: error });
    }
  }
  return false;
}
