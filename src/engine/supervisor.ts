/**
 * Starts agents in threads and sees to their end. A few threads hold many agents, because a wake-up of a thread costs more
 * than an agent's turn. A thread that closes with one agent in it is that agent's crash, whatever the exit code; with more,
 * nobody knows whose it was: each goes on from the log in a thread of its own, where a second death has one name.
 */
import type { AgentStart, FromThread, ToThread } from "../agents/protocol.ts";

/** The main loop's end of a thread. Messages keep their order; after `onClose` there are none. */
export interface Thread {
  post(message: ToThread): void;
  /** Sets the one listener; messages that came before are kept for it. */
  onMessage(listener: (message: FromThread) => void): void;
  /** Sets the one listener for an end that `terminate` did not cause: a crash, with its reason. */
  onClose(listener: (reason: string) => void): void;
  terminate(): void;
}

/** Whom the supervisor tells and asks. */
export interface SupervisorListeners {
  message(message: FromThread): void;
  /** A message that names an agent which its thread does not have. */
  stray(message: FromThread): void;
  /** The agent's thread ended without a word. */
  crash(agentId: string, reason: string): void;
  /** The thread that the agent shared ended: what the agent had in flight is lost, and it may be run again. */
  displaced(agentId: string, reason: string): void;
  /** How many threads agents may share; those that run alone come on top. Undefined: what suits most machines. */
  threadLimit(): number | undefined;
}

interface Resident {
  readonly leave: () => void;
  /** Ends the thread when the agent does not stop by itself; null while nobody has told it to. */
  stopping: Timer | null;
}

interface Room {
  readonly thread: Thread;
  readonly residents: Map<string, Resident>;
  /** Whether it is kept for one agent. */
  isSingle: boolean;
}

/** Empty threads that are kept for the next agent: a start costs more than their memory. */
const keptThreads = 4;
const usualThreads = 4;
/** Agents that share a thread before another one is started: beyond this a thread's own work makes its agents wait. */
const usualResidents = 8;
/** How long an agent may take to stop: longer than it takes to abort a request, shorter than people wait. */
const stopGraceMs = 5_000;

export class Supervisor {
  readonly #spawn: () => Thread;
  readonly #listeners: SupervisorListeners;
  readonly #rooms = new Set<Room>();
  /** Agents whose shared thread has died under them. */
  readonly #displaced = new Set<string>();

  constructor(spawn: () => Thread, listeners: SupervisorListeners) {
    this.#spawn = spawn;
    this.#listeners = listeners;
  }

  /** Starts the first thread ahead of its need: where anything is under way, an agent comes soon. */
  warm(): void {
    if (this.#rooms.size === 0) this.#open();
  }

  /** Runs an agent in a thread; resolves when it has left it, well or badly. */
  run(start: AgentStart): Promise<void> {
    return new Promise((resolve) => {
      const room = this.#displaced.has(start.agentId) ? this.#emptyRoom() : this.#sharedRoom();
      room.isSingle = this.#displaced.has(start.agentId);
      room.residents.set(start.agentId, { leave: resolve, stopping: null });
      room.thread.post(start);
    });
  }

  /** Posts to an agent's thread; false when it has none. */
  post(message: ToThread): boolean {
    const room = "agentId" in message ? this.#roomOf(message.agentId) : null;
    room?.thread.post(message);
    return room !== null;
  }

  /** Tells an agent to stop; a thread that is stuck is ended with it. */
  stop(agentId: string, reason: string, graceMs = stopGraceMs): void {
    const room = this.#roomOf(agentId);
    const resident = room?.residents.get(agentId);
    if (!room || !resident || resident.stopping !== null) return;
    room.thread.post({ type: "stop", agentId, reason });
    resident.stopping = setTimeout(() => this.#evict(room, agentId), graceMs);
  }

  /** Ends every thread at once. Agents stay as the log has them. */
  terminate(): void {
    for (const room of this.#rooms) {
      this.#rooms.delete(room);
      room.thread.terminate();
      for (const resident of room.residents.values()) leave(resident);
    }
  }

  #evict(room: Room, agentId: string): void {
    if (!this.#rooms.delete(room)) return;
    room.thread.terminate();
    this.#clear(room, agentId, "It did not stop when it was told to.");
  }

  #roomOf(agentId: string): Room | null {
    for (const room of this.#rooms) if (room.residents.has(agentId)) return room;
    return null;
  }

  #emptyRoom(): Room {
    return [...this.#rooms].find(({ residents }) => residents.size === 0) ?? this.#open();
  }

  /** The fullest thread that has room; without one a new thread, up to the limit; then the emptiest. */
  #sharedRoom(): Room {
    const shared = [...this.#rooms].filter(({ isSingle, residents }) => !isSingle || residents.size === 0);
    const bySize = shared.toSorted((a, b) => b.residents.size - a.residents.size);
    const roomy = bySize.find(({ residents }) => residents.size < usualResidents);
    const emptiest = bySize.at(-1);
    if (roomy || !emptiest || shared.length < (this.#listeners.threadLimit() ?? usualThreads))
      return roomy ?? this.#open();
    return emptiest;
  }

  #open(): Room {
    const room: Room = { thread: this.#spawn(), residents: new Map(), isSingle: false };
    this.#rooms.add(room);
    room.thread.onMessage((message) => {
      if (this.#isStray(room, message)) return this.#listeners.stray(message);
      this.#listeners.message(message);
      if (message.type === "ended" || message.type === "failed") this.#depart(room, message.agentId);
    });
    room.thread.onClose((reason) => {
      if (!this.#rooms.delete(room)) return;
      const [only, ...others] = room.residents.keys();
      this.#clear(room, others.length === 0 ? (only ?? null) : null, reason);
    });
    return room;
  }

  /** A thread speaks for the agents that it has, and for no other that is alive. */
  #isStray(room: Room, message: FromThread): boolean {
    if (message.type === "ready" || room.residents.has(message.agentId)) return false;
    return room.residents.size > 0 || this.#roomOf(message.agentId) !== null;
  }

  /** Lets go of everybody in a thread that has ended; `culprit` is whose end it was, where that is known. */
  #clear(room: Room, culprit: string | null, reason: string): void {
    for (const [agentId, resident] of room.residents) {
      if (agentId === culprit) {
        this.#displaced.delete(agentId);
        this.#listeners.crash(agentId, reason);
      } else {
        this.#displaced.add(agentId);
        this.#listeners.displaced(agentId, `It shared a thread that ended. ${reason}`);
      }
      leave(resident);
    }
    room.residents.clear();
  }

  #depart(room: Room, agentId: string): void {
    const resident = room.residents.get(agentId);
    if (!resident) return;
    room.residents.delete(agentId);
    this.#displaced.delete(agentId);
    if (room.residents.size === 0 && this.#rooms.size > keptThreads) {
      this.#rooms.delete(room);
      room.thread.terminate();
    }
    leave(resident);
  }
}

function leave(resident: Resident): void {
  if (resident.stopping !== null) clearTimeout(resident.stopping);
  resident.leave();
}
