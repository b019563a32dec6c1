/** What tests of levers and restarts share: a goal to begin with, and a world in which something hangs. */
import { type Command, EngineWorld, hanging } from "./engine-world.ts";

/** The command that every run begins with. */
export const goal = { type: "create_epic", goal: "Build it.", isStarting: true } as const;

/** A world in which the first command of a kind hangs; `begun` resolves with it. */
export function hangingWorld(kind: "check" | "runCommand", plan?: EngineWorld["plan"]) {
  const world = new EngineWorld(plan);
  const begun = Promise.withResolvers<Command>();
  let count = 0;
  world[kind] = (command) => {
    if (count++ > 0) return Promise.resolve({});
    begun.resolve(command);
    return hanging(command);
  };
  return { world, begun: begun.promise };
}
