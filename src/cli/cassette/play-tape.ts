/** Plays a cassette from the command line: where, with which settings, to which end, and what to say of it. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Event } from "../../domain/event.ts";
import { makeRedactor } from "../../domain/redactor.ts";
import { secretsOf } from "../../engine/secrets.ts";
import type { SentRequest } from "../../simulator/cassette-desk.ts";
import { type Miss, missWords } from "../../simulator/cassette-player.ts";
import type { Tape } from "../../simulator/cassette-tape.ts";
import { apiTokenOf } from "../api-token.ts";
import { failure } from "../cli-error.ts";
import type { Invocation } from "../command-table.ts";
import { composeEngine } from "../compose.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { findWorkingProject, type Project } from "../project.ts";
import { readEvents } from "../read-log.ts";
import { runToEnd } from "../run-to-end.ts";
import { checkSession } from "../session.ts";
import { ensureOwnState } from "../state-owner.ts";
import { ensureTrust } from "../trust.ts";
import type { World } from "../world.ts";
import { appendLive } from "./append-live.ts";
import type { ForkPoint } from "./fork-point.ts";
import { type ReplayPlace, replayPlace } from "./replay-place.ts";
import { Replay } from "./replay-run.ts";
import { replaySettings } from "./replay-settings.ts";
import { treeDifference } from "./tree-difference.ts";

/** Plays it, and gives the exit code of a run: 1 also where it comes to other files than the recording did. */
export async function playTape(
  tape: Tape,
  file: string,
  invocation: Invocation,
  world: World,
  fork?: ForkPoint,
): Promise<number> {
  const { options } = invocation;
  const project = await findWorkingProject(options.project, world);
  await ensureOwnState(project, options.trust ?? false, world);
  const config = await loadConfig(project.root, options, world);
  await ensureTrust({ root: project.root, file: config.projectFile }, options.trust ?? false, world);
  const isLive = fork !== undefined || options["on-miss"] === "live";
  if (isLive) checkSession(config, world);
  const place = await replayPlace(project, tape.head.base, world, fork !== undefined);
  try {
    if (place.isScratch) world.note(`It is played in a clone: ${place.project.root}\n`);
    return await playIn(place, { tape, file, config, invocation, world, fork, isLive });
  } finally {
    await place.close(fork !== undefined || (options.keep ?? false));
  }
}

interface Play {
  readonly tape: Tape;
  readonly file: string;
  readonly config: Config;
  readonly invocation: Invocation;
  readonly world: World;
  readonly fork: ForkPoint | undefined;
  readonly isLive: boolean;
}

async function playIn(place: ReplayPlace, play: Play): Promise<number> {
  const { tape, config, invocation, world, fork, isLive } = play;
  const { options } = invocation;
  const { project } = place;
  const mayLand = place.isScratch || (options.land ?? false);
  const broken = Promise.withResolvers<never>();
  // It may come to nothing: nobody waits for it then.
  broken.promise.catch((error: unknown) => void error);
  const live = new Set<string>();
  const replay = new Replay(tape, {
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
        ? liveMiss(play, live, sent, provider)
        : stop(miss, play, sent, broken.reject),
  });
  try {
    await replay.listen([...Object.values(tape.head.settings.tiers).map(({ provider }) => provider), "default"]);
    const settings = replaySettings(config.settings, tape.head.settings, {
      level: options.approve,
      mayLand,
      isLive,
      isFork: fork !== undefined,
      urlOf: (provider) => replay.urlOf(provider),
    });
    const engine = await composeEngine({
      project,
      config: { ...config, settings, keys: () => standInKey },
      world,
      adapt: (parts) => replay.adapt(parts),
    });
    const view = { isJson: options.json ?? false, isHeadless: true, after: 0, world };
    const exitCode = await runToEnd(replay.begin(engine), {
      ...view,
      broken: broken.promise,
      ...(isLive ? {} : { fault: () => treeDifference(tape.lines, replay.merged) }),
      whyGate: (gate) => replay.whyOpen(gate),
    });
    const events = readEvents(project, { after: 0, limit: Number.MAX_SAFE_INTEGER });
    return end(exitCode, events, { ...play, project, replay, live });
  } finally {
    await replay.close();
  }
}

/** Goes to the loopback interface only, where it is not looked at: a call that was refused says another thing without a key. */
const standInKey = "recorded";

/** The request is never answered: the run ends. */
function stop(
  miss: Miss,
  { tape, file }: Play,
  { signal }: SentRequest,
  end: (error: Error) => void,
): Promise<Response> {
  const advice = "Where it differs on purpose, --on-miss live asks the real endpoint from there.";
  end(failure("replay_differs", `${missWords(miss, tape.source)}\n${advice} (${file})`));
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(new Response(null, { status: 499 })), { once: true }),
  );
}

async function liveMiss({ config }: Play, live: Set<string>, sent: SentRequest, provider: string): Promise<Response> {
  live.add(createHash("sha256").update(sent.text).digest("hex"));
  const { liveAnswer } = await import("./live-answer.ts");
  return await liveAnswer(config, provider, sent);
}

interface Ended extends Play {
  readonly project: Project;
  readonly replay: Replay;
  readonly live: ReadonlySet<string>;
}

function end(exitCode: number, events: readonly Event[], ended: Ended): number {
  const { file, world, replay, live, fork } = ended;
  const count = fork ? live.size : append(events, ended);
  const cost = "The spend shown is what all calls take at your prices, recorded or not";
  if (fork) world.note(`${cost}; ${count} of them went to the real endpoint.\n`);
  else if (count > 0) world.note(`${cost}; ${count} calls went to the real endpoint, and are in ${file} now.\n`);
  else world.note(`${cost}; this replay cost nothing.\n`);
  if (live.size > 0 || exitCode !== 0) return exitCode;
  const left = replay.unused.filter(({ response }) => response.kind === "message").length;
  if (left > 0) world.note(`${left} recorded answers were not asked for.\n`);
  return exitCode;
}

/** A fork is a run of its own: its calls are in its own log, from which it can be recorded. */
function append(events: readonly Event[], { tape, file, world, live, config, project }: Ended): number {
  const path = resolve(world.cwd, file);
  const keys = { apiKey: (provider: string) => config.keys(provider), secrets: [apiTokenOf(world)] };
  const redactor = makeRedactor(secretsOf(keys, config.settings));
  return appendLive(events, { path, tape, folder: project.root, redactor, hashes: live });
}
