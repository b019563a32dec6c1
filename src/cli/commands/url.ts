/** `signalbox url`: a fresh one-time address of the running server. */
import { z } from "zod";
import { failure } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import { openAccess } from "../project-access.ts";

const Fresh = z.looseObject({ url: z.string() });

/** Prints the address; without a running server it is a failure. */
export const url: RunCommand = async (invocation, world) => {
  const { server, project } = await openAccess(invocation, world);
  if (!server) throw failure("not_running", `No server runs for ${project.root}. Start one with "signalbox serve".`);
  const fresh = Fresh.parse(await server.call("POST", "/api/login-tokens", {}));
  world.out(invocation.options.json ? `${JSON.stringify({ url: fresh.url })}\n` : `${fresh.url}\n`);
  return 0;
};
