/** A folder for file tools, and the way to call one tool in it. */

import { type Access, type Tool, ToolFault } from "../../../src/agents/tools/tool.ts";
import type { Json } from "../../../src/domain/gate.ts";
import { temporaryRoot } from "../agent-scene.ts";

export interface ToolFolder {
  readonly root: string;
  /** The tool's text, or its fault as `fault: ...`, or what it asks as `ask: <json>`. */
  run(tool: Tool, input: Json, access?: Access): Promise<string>;
}

/** Makes a folder with files; `targetFiles` are those that a worker may write. */
export async function toolFolder(files: Record<string, string>, targetFiles: string[] = ["**"]): Promise<ToolFolder> {
  const root = `${await temporaryRoot()}/project`;
  await Bun.write(`${root}/.keep`, "");
  for (const [path, content] of Object.entries(files)) await Bun.write(`${root}/${path}`, content);
  return {
    root,
    run: async (tool, input, access = "worktree") => {
      try {
        const outcome = await tool.run(input, { root, targetFiles, access });
        return outcome.kind === "result" ? outcome.text : `ask: ${JSON.stringify(outcome.input)}`;
      } catch (error) {
        if (error instanceof ToolFault) return `fault: ${error.message}`;
        throw error;
      }
    },
  };
}
