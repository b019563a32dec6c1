/** What routes have at hand: the engine to look at and dispatch to, who may come in, and the server's names. */
import type { Json } from "../domain/gate.ts";
import type { EngineApi } from "../engine/engine-api.ts";
import type { Access } from "./access.ts";
import type { ServerNames } from "./names.ts";

/** What an agent's next request is made of, and what it may hold at most. */
export interface ContextInput {
  readonly system: string;
  readonly tools: readonly string[];
  readonly messages: Json[];
  readonly windowTokens: number;
  readonly historyTokens: number;
}

/** Says part by part what a request holds. It is passed in: this folder may not import the context folder. */
export type ContextMapper = (input: ContextInput) => object;

export interface WebServices {
  readonly engine: EngineApi;
  readonly access: Access;
  readonly names: ServerNames;
  readonly version: string;
  readonly contextMap: ContextMapper;
  /** Aborted when the server stops: event streams end then. */
  readonly closing: AbortSignal;
  /** How long an event stream may be silent before a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** Event streams that are open now. */
  readonly openStreams: Set<object>;
  /** Where the cause of a failure goes that a person only sees as "internal error". */
  readonly reportFailure: (failure: unknown) => void;
}
