/** What routes have at hand: the engine to look at and dispatch to, who may come in, and the server's names. */
import type { EngineApi } from "../engine/engine-api.ts";
import type { ToolsFor } from "../projections/agent-request.ts";
import type { Access } from "./access.ts";
import type { ServerNames } from "./names.ts";
import type { TrustQuestion } from "./trust-question.ts";

export interface WebServices {
  readonly engine: EngineApi;
  readonly access: Access;
  readonly names: ServerNames;
  readonly version: string;
  /** The project's config that waits, or waited at the start, to be accepted; absent when there was nothing to ask. */
  readonly trust?: TrustQuestion;
  /** The tools that each kind of agent is offered. */
  readonly toolsFor: ToolsFor;
  /** Aborted when the server stops: event streams end then. */
  readonly closing: AbortSignal;
  /** How long an event stream may be silent before a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** Event streams that are open now. */
  readonly openStreams: Set<object>;
  /** Where the cause of a failure goes that a person only sees as "internal error". */
  readonly reportFailure: (failure: unknown) => void;
}
