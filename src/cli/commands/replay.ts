/** `signalbox replay CASSETTE`: named in the contract, not yet in this version. */
import { failure } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";

/** Says that cassettes are not there yet. */
export const replay: RunCommand = async () => {
  throw failure("not_yet", "This version of Signalbox cannot replay cassettes yet; a later one will.");
};
