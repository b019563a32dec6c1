/** The filter of system calls as a program: the escape suite tries what it refuses; here it is read. */
import { expect, test } from "bun:test";
import { type SocketRule, seccompProgram } from "../../../src/workspace/sandbox/seccomp.ts";

const rules: readonly SocketRule[] = ["no network", "network", "own network"];

test("no jump leaves the program, and every way through it ends in an answer", () => {
  for (const architecture of ["x64", "arm64"])
    for (const rule of rules) {
      const bytes = seccompProgram(rule, architecture) ?? new Uint8Array();
      const count = bytes.length / 8;
      const view = new DataView(bytes.buffer);
      expect(count).toBeGreaterThan(30);
      for (let index = 0; index < count; index++) {
        const isJump = (view.getUint16(index * 8, true) & 7) === 5;
        const furthest = isJump ? Math.max(view.getUint8(index * 8 + 2), view.getUint8(index * 8 + 3)) : 0;
        expect(index + 1 + furthest).toBeLessThan(count + (isJump ? 0 : 1));
      }
      expect(view.getUint16((count - 1) * 8, true)).toBe(6);
    }
});

test("there is none for a processor whose numbers are not known", () => {
  expect(seccompProgram("network", "riscv64")).toBe(null);
});
