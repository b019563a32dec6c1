/**
 * A run whose models are a cassette: the engine as it always is, with the simulator in the provider's place, over HTTP on the
 * loopback interface. Gives the recorded work, answers gates as recorded, and keeps the recorded order.
 *
 * What a hostile cassette can do is what a hostile model can: its answers are words, file changes in worktrees, and commands,
 * confined as always. Its decisions open gates of this replay only where they show what was recorded, and none of a command
 * where nothing confines it. The check, the rules for commands and the sandbox are this project's own. No key is sent.
 */
import { basename } from "node:path";
import type { Event, EventOf } from "../../domain/event.ts";
import type { Settings } from "../../domain/settings.ts";
import type { Gate } from "../../domain/state.ts";
import type { EngineParts } from "../../engine/engine-parts.ts";
import type { LeverLine, RecordedSettings } from "../../simulator/cassette.ts";
import { CassetteDesk, type SentRequest } from "../../simulator/cassette-desk.ts";
import { CassettePlayer, type Miss, type Sender } from "../../simulator/cassette-player.ts";
import type { Exchange, Tape } from "../../simulator/cassette-tape.ts";
import { type Simulator, startSimulator } from "../../simulator/simulator.ts";
import type { Repository } from "../../workspace/repository.ts";
import { failure } from "../cli-error.ts";
import type { RunningEngine } from "../compose.ts";
import { wake } from "../start-work.ts";
import type { ForkPoint } from "./fork-point.ts";
import { GateAnswers } from "./gate-answers.ts";
import { giveWork, pullLever } from "./recorded-work.ts";
import { presentTicket, ReplayOrder } from "./replay-order.ts";
import { leftQuietMs } from "./turnstile.ts";

export interface ReplayOptions {
  /** The folder of the project that it is played in. */
  readonly folder: string;
  /** Whether tracks may be landed: else no recorded decision at a `land` gate is taken. */
  readonly mayLand: boolean;
  /** Whether commands run unconfined: then no recorded decision about a command is taken. */
  readonly isUnsafe: boolean;
  /** What becomes of recorded settings here. */
  settingsAs(recorded: RecordedSettings): Settings;
  /** Answers what the cassette does not. */
  onMiss(miss: Miss, sent: SentRequest, provider: string): Promise<Response>;
  /** Told of recorded work that cannot be given. */
  onFault(error: unknown): void;
  /** Values that must appear nowhere: the keys of this user's own endpoints. */
  readonly secrets: readonly string[];
  /** Whether a real endpoint may be asked: then nothing is hurried. */
  readonly isLive: boolean;
  /** Where the replay leaves the recording; absent: nowhere. */
  readonly fork?: ForkPoint | undefined;
  readonly quietMs?: number;
  /** Silence after which this project gives a stream up. */
  readonly stallMs: number;
}

/** A recorded silence need not last as long as it did. */
const quickStallMs = 4_000;

export class Replay {
  readonly #tape: Tape;
  readonly #options: ReplayOptions;
  readonly #player: CassettePlayer;
  readonly #order: ReplayOrder;
  readonly #answers: GateAnswers;
  readonly #simulators = new Map<string, Simulator>();
  readonly #senders = new Map<string, Sender>();
  /** The settings of the recording at this place of it. */
  #recorded: RecordedSettings;
  #engine: RunningEngine | null = null;
  #followed = 0;
  #stopFollowing: () => void = () => undefined;

