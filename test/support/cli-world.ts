/** A world for tests of the command line: its own folder and home, and everything that was said is kept. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../../src/cli/world.ts";

export interface TestWorld extends World {
  readonly said: { out: string; note: string };
  /** Interrupts as Ctrl-C does. */
  interrupt(): void;
  remove(): void;
}

/** A fresh world; `answers` are given to questions one by one, and make it interactive. */
export function testWorld(given: { env?: Record<string, string>; input?: string; answers?: string[] } = {}): TestWorld {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-cli-"));
  const said = { out: "", note: "" };
  const listeners = new Set<() => void>();
  const answers = [...(given.answers ?? [])];
  return {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", XDG_CONFIG_HOME: join(folder, "config-home"), ...given.env },
    home: folder,
    isInteractive: given.answers !== undefined,
    hasColour: false,
    out: (text) => {
      said.out += text;
    },
    note: (text) => {
      said.note += text;
    },
    readInput: async () => given.input ?? "",
    ask: async (question) => {
      said.note += question;
      return answers.shift() ?? "";
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onFault: () => undefined,
    said,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
