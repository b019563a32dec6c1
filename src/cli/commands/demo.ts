/** `signalbox demo`: a sample repository, the simulator, and a goal that goes through all four tiers. No key, no network. */
import type { Invocation, RunCommand } from "../command-table.ts";
import { composeEngine } from "../compose.ts";
import { runDemoHeadless } from "../demo-headless.ts";
import { type DemoPlace, makeDemoPlace } from "../demo-place.ts";
import { checkHost, servePage } from "../serve-page.ts";
import { serveUntilInterrupt } from "../serve-until.ts";
import { startEpic } from "../start-work.ts";
import { forget } from "../state-claim.ts";
import type { World } from "../world.ts";

const triedPorts = 20;

/** Headless it approves everything and exits; otherwise it serves the page with the goal entered and every gate asking. */
export const demo: RunCommand = async (invocation, world) => {
  checkHost(invocation.options);
  const isHeadless = invocation.options.headless ?? false;
  const place = await makeDemoPlace({ speed: isHeadless ? 40 : 1 });
  try {
    world.note(`The sample repository is in ${place.project.root}\n`);
    return isHeadless ? await runDemoHeadless(place, invocation, world) : await serveDemo(place, invocation, world);
  } finally {
    if (!invocation.options.keep) forget(place.project, world);
    await place.close(invocation.options.keep ?? false);
    if (invocation.options.keep) world.note(`The sample repository stays in ${place.project.root}\n`);
  }
};

async function serveDemo(place: DemoPlace, { options }: Invocation, world: World): Promise<number> {
  const { project, config, goal, warnings } = place;
  const engine = await composeEngine({ project, config, world, warnings, isBusy: true });
  const start = async () => {
    const server = await servePage(engine, { project, options, config, isDemo: true, tries: triedPorts }, world);
    startEpic(engine, goal, true);
    return server;
  };
  return await serveUntilInterrupt(engine, world, start);
}
