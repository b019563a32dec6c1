/**
 * A real engine with the real rules and the real log, in a world that a test holds in its hands. Waits are for events and for
 * the engine to settle, never for time.
 */
import type { ToThread } from "../../src/agents/protocol.ts";
import type { Command } from "../../src/domain/command.ts";
import type { Event, EventOf, FactType } from "../../src/domain/event.ts";
import { fold } from "../../src/domain/evolve.ts";
import type { Json } from "../../src/domain/gate.ts";
import type { Settings } from "../../src/domain/settings.ts";
import type { Gate, State, Ticket, Track } from "../../src/domain/state.ts";
import { ticketStatus } from "../../src/domain/ticket-status.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { EngineParts } from "../../src/engine/engine-parts.ts";
import type { Thread } from "../../src/engine/supervisor.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { EngineWorld, engineSettings } from "./engine-world.ts";
import { MemoryDocuments } from "./memory-documents.ts";
import { ScriptedThread } from "./scripted-thread.ts";
import { threadWorld, worldParts } from "./world-parts.ts";

export interface RigOptions {
  readonly world?: EngineWorld;
  readonly settings?: Partial<Settings>;
  /** What the log already holds. */
  readonly events?: readonly Event[];
  readonly log?: EventLog;
  readonly parts?: Partial<EngineParts>;
  /** Called after each durable write, with the log's last position. */
  readonly onAppend?: (position: number) => void;
}

const most = Number.MAX_SAFE_INTEGER;
const mostRounds = 500;

export class EngineRig {
  readonly world: EngineWorld;
  readonly engine: Engine;
  readonly threads: ScriptedThread[] = [];
  readonly reports: string[] = [];
  /** The documents as they were written last, by track id. */
  readonly documents = new Map<string, { readonly track: Track; readonly tickets: readonly Ticket[] }>();
  isReleased = false;
  #isCut = false;
  /** Every event of the log: a closed one cannot be read any more. */
  readonly #written: Event[] = [];
  readonly #options: RigOptions;

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.world = options.world ?? new EngineWorld();
    this.engine = Engine.start(this.#parts(options), engineSettings(options.settings));
  }

  get state(): State {
    return this.engine.state();
  }

  get events(): Event[] {
    return [...this.engine.events({ after: 0, limit: most })];
  }

  /** Every event of a type so far. */
  all<T extends FactType>(type: T): EventOf<T>[] {
    // The query gives exactly the events whose type is T.
    return [...this.engine.events({ after: 0, limit: most, type })] as EventOf<T>[];
  }

  /** The first event of a type that holds, now or later. */
  untilEvent<T extends FactType>(type: T, holds: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    const found = Promise.withResolvers<EventOf<T>>();
    const look = () => {
      const event = this.all(type).find(holds);
      if (event) found.resolve(event);
    };
    const unsubscribe = this.engine.onPosition(look);
    look();
    return found.promise.finally(unsubscribe);
  }

  /** Dispatches a command that must be accepted. */
  do(command: Command): void {
    const result = this.engine.dispatch(command);
    if (!result.isAccepted) throw new Error(`${command.type} was refused: ${result.rejection.message}`);
  }

  /** Starts a goal and waits until nothing moves. */
  async plan(goal = "Build it."): Promise<void> {
    this.do({ type: "create_epic", goal, isStarting: true });
    await this.engine.whenSettled();
  }

  openGates(): Gate[] {
    return [...this.state.gates.values()].filter((gate) => gate.status === "open");
  }

  /** The one open gate; throws when there are none or several. */
  gate(): Gate {
    const [gate, ...others] = this.openGates();
    if (!gate || others.length > 0) throw new Error(`There are ${others.length + (gate ? 1 : 0)} open gates, not one.`);
    return gate;
  }

  approve({ gateId, payloadHash }: Gate, payload?: Json): void {
    this.do({ type: "approve_gate", gateId, payloadHash, by: "person", ...(payload === undefined ? {} : { payload }) });
  }

