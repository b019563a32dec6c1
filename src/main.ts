/** The program's entry: either a confined child that becomes the agents' shell, or the command line. */
import { runCli } from "./cli/run-cli.ts";
import { realWorld } from "./cli/world.ts";

if (process.argv[2] === "__confine") {
  const { confineAndExec } = await import("./workspace/sandbox/confine.ts");
  await confineAndExec(process.argv.slice(3));
} else {
  const world = realWorld();
  const exitCode = await runCli(process.argv.slice(2), world);
  await world.flush();
  process.exit(exitCode);
}
