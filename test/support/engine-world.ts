/**
 * All that is outside an engine: the disk, the shell, the model, the clock. It outlives engines, so that a test can stop one
 * (or cut its power) and start the next on what is left. Nothing here decides; a test bends what it needs.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentStart } from "../../src/agents/protocol.ts";
import type { Json } from "../../src/domain/gate.ts";
import type { TicketProposal } from "../../src/domain/proposal.ts";
import { defaultSettings, type Settings } from "../../src/domain/settings.ts";
import { roleTier, type Tier } from "../../src/domain/stream-id.ts";
import type { Usage } from "../../src/domain/usage.ts";
import type { EngineParts } from "../../src/engine/engine-parts.ts";
import type { CommandResult } from "../../src/workspace/command-runner.ts";
import { type Disk, editWorktree, emptyDisk } from "./fake-repository.ts";
import type { ModelTurn, Reply } from "./scripted-thread.ts";

export interface PlannedTicket {
  readonly key: string;
  readonly dependsOn?: readonly string[];
  readonly phase?: string;
  readonly files?: readonly string[];
}

/** Track titles (one lower-case word each) and their tickets: what tiers 1 and 2 propose. */
export type Plan = Readonly<Record<string, readonly PlannedTicket[]>>;

export type Command = Parameters<EngineParts["runCommand"]>[0];

export const checkCommand = "check";

/** What a copy of the world must hold for the next engine to go on from it. */
export interface Snapshot {
  readonly disk: Disk;
  readonly ran: readonly string[];
}

export class EngineWorld {
  /** Where worktrees are: empty folders, because nobody here reads files. */
  readonly folder = sharedFolder;
  readonly plan: Plan;
  disk: Disk = emptyDisk();
  /** Every worker's command that ran, in order; a second time is there twice. */
  ran: string[] = [];
  /** What the provider charged, call by call. */
  readonly charged: { readonly tier: Tier; readonly usage: Usage }[] = [];
  model: (turn: ModelTurn) => Reply;
  pace: (label: string) => Promise<void> = async () => undefined;
  hasConflict: (ticketId: string) => boolean = () => false;
  /** What commands get and how they are confined. */
  profile: Awaited<ReturnType<EngineParts["commandProfile"]>> = {
    environment: ["HOME", "PATH"],
    sandbox: { tier: "bubblewrap", network: false, writes: "worktree", processes: 512, memoryBytes: 2_147_483_648 },
  };
  /** How a check ends; the n-th check of all is `count`. */
  check: (command: Command) => Promise<Partial<CommandResult>> = async () => ({});
  runCommand: (command: Command) => Promise<Partial<CommandResult>> = async () => ({});
  #seconds = 0;

  constructor(plan: Plan = { alpha: [{ key: "one" }] }) {
    this.plan = plan;
    this.model = (turn) => this.answer(turn);
  }