  constructor(tape: Tape, options: ReplayOptions) {
    this.#tape = tape;
    this.#options = options;
    this.#recorded = tape.head.settings;
    this.#player = new CassettePlayer(tape, { folder: options.folder });
    this.#order = new ReplayOrder(tape.lines, options.quietMs ?? (options.fork ? leftQuietMs : undefined));
    this.#answers = new GateAnswers(tape.lines, {
      options,
      recorded: () => this.#recorded,
      inOrder: (step, act) => this.#inOrder(step, act),
    });
  }

  /** Starts what answers for each of these providers. */
  async listen(providers: Iterable<string>): Promise<void> {
    const { fork } = this.#options;
    for (const provider of new Set(providers)) {
      const desk = new CassetteDesk(this.#player, {
        senderOf: (textHash) => this.#senderOf(textHash),
        onMiss: (miss, sent) => {
          this.#order.turnstile.leave();
          return this.#options.onMiss(miss, sent, provider);
        },
        onAnswer: (exchange, sender) => this.#turnOf(exchange, sender),
        ...(fork ? { isAnew: (sender: Sender) => fork.isLive(sender) } : {}),
        isQuick: !this.#options.isLive,
      });
      this.#simulators.set(provider, await startSimulator({ cassette: desk }));
    }
  }

  urlOf(provider: string): string {
    return this.#simulators.get(provider)?.url ?? "";
  }

  /** The parts of the engine as a replay needs them. */
  adapt(parts: EngineParts): EngineParts {
    const { head } = this.#tape;
    const { isLive, secrets } = this.#options;
    const hasSilence = this.#tape.exchanges.some(
      ({ response }) => response.kind === "failure" && response.code === "stall",
    );
    const { documents } = parts;
    return {
      ...parts,
      ...(isLive ? {} : { backoffBaseMs: 1 }),
      secrets: [...(parts.secrets ?? []), ...secrets],
      stallMs: hasSilence && !isLive ? Math.min(this.#options.stallMs, quickStallMs) : parts.stallMs,
      repository: withFiles(parts.repository, head.untracked),
      documents: {
        writeTrack: (...all) => documents.writeTrack(...all),
        readDocument: (...all) => documents.readDocument(...all),
        writeDocument: (...all) => documents.writeDocument(...all),
        productDocuments: () => ({ ...documents.productDocuments(), ...head.documents }),
      },
      runCommand: (request) =>
        this.#order.command(basename(request.root ?? request.cwd), () => parts.runCommand(request)),
    };
  }

  /** Follows the engine, and gives it the recorded work. What it gives has settled when the recorded work has, too. */
  begin(engine: RunningEngine): RunningEngine {
    this.#engine = engine;
    this.#stopFollowing = engine.onPosition(() => this.#follow(engine));
    wake(engine);
    const { lines } = this.#tape;
    for (const [step, line] of lines.entries()) {
      if (line.type === "work") this.#inOrder(step, () => giveWork(engine, line));
      if (line.type === "lever") this.#inOrder(step, () => this.#pull(engine, line));
    }
    this.#follow(engine);
    const { turnstile } = this.#order;
    return replacing(engine, {
      whenSettled: async () => {
        do {
          await turnstile.idle();
          await engine.whenSettled();
        } while (turnstile.isAwaited);
      },
    });
  }

  /** Why a gate was left open. */
  whyOpen(gate: Gate): string {
    return this.#answers.whyOpen(gate);
  }

  /** The merges of the replay, in their order. */
  readonly merged: EventOf<"merge.completed">[] = [];

  /** Answers that were recorded and that nobody has asked for. */
  get unused(): readonly Exchange[] {
    return this.#player.unused;
  }

  async close(): Promise<void> {
    this.#stopFollowing();
    this.#order.turnstile.close();
    await Promise.all([...this.#simulators.values()].map((simulator) => simulator.stop()));
  }

  /** Outside the engine's own call, as a person would; and only once everything before it has come about. */
  #inOrder(step: number, act: () => void): void {
    const done = this.#order.turnstile.enter(step).then(() => {
      act();
      this.#order.turnstile.pass(step);
    });
    done.catch((error: unknown) => this.#options.onFault(error));
  }

  #pull(engine: RunningEngine, line: LeverLine): void {
    const { fork, settingsAs } = this.#options;
    if (line.command.type === "change_settings") {
      // A fork has settings of its own once it has left the recording.
      if (fork?.isReached) return;
      this.#recorded = line.command.settings;
    }
    const idOf = (ticketId: string) => presentTicket(ticketId, this.#tape.lines);
    const refusal = pullLever(engine, line, { idOf, settingsAs });
    // What has left its recording may well be past it.
    if (refusal !== null && !this.#options.isLive)
      throw failure("replay_differs", `A person's ${line.command.type} of the recording is refused here: ${refusal}`);
  }

  #follow(engine: RunningEngine): void {
    const events = engine.events({ after: this.#followed, limit: Number.MAX_SAFE_INTEGER });
    this.#followed = events.at(-1)?.position ?? this.#followed;
    for (const event of events) this.#take(event, engine);
  }

  #take(event: Event, engine: RunningEngine): void {
    if (event.type === "call.started" && event.request) {
      const { role, attempt } = engine.state().agents.get(event.agentId) ?? { role: "worker", attempt: null };
      const { agentId, streamId: stream, turn } = event;
      this.#senders.set(event.request.hash, { agentId, role, stream, attempt, turn });
    }
    this.#order.follow(event);
    if (event.type === "merge.completed") this.merged.push(event);
    const shown = this.#options.fork?.shownTicket(event);
    // Neither step mode nor a model makes an attempt that is under way an old one.
    if (shown) engine.dispatch({ type: "edit_ticket", ticketId: shown, changes: { isStepMode: true } });
    if (event.type === "gate.opened") {
      const gate = engine.state().gates.get(event.gateId);
      if (gate?.status === "open") this.#answers.give(engine, gate);
    }
  }

  #senderOf(textHash: string): Sender | null {
    // The log may hold the call while nobody has been told of it.
    if (this.#engine) this.#follow(this.#engine);
    return this.#senders.get(textHash) ?? null;
  }

  #turnOf(exchange: Exchange, sender: Sender | null): Promise<void> | undefined {
    if (exchange.response.kind === "failure") return undefined;
    return this.#order.answer(exchange.step, sender?.agentId ?? null);
  }
}

/** The files that models are shown: those of the commit, and those that were beside it in the recording, and no others. */
function withFiles(repository: Repository, untracked: readonly string[]): Repository {
  return replacing(repository, {
    files: async () => {
      const { commit } = await repository.head();
      return [...new Set([...(await repository.fileNamesAt(commit)), ...untracked])].sort();
    },
  });
}

/** An object with some of its methods replaced. */
function replacing<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (_target, key) => {
      const value: unknown = Reflect.get(Object.hasOwn(methods, key) ? methods : target, key, target);
      // Private fields are the object's own: its methods must be called on it.
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
