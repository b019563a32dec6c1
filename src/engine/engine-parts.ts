/** What an engine is made of, and what its effects may use. Only the command line makes real ones; tests pass their own. */
import type { Command } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { DocumentName } from "../domain/event-document.ts";
import type { Json, Surroundings } from "../domain/gate.ts";
import type { State, Ticket, Track } from "../domain/state.ts";
import type { EventLog, LogQuery } from "../log/event-log.ts";
import type { CommandRequest, CommandResult } from "../workspace/command-runner.ts";
import type { PlanChanges } from "../workspace/documents/plan-document.ts";
import type { Repository } from "../workspace/repository.ts";
import type { DispatchResult } from "./engine-api.ts";
import type { SnapshotPlace } from "./log-fold.ts";
import type { Thread } from "./supervisor.ts";

/** The documents under `conductor/`, as the engine needs them. */
export interface DocumentStore {
  /** Brings a track's documents and its line in tracks.md up to date; what people wrote stays. */
  writeTrack(track: Track, tickets: readonly Ticket[], changes?: PlanChanges): void;
  /** The text of a track's spec.md or plan.md; null when there is no such file. */
  readDocument(trackId: string, name: DocumentName): string | null;
  /** Writes one of them whole, or not at all. */
  writeDocument(trackId: string, name: DocumentName, text: string): void;
  /** Texts of product.md, product-guidelines.md and tech-stack.md, by name. */
  productDocuments(): Readonly<Record<string, string>>;
}

export interface EngineParts {
  readonly project: { readonly root: string; readonly name: string };
  readonly version: string;
  readonly log: EventLog;
  /** Absent: every start reads the whole log. A resting engine has none. */
  readonly snapshots?: SnapshotPlace;
  now(): Date;
  spawnThread(): Thread;
  readonly repository: Repository;
  readonly documents: DocumentStore;
  /** What every command gets and how it is confined, as gates show it. */
  commandProfile(): Promise<Omit<Surroundings, "treeHash">>;
  /** Runs a command in the sandbox. Throws `CommandNotStarted` where none may run. */
  runCommand(request: Omit<CommandRequest, "sandbox">): Promise<CommandResult>;
  /** Counts a request at an endpoint without sending it; null where that does not count. */
  countTokens?(
    provider: { readonly baseUrl: string; readonly apiKey: string },
    body: { readonly [key: string]: Json },
  ): Promise<number | null>;
  /** The key of a provider; "" when none is sent. */
  apiKey(provider: string): string;
  /** Values besides the providers' keys that must appear nowhere: the API token. */
  readonly secrets?: readonly string[];
  readonly warnings: readonly string[];
  /** A resting engine takes commands and writes them down, but starts nothing. */
  readonly isResting: boolean;
  /** Silence of a stream after which a call is given up. */
  readonly stallMs: number;
  /** What the waits between the tries of a call grow from, in milliseconds; absent: what a real provider needs. */
  readonly backoffBaseMs?: number;
  /** Problems of our own, for the terminal. */
  report(problem: string): void;
  /** Called when the process ends, however it does: releases the project's lock. */
  release(): void;
}

/** What an effect works with. */
export interface EffectContext {
  readonly parts: EngineParts;
  /** Aborted when the engine stops, or when the state no longer asks for the effect. */
  readonly signal: AbortSignal;
  state(): State;
  /** Dispatches an outcome. A refusal means that things have moved on meanwhile, and is no fault. */
  dispatch(command: Command): DispatchResult;
  /** Dispatches what has happened and cannot be undone: taken even when nobody asks for the effect any more. */
  record(command: Command): DispatchResult;
  read(query: LogQuery): readonly Event[];
  /** Resolves when the documents under `conductor/` say what the log says. */
  documentsWritten(): Promise<void>;
}

/** The answer to a command that comes too late. */
export const stopped: DispatchResult = {
  isAccepted: false,
  rejection: { code: "conflict", message: "The engine is stopping." },
};
