/**
 * A project's config that nobody has accepted yet, while a page is served: asked for on the page, by the API and on the
 * terminal, whichever answers first. Knows nothing of engines: who made it says what a yes sets going.
 */
import type { Rejection } from "../domain/command.ts";
import { Json, payloadHash } from "../domain/gate.ts";
import type { TrustAsked, TrustQuestion } from "../web/trust-question.ts";
import { CliError } from "./cli-error.ts";
import type { ConfigFile } from "./config/config-file.ts";
import type { Config } from "./config/load-config.ts";
import { askOnTerminal, configPath, guardedTables, notAccepted, rememberIfPossible } from "./trust.ts";
import type { World } from "./world.ts";

interface PendingTrustParts {
  readonly root: string;
  readonly world: World;
  /** Reads everything, the project's own file included. */
  load(): Promise<Config>;
  /** Throws a `CliError` for a config with which no run could start. */
  check(config: Config): void;
  /** Sets the engine going with the accepted config. */
  begin(config: Config): Promise<void>;
}

export class PendingTrust implements TrustQuestion {
  readonly #parts: PendingTrustParts;
  readonly #answered = Promise.withResolvers<Config>();
  readonly #closing = new AbortController();
  #asked: TrustAsked | null;
  /** Answers are taken one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PendingTrustParts, file: ConfigFile | null) {
    this.#parts = parts;
    this.#asked = askedOf(file);
    // Whoever waits takes the refusal; where nobody does, the program is ending anyway.
    this.#answered.promise.catch(() => undefined);
  }

  /** Resolves with the accepted config when the engine goes; rejects (exit 2) when the config is refused. */
  get accepted(): Promise<Config> {
    return this.#answered.promise;
  }

  asked(): TrustAsked | null {
    return this.#asked;
  }

  async refresh(): Promise<void> {
    if (this.#asked === null) return;
    const found = await this.#look();
    if (this.#asked !== null) this.#asked = found.asked;
  }

  accept(hash: string): Promise<Rejection | null> {
    return this.#next(() => this.#accept(hash));
  }

  refuse(hash: string): Promise<Rejection | null> {
    return this.#next(async () => {
      if (this.#asked === null) return answeredAlready;
      if (this.#asked.hash !== hash) return stale;
      this.#closing.abort();
      // After the answer is on its way to whoever gave it: the program ends with this.
      setTimeout(() => this.#answered.reject(notAccepted()), refusalMs);
      return null;
    });
  }

  /** Asks on the terminal too, where there is one. */
  beginAsking(): void {
    const { world } = this.#parts;
    if (!world.isInteractive) return;
    this.#askOnTerminal().catch((error: unknown) => world.note(`The question failed: ${String(error)}\n`));
  }

  /** Ends the question on the terminal. */
  close(): void {
    this.#closing.abort();
  }

  async #askOnTerminal(): Promise<void> {
    const { signal } = this.#closing;
    for (let shown = this.#asked; shown !== null && !signal.aborted; shown = this.#asked) {
      const isYes = await askOnTerminal(shown, this.#parts.world, signal);
      if (signal.aborted) return;
      const refused = await (isYes ? this.accept(shown.hash) : this.refuse(shown.hash));
      if (refused === null) return;
      this.#parts.world.note(`${refused.message}\n`);
      // Only a file that has changed since is another question.
      if (refused.code !== "stale") return;
    }
  }

  #next<T>(answer: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(answer);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #accept(hash: string): Promise<Rejection | null> {
    if (this.#asked === null) return answeredAlready;
    const { asked, config } = await this.#look();
    this.#asked = asked;
    if (config === null) return { code: "conflict", message: asked.fault ?? "" };
    if (asked.hash !== hash) return stale;
    const fault = faultOf(() => this.#parts.check(config));
    if (fault !== null) return { code: "conflict", message: fault };
    const { root, world } = this.#parts;
    await this.#parts.begin(config);
    await rememberIfPossible({ root, file: config.projectFile }, world);
    this.#asked = null;
    this.#closing.abort();
    this.#answered.resolve(config);
    return null;
  }

  /** The file as it is now; a config only when it can be read. */
  async #look(): Promise<{ readonly asked: TrustAsked; readonly config: Config | null }> {
    try {
      const config = await this.#parts.load();
      return { asked: askedOf(config.projectFile), config };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { asked: { path: configPath, text: "", hash: "", fault: error.message }, config: null };
    }
  }
}

/** Time for the answer to a refusal to reach its page before the server goes. */
const refusalMs = 200;

const answeredAlready: Rejection = {
  code: "conflict",
  message: "The config of this project has been accepted already.",
};

const stale: Rejection = {
  code: "stale",
  message: `${configPath} is no longer what was shown: read it as it stands now, then decide.`,
};

function askedOf(file: ConfigFile | null): TrustAsked {
  const tables = guardedTables(file);
  if (tables) return { path: configPath, text: tables.shown, hash: tables.hash, fault: null };
  return { path: configPath, text: "", hash: payloadHash(Json.parse({})), fault: null };
}

function faultOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}
