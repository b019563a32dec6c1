/**
 * The settings of a replay. What decides what is asked comes from the recording; what decides what may happen on this machine
 * (the check, rules for commands, the sandbox) from this project's own config, as with `run`: a cassette is a stranger's file.
 */
import type { GateLevel, Settings } from "../../domain/settings.ts";
import type { RecordedSettings } from "../../simulator/cassette.ts";
import type { Tape } from "../../simulator/cassette-tape.ts";
import { usageError } from "../cli-error.ts";

export interface ReplayWish {
  /** The level that the command line names; it goes before the recorded one. */
  readonly level: GateLevel | undefined;
  /** Whether finished tracks may be landed at all. */
  readonly mayLand: boolean;
  /** Whether there must be gates at which a fork can change something. */
  readonly isFork: boolean;
  /** Whether requests may reach a real endpoint, so that money counts. */
  readonly isLive: boolean;
  /** The names of all providers that the recording's settings name. */
  readonly providers: readonly string[];
  /** The address that answers for a provider. */
  urlOf(provider: string): string;
}

/** Each has a server of its own in a replay, and a cassette is a stranger's file. */
const mostProviders = 32;

/** The providers of a cassette: of the settings that it begins with, and of those that came later. Too many are wrong usage. */
export function providersOf({ head, lines, source }: Pick<Tape, "head" | "lines" | "source">): string[] {
  const later = lines.flatMap((line) =>
    line.type === "lever" && line.command.type === "change_settings" ? [line.command.settings] : [],
  );
  const tiers = [head.settings, ...later].flatMap((settings) => Object.values(settings.tiers));
  const names = [...new Set([...tiers.map(({ provider }) => provider), "default"])];
  if (names.length <= mostProviders) return names;
  throw usageError(
    `Cannot play ${source}: its settings name ${names.length} providers, at most ${mostProviders} are played.`,
  );
}

const strictness: readonly GateLevel[] = ["all", "guarded", "manual"];

/** The settings of the project, with those of the recording in them. */
export function replaySettings(own: Settings, recorded: RecordedSettings, wish: ReplayWish): Settings {
  const providers = wish.providers.map((name) => [name, { baseUrl: wish.urlOf(name), apiKeyEnv: "" }] as const);
  return {
    ...own,
    tiers: recorded.tiers,
    workers: { ...recorded.workers, ...(own.workers.threads === undefined ? {} : { threads: own.workers.threads }) },
    review: recorded.review,
    context: recorded.context,
    budget: wish.isLive ? own.budget : recorded.budget,
    gates: { ...own.gates, level: wish.level ?? askingLevel(levelFor(own, recorded), wish.isFork) },
    providers: Object.fromEntries(providers),
    isLanding: recorded.isLanding && wish.mayLand,
  };
}

function askingLevel(level: GateLevel, isFork: boolean): GateLevel {
  return isFork && level === "all" ? "guarded" : level;
}

/** Where nothing confines commands, a stranger's level does not make the project's own one milder. */
function levelFor(own: Settings, recorded: RecordedSettings): GateLevel {
  if (!own.sandbox.isUnsafe) return recorded.gates.level;
  const [mine, theirs] = [own.gates.level, recorded.gates.level].map((level) => strictness.indexOf(level));
  return strictness[Math.max(mine ?? 0, theirs ?? 0)] ?? "manual";
}
