/** The shape of the demo's tracks and tickets: what is proposed, and what each worker says and does. */
import type { Json } from "../domain/gate.ts";

export interface DemoCall {
  readonly name: string;
  readonly input: { [key: string]: Json };
}

/** One turn of a worker: a sentence, and the tool calls that follow it. */
export interface DemoStep {
  readonly text: string;
  readonly calls: readonly DemoCall[];
}

/** What a worker does in one attempt, from its first look at the files to its last words. */
export interface DemoWork {
  readonly opening: string;
  readonly reads: readonly string[];
  readonly steps: readonly DemoStep[];
  /** A shell command that it runs before it ends; `verify` stands for the project's own check. */
  readonly command?: string;
  readonly closing: string;
}

export interface DemoTicket extends DemoWork {
  readonly key: string;
  readonly title: string;
  readonly phase: string;
  readonly description: string;
  readonly criteria: readonly string[];
  readonly targets: readonly string[];
  readonly context: readonly string[];
  readonly needs: readonly string[];
  /** Set when the first attempt fails its check: how the failure shows, its diagnosis, and the attempt that mends it. */
  readonly failure?: DemoWork & {
    /** Part of the failing check's output. */
    readonly sign: string;
    readonly diagnosis: string;
    /** The part of the diagnosis by which the second attempt is known. */
    readonly phrase: string;
  };
  /** Tier 4's verdict, tier 2's review. */
  readonly verdict: string;
  readonly review: string;
}

export interface DemoTrack {
  readonly key: string;
  readonly title: string;
  readonly goal: string;
  readonly criteria: readonly string[];
  readonly modules: readonly string[];
  readonly thinking: string;
  readonly tickets: readonly DemoTicket[];
}

/** A call of the `write` tool. */
export function writeCall(path: string, content: string): DemoCall {
  return { name: "write", input: { file_path: path, content } };
}

/** A call of the `edit` tool. */
export function editCall(path: string, before: string, after: string): DemoCall {
  return { name: "edit", input: { file_path: path, old_string: before, new_string: after } };
}
