/** The program's entry: either a confined child that becomes the agents' shell, or the command line. */
import { runCli } from "./cli/run-cli.ts";
import { realWorld } from "./cli/world.ts";

if (process.argv[2] === "__confine") {
  const { confineAndExec } = await import("./workspace/sandbox/confine.ts");
  await confineAndExec(process.argv.slice(3));
} else {
  // A reader that goes away (`signalbox log | head`) ends the program quietly, as other tools do.
  process.stdout.on("error", () => process.exit(0));
  const exitCode = await runCli(process.argv.slice(2), realWorld());
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exitCode);
}

/** Resolves when everything has been written. An empty write would not do: Bun answers it before what waits in front of it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.end(() => resolve()));
}