  decline({ gateId, payloadHash }: Gate, reason = "no"): void {
    this.do({ type: "decline_gate", gateId, payloadHash, reason, by: "person" });
  }

  /** Approves gate after gate until there is none of these kinds, and nothing moves; all kinds unless a test names some. */
  async approveAll(kinds?: readonly Gate["kind"][]): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      await this.engine.whenSettled();
      const gates = this.openGates().filter((gate) => !kinds || kinds.includes(gate.kind));
      if (gates.length === 0) return;
      for (const gate of gates) this.approve(gate);
    }
    throw new Error("The run never ends.");
  }

  /** Resolves when a thread has been told to stop this agent. */
  async untilStopped(agentId: string): Promise<void> {
    const isStop = (message: ToThread) => message.type === "stop" && message.agentId === agentId;
    while (!this.threads.some(({ received }) => received.some(isStop))) await loopTurn();
  }

  /** Approves what is asked until something outside has happened. */
  async approveAllUntil(happening: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = happening.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await Promise.race([this.engine.whenSettled(), over]);
      for (const gate of this.openGates()) this.approve(gate);
    }
  }

  status(ticketId: string): { readonly status: string; readonly reason: string | null } {
    const ticket = this.state.tickets.get(ticketId);
    if (!ticket) throw new Error(`There is no ticket ${ticketId}.`);
    return ticketStatus(this.state, ticket);
  }

  statuses(): string[] {
    return [...this.state.tickets.keys()].map((ticketId) => `${ticketId} ${this.status(ticketId).status}`);
  }

  /** Whether folding the log gives the live state. */
  isFoldEqual(): boolean {
    return Bun.deepEquals(fold(this.events), this.state);
  }

  /** Stops, and starts the next engine on a log with the same events. */
  async restart(changes: RigOptions = {}): Promise<EngineRig> {
    const { world } = this;
    await this.engine.stop("a test restarts it");
    return new EngineRig({ ...this.#options, world, events: this.#written, ...changes });
  }

  /** Ends the engine as a power cut does: nothing that it was doing goes on, and nothing is written any more. */
  cutPower(): Event[] {
    const { events } = this;
    this.#isCut = true;
    for (const thread of this.threads) thread.terminate();
    this.world.restore(this.world.snapshot());
    return events;
  }

  /** What an engine without power waits for never comes. */
  async #whilePowered<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isCut) return new Promise(() => undefined);
    const result = await work();
    return this.#isCut ? new Promise(() => undefined) : result;
  }

  #parts({ log = EventLog.open(":memory:"), events = [], parts, onAppend }: RigOptions): EngineParts {
    const { world } = this;
    seed(log, events);
    this.#written.push(...events);
    tellAppends(log, (written) => {
      this.#written.push(...written);
      onAppend?.(log.position);
    });
    return {
      ...worldParts(world, {
        log,
        spawnThread: () => this.#thread(),
        report: (problem) => this.reports.push(problem),
        guarded: (work) => this.#whilePowered(work),
      }),
      documents: new MemoryDocuments((track, tickets) => this.documents.set(track.trackId, { track, tickets })),
      release: () => {
        this.isReleased = true;
      },
      ...parts,
    };
  }

  #thread(): Thread {
    const thread = new ScriptedThread(threadWorld(this.world, (work) => this.#whilePowered(work)));
    this.threads.push(thread);
    return thread;
  }
}

/** One turn of the event loop. */
export function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Puts events of the past into an empty log, each at its own time. */
export function seed(log: EventLog, events: readonly Event[]): void {
  if (events.length === 0) return;
  for (const { position: _position, at, ...fact } of events) log.append([fact], at);
}

function tellAppends(log: EventLog, onAppend: (written: readonly Event[]) => void): void {
  const commit = log.commit.bind(log);
  log.commit = () => {
    const events = commit();
    if (events.length > 0) onAppend(events);
    return events;
  };
}
