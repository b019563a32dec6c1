/** Opens a replay: what answers for the providers, the engine with its parts, and the recorded work given to it. */
import { createHash } from "node:crypto";
import type { GateLevel, Settings } from "../../domain/settings.ts";
import { secretsOf } from "../../engine/secrets.ts";
import type { RecordedSettings } from "../../simulator/cassette.ts";
import type { SentRequest } from "../../simulator/cassette-desk.ts";
import { type Miss, missWords } from "../../simulator/cassette-player.ts";
import type { Tape } from "../../simulator/cassette-tape.ts";
import { failure } from "../cli-error.ts";
import { composeEngine, type RunningEngine } from "../compose.ts";
import type { Config } from "../config/load-config.ts";
import type { World } from "../world.ts";
import type { ForkPoint } from "./fork-point.ts";
import type { ReplayPlace } from "./replay-place.ts";
import { Replay } from "./replay-run.ts";
import { providersOf, replaySettings } from "./replay-settings.ts";

export interface ReplayWish {
  readonly tape: Tape;
  /** The config of the project that it is played for, also in a clone. */
  readonly config: Config;
  readonly world: World;
  /** The level of gates that goes before the recorded one. */
  readonly level?: GateLevel | undefined;
  readonly mayLand: boolean;
  /** Whether what the cassette does not hold may be asked of the real endpoint. */
  readonly isLive: boolean;
  readonly fork?: ForkPoint | undefined;
}

export interface OpenReplay {
  readonly replay: Replay;
  readonly engine: RunningEngine;
  /** SHA-256 (hex) of the bodies that went to the real endpoint; it grows. */
  readonly live: ReadonlySet<string>;
  /** Rejects with the reason when the replay cannot go on. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

/** Goes to the loopback interface only, where it is not looked at: a call that was refused says another thing without a key. */
const standInKey = "recorded";

/** Opens it where it is to be played. Whoever opens it stops its engine and closes it. */
export async function openReplay({ project }: ReplayPlace, wish: ReplayWish): Promise<OpenReplay> {
  const { tape, config, world, level, mayLand, isLive, fork } = wish;
  const broken = Promise.withResolvers<never>();
  // It may come to nothing: nobody waits for it then.
  broken.promise.catch((error: unknown) => void error);
  const live = new Set<string>();
  const providers = providersOf(tape);
  const settingsAs = (recorded: RecordedSettings): Settings =>
    replaySettings(config.settings, recorded, {
      level,
      mayLand,
      isLive,
      isFork: fork !== undefined,
      providers,
      urlOf: (provider) => replay.urlOf(provider),
    });
  const replay = new Replay(tape, {
    settingsAs,
    folder: project.root,
    mayLand,
    isUnsafe: config.settings.sandbox.isUnsafe,
    isLive,
    stallMs: config.settings.providers.default?.stallMs ?? Number.POSITIVE_INFINITY,
    secrets: secretsOf({ apiKey: (provider) => config.keys(provider) }, config.settings),
    onFault: (error) => broken.reject(error),
    fork,
    onMiss: (miss, sent, provider) =>
      isLive && fork?.isReached !== false
        ? liveMiss(config, live, sent, provider)
        : stop(miss, tape, sent, broken.reject),
  });
  try {
    await replay.listen(providers);
    const settings = settingsAs(tape.head.settings);
    const engine = await composeEngine({
      project,
      config: { ...config, settings, keys: () => standInKey },
      world,
      adapt: (parts) => replay.adapt(parts),
    });
    return { replay, engine: replay.begin(engine), live, broken: broken.promise, close: () => replay.close() };
  } catch (error) {
    await replay.close();
    throw error;
  }
}

/** The request is never answered: the run ends. */
function stop(miss: Miss, { source }: Tape, { signal }: SentRequest, end: (error: Error) => void): Promise<Response> {
  const advice = "Where it differs on purpose, --on-miss live asks the real endpoint from there.";
  end(failure("replay_differs", `${missWords(miss, source)}\n${advice}`));
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(new Response(null, { status: 499 })), { once: true }),
  );
}

async function liveMiss(config: Config, live: Set<string>, sent: SentRequest, provider: string): Promise<Response> {
  live.add(createHash("sha256").update(sent.text).digest("hex"));
  const { liveAnswer } = await import("./live-answer.ts");
  return await liveAnswer(config, provider, sent);
}
