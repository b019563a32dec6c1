/** The command line as a function: arguments and a world in, an exit code out. Every failure is printed here, and only here. */
import { parseArguments } from "./arguments.ts";
import { CliError } from "./cli-error.ts";
import { commandTable, type Invocation } from "./command-table.ts";
import { helpText } from "./help.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** Runs one call of the program and gives its exit code. Never throws. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  try {
    const invocation = parseArguments(argv);
    if (invocation.options.version) return print(world, invocation.options.json ? `{"version":"${version}"}` : version);
    if (invocation.options.help) {
      const isProgram = !argv.includes(invocation.command);
      return print(world, helpText(isProgram ? null : invocation.command).trimEnd());
    }
    const spec = commandTable[invocation.command];
    if (!spec)
      throw new CliError("internal", 1, `The command "${invocation.command}" has no code. Please report this.`);
    const project = spec.isWorking ? await projectAsked(invocation, world) : null;
    const run = await spec.load();
    return await run({ ...invocation, ...project }, world);
  } catch (error) {
    return reportFailure(error, argv.includes("--json"), world);
  }
}

/** Git is asked before the command's code is loaded, and answers meanwhile. */
async function projectAsked({ options }: Invocation, world: World): Promise<Pick<Invocation, "project">> {
  const { findWorkingProject } = await import("./project.ts");
  const project = findWorkingProject(options.project, world);
  // A command that is used wrongly ends before it asks what came of this.
  project.catch(() => undefined);
  return { project };
}

function print(world: World, text: string): number {
  world.out(`${text}\n`);
  return 0;
}

function reportFailure(error: unknown, isJson: boolean, world: World): number {
  const known = error instanceof CliError ? error : unexpected(error, world);
  if (isJson) world.out(`${JSON.stringify({ error: { code: known.code, message: known.message } })}\n`);
  world.note(`signalbox: ${known.message}\n`);
  return known.exitCode;
}

/** Errors of other folders are sentences already, when they are typed; a bug shows its stack above the sentence. */
function unexpected(error: unknown, world: World): CliError {
  if (!(error instanceof Error))
    return new CliError("internal", 1, `Something failed without saying why: ${String(error)}`);
  const isBug = ["Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError"].includes(error.name);
  if (isBug) world.note(`${error.stack ?? error.message}\n`);
  const code = "code" in error && typeof error.code === "string" ? error.code : isBug ? "internal" : "failed";
  return new CliError(code, 1, error.message || "Something failed without a message.", { cause: error });
}
