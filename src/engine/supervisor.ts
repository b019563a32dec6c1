/**
 * Starts agents in threads and sees to their end. Threads that ended an agent well are kept for the next one; a thread
 * that closes with an agent in it is a crash, whatever its exit code.
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

export interface SupervisorListeners {
  message(message: FromThread): void;
  /** A message that names an agent which its thread does not have. */
  stray(message: FromThread): void;
  /** The agent's thread ended without a word. */
  crash(agentId: string, reason: string): void;
}

interface Seat {
  readonly thread: Thread;
  agentId: string | null;
  leave: (() => void) | null;
  /** Ends the thread when its agent does not stop by itself; null while nobody has told it to. */
  stopping: Timer | null;
}

const keptThreads = 4;
/** How long an agent may take to stop: longer than it takes to abort a request, shorter than people wait. */
const stopGraceMs = 5_000;

export class Supervisor {
  readonly #spawn: () => Thread;
  readonly #listeners: SupervisorListeners;
  readonly #seats = new Set<Seat>();

  constructor(spawn: () => Thread, listeners: SupervisorListeners) {
    this.#spawn = spawn;
    this.#listeners = listeners;
  }

  /** Starts a thread ahead of its need, so that the first agent does not wait for it. */
  warm(): void {
    if (this.#seats.size === 0) this.#seat();
  }

  /** Runs an agent in a thread; resolves when it has left it, well or badly. */
  run(start: AgentStart): Promise<void> {
    return new Promise((resolve) => {
      const seat = [...this.#seats].find((free) => free.agentId === null) ?? this.#seat();
      seat.agentId = start.agentId;
      seat.leave = resolve;
      seat.thread.post(start);
    });
  }

  /** Posts to an agent's thread; false when it has none. */
  post(message: ToThread): boolean {
    const seat = "agentId" in message ? this.#seatOf(message.agentId) : null;
    seat?.thread.post(message);
    return seat !== null;
  }

  /** Tells an agent to stop; a thread that is stuck is ended with it. */
  stop(agentId: string, reason: string, graceMs = stopGraceMs): void {
    const seat = this.#seatOf(agentId);
    if (!seat || seat.stopping !== null) return;
    seat.thread.post({ type: "stop", agentId, reason });
    seat.stopping = setTimeout(() => this.#evict(seat), graceMs);
  }

  /** Ends every thread at once. Agents stay as the log has them. */
  terminate(): void {
    for (const seat of this.#seats) {
      this.#seats.delete(seat);
      if (seat.stopping !== null) clearTimeout(seat.stopping);
      seat.thread.terminate();
      seat.leave?.();
    }
  }

  #evict(seat: Seat): void {
    if (!this.#seats.delete(seat)) return;
    seat.thread.terminate();
    if (seat.agentId !== null) this.#listeners.crash(seat.agentId, "It did not stop when it was told to.");
    seat.leave?.();
  }

  #seatOf(agentId: string): Seat | null {
    for (const seat of this.#seats) if (seat.agentId === agentId) return seat;
    return null;
  }

  #seat(): Seat {
    const seat: Seat = { thread: this.#spawn(), agentId: null, leave: null, stopping: null };
    this.#seats.add(seat);
    seat.thread.onMessage((message) => {
      if (this.#isStray(seat, message)) return this.#listeners.stray(message);
      this.#listeners.message(message);
      if (message.type === "ended" || message.type === "failed") this.#leave(seat, message.agentId);
    });
    seat.thread.onClose((reason) => {
      if (!this.#seats.delete(seat)) return;
      const { agentId, leave } = seat;
      seat.agentId = null;
      if (seat.stopping !== null) clearTimeout(seat.stopping);
      if (agentId !== null) this.#listeners.crash(agentId, reason);
      leave?.();
    });
    return seat;
  }

  /** A thread speaks for the agent that it has, and for no other that is alive. */
  #isStray(seat: Seat, message: FromThread): boolean {
    if (message.type === "ready" || message.agentId === seat.agentId) return false;
    return seat.agentId !== null || this.#seatOf(message.agentId) !== null;
  }

  #leave(seat: Seat, agentId: string): void {
    if (seat.agentId !== agentId) return;
    const { leave } = seat;
    seat.agentId = null;
    seat.leave = null;
    if (seat.stopping !== null) clearTimeout(seat.stopping);
    seat.stopping = null;
    if (this.#seats.size > keptThreads) {
      this.#seats.delete(seat);
      seat.thread.terminate();
    }
    leave?.();
  }
}
