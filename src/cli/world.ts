/**
 * What the command line takes from outside: the folder, the environment, the terminal, signals. Passed in, so that tests
 * give their own; only `realWorld` touches the process.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { makeRedactor, type Redactor } from "../domain/redactor.ts";
import { isWord } from "../engine/secrets.ts";
import { isDevice, Output } from "./output.ts";
import { ProcessFaults } from "./process-faults.ts";

export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Whether a person can be asked: both sides of the terminal are one. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  /** Results, on stdout; with `--json` nothing but machine output goes here. */
  out(text: string): void;
  /** Words for a person, on stderr. */
  note(text: string): void;
  readInput(): Promise<string>;
  /** One line from the terminal; an abort gives an empty one. */
  ask(question: string, signal?: AbortSignal): Promise<string>;
  /** Calls back at the first SIGINT, SIGTERM or SIGHUP; at the second the process ends at once. Returns the way to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Calls back when an exception has reached nobody; soon after that the process ends, whatever the listener does. */
  onFault(listener: (error: Error) => void): void;
}

/** What a shell gives for a program that a closed pipe ended: whatever it did is not known to be finished. */
const readerGoneCode = 141;

/** The process as it is, and the way to wait for what was written. */
export function realWorld(): World & { flush(): Promise<void> } {
  const stdout = new Output(1, () => {
    // A reader that goes away (`signalbox log | head`) ends the program quietly, as other tools do.
    return process.stdout.on("error", () => process.exit(readerGoneCode));
  });
  const stderr = new Output(2, () => process.stderr);
  let words: Redactor | null = null;
  const note = (text: string) => {
    words ??= makeRedactor(secretsIn(process.env));
    stderr.write(words.text(text));
  };
  const faults = new ProcessFaults(note);
  faults.listen();
  return {
    cwd: process.cwd(),
    env: process.env,
    home: process.env.HOME || homedir(),
    get isInteractive() {
      return stderr.isTerminal && isDevice(0) && process.stdin.isTTY === true;
    },
    // One switch for both outputs: a pipe on either side gets plain text.
    get hasColour() {
      return !process.env.NO_COLOR && process.env.TERM !== "dumb" && stdout.isTerminal && stderr.isTerminal;
    },
    out: (text) => stdout.write(text),
    note,
    flush: async () => {
      await stdout.end();
      await stderr.end();
    },
    readInput: () => Bun.stdin.text(),
    ask,
    onInterrupt,
    onFault: (listener) => faults.onFault(listener),
  };
}

/** Values that their names call secret: words to people hold none of them, whoever wrote the words. A path is no secret. */
function secretsIn(env: World["env"]): string[] {
  const named = Object.entries(env).filter(([name]) => /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i.test(name));
  return named.flatMap(([, value = ""]) => (isWord(value) || /^[/~.]/.test(value) ? [] : value.trim()));
}

async function ask(question: string, signal?: AbortSignal): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The line editor takes Ctrl-C for itself; here it means what it means everywhere. Ctrl-D is an empty answer.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = new Promise<string>((resolve) => terminal.on("close", () => resolve("")));
  const close = () => terminal.close();
  signal?.addEventListener("abort", close);
  try {
    return (await Promise.race([terminal.question(question), closed])).trim();
  } finally {
    signal?.removeEventListener("abort", close);
    terminal.close();
  }
}

function onInterrupt(listener: () => void): () => void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) process.exit(130);
    isStopping = true;
    listener();
  };
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", ...(mayHangUp() ? (["SIGHUP"] as const) : [])];
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** Whether the end of the terminal is to end the program: `nohup` says that it is not, and only Linux lets us see that. */
function mayHangUp(): boolean {
  if (process.platform !== "linux") return false;
  const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  // The lowest bit stands for signal 1, which is SIGHUP.
  return ignored !== undefined && (Number.parseInt(ignored.slice(-1), 16) & 1) === 0;
}
