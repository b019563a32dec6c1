/** The engine in memory with a lifetime: a test says when and how it settles. */
import type { RunningEngine } from "../../src/cli/compose.ts";
import { FakeEngine } from "./fake-engine.ts";

export class SettlingEngine extends FakeEngine implements RunningEngine {
  override readonly project: { readonly root: string; readonly name: string };
  readonly stops: string[] = [];
  readonly #failed = Promise.withResolvers<Error>();
  #settled = Promise.withResolvers<void>();

  constructor(root = "/nowhere") {
    super();
    this.project = { root, name: "sample" };
  }

  settle(): void {
    this.#settled.resolve();
  }

  /** Waits again: the next `whenSettled` needs a new `settle`. */
  unsettle(): void {
    this.#settled = Promise.withResolvers<void>();
  }

  whenSettled(): Promise<void> {
    return this.#settled.promise;
  }

  fail(error: Error): void {
    this.#failed.resolve(error);
  }

  whenFailed(): Promise<Error> {
    return this.#failed.promise;
  }

  async stop(reason: string): Promise<void> {
    this.stops.push(reason);
  }
}
