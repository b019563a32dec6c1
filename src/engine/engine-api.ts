/** What the shell (web, command line) may do with a running engine: look, dispatch a command, listen. */
import type { Command, Rejection } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { DocumentName } from "../domain/event-document.ts";
import type { Json } from "../domain/gate.ts";
import type { LiveStream } from "../domain/live-stream.ts";
import type { State } from "../domain/state.ts";
import type { LogQuery } from "../log/event-log.ts";
import type { DocumentEdit, DocumentResult, DocumentText } from "./document-edit.ts";

/** A streamed piece of text: it stands at `offset` (in characters) of its stream. */
export interface Delta {
  readonly streamId: string;
  readonly offset: number;
  readonly text: string;
}

/** Which events, oldest first: those after a position, by type, agent, ticket or track. */
export type EventQuery = LogQuery;

/** A task line of a plan as it is on disk. */
export interface PlanTask {
  readonly ticketId: string | null;
  readonly title: string;
  readonly phase: string;
  readonly mark: " " | "~" | "x";
  /** The manual verification that ends a phase: no ticket comes of it. */
  readonly isVerification: boolean;
}

/** A document as it is on disk; the tasks are a plan's. */
export interface OpenDocument extends DocumentText {
  readonly tasks: readonly PlanTask[];
  /** Why the file must not be read, such as a link that leads out of the project; absent when it may. */
  readonly fault?: string;
}

/** spec.md and plan.md of the tracks. */
export interface DocumentsApi {
  /** What is on disk now; a file that is not there is empty. */
  read(trackId: string, name: DocumentName): OpenDocument;
  /** Writes a person's text, together with what was changed on disk meanwhile. */
  edit(edit: DocumentEdit): DocumentResult;
  /** Resolves when the documents say what the log says. */
  settled(): Promise<void>;
}

export type DispatchResult =
  | { readonly isAccepted: true; readonly events: readonly Event[] }
  | { readonly isAccepted: false; readonly rejection: Rejection };

export interface EngineApi {
  readonly project: { readonly root: string; readonly name: string };
  /** Warnings that every page shows for as long as they hold, such as that commands run unconfined. */
  readonly warnings: readonly string[];
  readonly documents: DocumentsApi;
  /** The live state. Read it at once: it changes with the next event. */
  state(): State;
  /** Decides, writes the facts to the log, folds them, and sets effects going. Synchronous up to the durable write. */
  dispatch(command: Command): DispatchResult;
  /** Why it takes no command yet, and nothing may be begun beside it either; null when it does. */
  refusal?(): Rejection | null;
  events(query: EventQuery): readonly Event[];
  streams(): ReadonlyMap<string, LiveStream>;
  /** What an agent's next request adds to its settled conversation, while that request waits for leave; null when none does. */
  unsent?(agentId: string): readonly Json[] | null;
  /** The input tokens of a request's body as its provider counts them; null where it does not. Sends no message. */
  count?(provider: string, body: { readonly [key: string]: Json }): Promise<number | null>;
  /** Called soon after the log has grown, once for any number of events, with its last position. Returns the way to stop listening. */
  onPosition(listener: (position: number) => void): () => void;
  onDelta(listener: (delta: Delta) => void): () => void;
}
