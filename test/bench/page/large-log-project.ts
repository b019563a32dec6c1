/** A project whose log is long, ready to be served. */
import { join } from "node:path";
import type { BenchProject } from "../bench-project.ts";
import { MeasuredProcess, type Program } from "../measured-process.ts";
import { type LargeLog, writeLargeLog } from "./large-log.ts";

export interface LoggedProject {
  /** Serves the project. */
  readonly program: Program;
  readonly logPath: string;
  readonly eventCount: number;
}

/** Lets the product make its state folder in the project, and writes the log into it. */
export async function layLargeLog(binary: string, project: BenchProject, large: LargeLog): Promise<LoggedProject> {
  const program = {
    command: [binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"],
    cwd: project.root,
    env: project.env,
    limitMs: 120_000,
    // The first start over a log leaves what the next ones start from, and is let finish that.
    endMs: 60_000,
  };
  {
    await using first = new MeasuredProcess(program);
    await first.apiUrl();
  }
  const logPath = join(project.root, ".signalbox", "signalbox.db");
  return { program, logPath, eventCount: writeLargeLog(logPath, large) };
}
