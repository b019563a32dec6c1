/** `signalbox record CASSETTE`: named in the contract, not yet in this version. */
import { failure } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";

/** Says that cassettes are not there yet. */
export const record: RunCommand = async () => {
  throw failure("not_yet", "This version of Signalbox cannot record cassettes yet; a later one will.");
};
