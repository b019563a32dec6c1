/**
 * A program for races: exchanges two names in one step (renameat2 with RENAME_EXCHANGE), over and over, until its input
 * ends. Linux only. Its arguments are the two names; it says `swapping` once it has begun.
 */
import { dlopen, FFIType, ptr } from "bun:ffi";

const [, , first = "", second = ""] = process.argv;
const { i32, u32, ptr: pointer } = FFIType;
const libc = dlopen("libc.so.6", { renameat2: { args: [i32, pointer, i32, pointer, u32], returns: i32 } }).symbols;
const here = -100;
const exchange = 2;
const names = [Buffer.from(`${first}\0`), Buffer.from(`${second}\0`)] as const;
const swap = () => libc.renameat2(here, ptr(names[0]), here, ptr(names[1]), exchange);

if (swap() !== 0) throw new Error("This file system cannot exchange two names.");
console.log("swapping");
process.stdin.on("end", () => process.exit(0)).resume();
while (true) {
  for (let count = 0; count < 200; count++) swap();
  // Lets the end of the input be noticed.
  await new Promise((resolve) => setImmediate(resolve));
}
