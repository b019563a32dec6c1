/** What `simulate` tells of the requests that come: each of them when asked, and each problem once. */
import type { RequestRecord } from "../simulator/request-log.ts";
import type { OptionValues } from "./option-table.ts";
import type { World } from "./world.ts";

/** A client that tries without end has many problems, and one is enough. */
const mostProblems = 100;

/** Gives what is called with each request: with `--follow` a line on stdout, else only what somebody is to mend, on stderr. */
export function requestReporter(options: OptionValues, world: World): (record: RequestRecord) => void {
  const told = new Set<string>();
  return (record) => {
    const { problem } = record;
    if (options.follow) world.out(`${options.json ? JSON.stringify(lineOf(record, options)) : wordsOf(record)}\n`);
    if (problem === null || told.has(problem) || told.size >= mostProblems) return;
    told.add(problem);
    world.note(`${record.method} ${record.path} ${record.status}: ${problem}\n`);
  };
}

function lineOf({ body, ...record }: RequestRecord, { full }: OptionValues): object {
  return { type: "request", ...record, ...(full ? { body } : {}) };
}

function wordsOf({ requestId, method, path, status, model, ruleName, fault }: RequestRecord): string {
  const parts = [
    ...(model === null ? [] : [model]),
    ...(ruleName === null ? [] : [`rule ${ruleName}`]),
    ...(fault === null ? [] : [`fault ${fault}`]),
  ];
  return [requestId, method, path, status, ...parts].join("  ");
}
