/** The parts of an engine in a test's world: real where nothing outside is touched, the world's own for all else. */
import type { EngineParts } from "../../src/engine/engine-parts.ts";
import type { Thread } from "../../src/engine/supervisor.ts";
import type { EventLog } from "../../src/log/event-log.ts";
import type { EngineWorld } from "./engine-world.ts";
import { FakeRepository } from "./fake-repository.ts";
import { MemoryDocuments } from "./memory-documents.ts";

/** What a world leaves to whoever runs an engine in it. */
export interface WorldParts {
  readonly log: EventLog;
  spawnThread(): Thread;
  report(problem: string): void;
  /** Stands around everything that the engine waits for. */
  guarded?<T>(work: () => Promise<T>): Promise<T>;
}

export function worldParts(
  world: EngineWorld,
  { log, spawnThread, report, guarded = (work) => work() }: WorldParts,
): EngineParts {
  const tricks = {
    pace: (label: string) => guarded(() => world.pace(label)),
    hasConflict: (ticketId: string) => world.hasConflict(ticketId),
  };
  return {
    project: { root: world.folder, name: "sample" },
    version: "0.0.0",
    log,
    now: () => world.now(),
    spawnThread,
    repository: new FakeRepository(world.disk, world.folder, tricks),
    documents: new MemoryDocuments(),
    commandProfile: () => guarded(async () => world.profile),
    runCommand: (command) => guarded(() => world.run(command)),
    apiKey: () => "key",
    warnings: [],
    isResting: false,
    stallMs: 1000,
    report,
    release: () => undefined,
  };
}

/** What a scripted thread asks of a world. */
export function threadWorld(world: EngineWorld, guarded: NonNullable<WorldParts["guarded"]> = (work) => work()) {
  return {
    pace: (label: string) => guarded(() => world.pace(label)),
    model: (turn: Parameters<EngineWorld["model"]>[0]) => world.model(turn),
    usage: (start: Parameters<EngineWorld["usage"]>[0]) => world.usage(start),
  };
}