  now(): Date {
    this.#seconds += 1;
    return new Date(Date.UTC(2026, 0, 1) + this.#seconds * 1000);
  }

  /** Sets the clock forward or back, as a person, a network or a sleeping laptop does. */
  jumpClock(seconds: number): void {
    this.#seconds += seconds;
  }

  /** What a model of good will answers: it is a function of the conversation, so a restart does not confuse it. */
  answer({ start, turn }: ModelTurn): Reply {
    switch (start.purpose) {
      case "tracks":
        return { text: "I plan.", calls: [{ name: "propose_tracks", input: this.#tracks() }] };
      case "tickets":
        return { text: "I cut.", calls: [{ name: "propose_tickets", input: this.#tickets(start.streamId) }] };
      case "work":
        if (turn > 0) return { text: `Done with ${subjectOf(start)}.` };
        return { text: `I edit for ${subjectOf(start)}.`, calls: [bash(`edit ${subjectOf(start)}`)] };
      case "diagnosis":
        return { text: `The cause is in ${subjectOf(start)}.` };
      case "verdict":
        return { calls: [{ name: "report_verdict", input: { verdict: "pass", diagnosis: "All criteria are met." } }] };
      case "review":
        return { calls: [{ name: "accept_ticket", input: {} }] };
      default:
        return start.purpose satisfies never;
    }
  }

  usage(start: AgentStart): Usage {
    const tier = roleTier(start.role);
    const usage = { inputTokens: 90 + tier, outputTokens: 10 * tier, cacheReadTokens: tier, cacheWriteTokens: 2 };
    this.charged.push({ tier, usage });
    return usage;
  }

  /** Runs a command in the world: a check passes, a worker's `edit T-001` changes that ticket's worktree. */
  async run(command: Command): Promise<CommandResult> {
    if (command.command === checkCommand) return { ...ranWell, ...(await this.check(command)) };
    this.ran.push(command.command);
    const edited = /^edit (T-\d+)/.exec(command.command)?.[1];
    if (edited !== undefined) editWorktree(this.disk, edited);
    return { ...ranWell, output: `ran: ${command.command}`, ...(await this.runCommand(command)) };
  }

  snapshot(): Snapshot {
    return structuredClone({ disk: this.disk, ran: this.ran });
  }

  /** Goes back to what a crash at some moment would have left. */
  restore(snapshot: Snapshot): void {
    const { disk, ran } = structuredClone(snapshot);
    this.disk = disk;
    this.ran = [...ran];
  }

  #tracks(): Json {
    const keys = Object.keys(this.plan);
    return {
      tracks: keys.map((key) => ({ key, title: key, goal: `Goal of ${key}.`, acceptance_criteria: ["It works."] })),
    };
  }

  #tickets(streamId: string): Json {
    const title = /: ([a-z]+)_/.exec(streamId)?.[1] ?? "";
    return { tickets: (this.plan[title] ?? []).map((ticket) => ticketInput(`${title}-${ticket.key}`, title, ticket)) };
  }
}

/** One for every run, because nothing but empty folders is ever in it: nothing piles up, and nobody is in another's way. */
const sharedFolder = join(tmpdir(), `signalbox-engine-test-${process.getuid?.() ?? 0}`);
mkdirSync(sharedFolder, { recursive: true });

const ranWell: CommandResult = {
  exitCode: 0,
  isTimedOut: false,
  isCancelled: false,
  durationMs: 1,
  output: "ok",
  outputBytes: 2,
  hint: null,
};

export function bash(command: string): { name: string; input: Json } {
  return { name: "bash", input: { command } };
}

/** The track or ticket that an agent is about. */
export function subjectOf(start: Pick<AgentStart, "streamId">): string {
  return start.streamId.slice(start.streamId.indexOf(": ") + 2);
}

/** A command that runs until it is told to stop. */
export function hanging(command: Command): Promise<Partial<CommandResult>> {
  return new Promise((resolve) => {
    command.signal?.addEventListener("abort", () => resolve({ exitCode: 143, isCancelled: true }), { once: true });
  });
}

/** The default settings, quick and bare: the check is `check`, and nobody judges unless a test says so. */
export function engineSettings(changes: Partial<Settings> = {}): Settings {
  return {
    ...defaultSettings,
    verify: { command: checkCommand, timeoutMs: 1000 },
    review: { qa: false, techLead: false },
    gates: { level: "all", allow: [] },
    isLanding: true,
    ...changes,
  };
}

function ticketInput(
  key: string,
  title: string,
  { dependsOn = [], phase, files }: PlannedTicket,
): TicketProposal & Json {
  return {
    key,
    title: `Title of ${key}`,
    description: `Do ${key}.`,
    target_files: [...(files ?? [`src/${key}.ts`])],
    depends_on: dependsOn.map((needed) => `${title}-${needed}`),
    acceptance_criteria: ["It works."],
    ...(phase === undefined ? {} : { phase }),
  };
}
