/** A failure that ends the program: a sentence for the person, a code for scripts, and the exit code of the contract. */

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** Thrown by any part of the command line; `runCli` prints it and exits with its code. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Wrong usage of the command line: exit 2. */
export function usageError(message: string): CliError {
  return new CliError("usage", 2, message);
}

/** Wrong or missing configuration: exit 2. */
export function configError(message: string, options?: ErrorOptions): CliError {
  return new CliError("config", 2, message, options);
}

/** Something outside failed, or an impossible wish: exit 1. */
export function failure(code: string, message: string, options?: ErrorOptions): CliError {
  return new CliError(code, 1, message, options);
}
