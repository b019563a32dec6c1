/** The API token of a process: fixed by `SIGNALBOX_TOKEN`, else random. Known before the server starts, so that no sink shows it. */
import { randomBytes } from "node:crypto";
import type { World } from "./world.ts";

const made = new WeakMap<World, string>();

/** The same token each time for the same world. */
export function apiTokenOf(world: World): string {
  const token = world.env.SIGNALBOX_TOKEN || (made.get(world) ?? randomBytes(32).toString("base64url"));
  made.set(world, token);
  return token;
}
