/** A line of a cassette as its file has it. */
import type { Json } from "../../domain/gate.ts";
import type { CassetteLine } from "../../simulator/cassette.ts";
import { projectFolder } from "../../simulator/volatile.ts";

/** Without the line's end. The project's folder is called by one name in every cassette. */
export function lineText(line: CassetteLine | Json, folder: string): string {
  const asJson = JSON.stringify(folder).slice(1, -1);
  return JSON.stringify(line).replaceAll(asJson, projectFolder);
}
