/** What a tool is: its name and schema for the model, and what it does with an input that has been parsed. */
import { z } from "zod";
import type { Json } from "../../domain/gate.ts";

/** What a role may read below its root: documents only, the project without its secrets, or all of a worktree. */
export type Access = "documents" | "project" | "worktree";

/** Where a tool works. */
export interface ToolScene {
  readonly root: string;
  readonly targetFiles: readonly string[];
  readonly access: Access;
  /** Set for a call that may have been made before: the process ended before its outcome was written down. */
  readonly repeat?: Repeat;
}

/** `isFollowed`: whether a later call of the same response may have changed files too. */
export interface Repeat {
  readonly isFollowed: boolean;
}

/** `result`: done, this is for the model. `ask`: the main loop decides on this call. */
export type ToolOutcome =
  | { readonly kind: "result"; readonly text: string }
  | { readonly kind: "ask"; readonly name: string; readonly input: Json };

/** A tool as the model sees it. `run` throws a ToolFault for what the model should read as an error and can mend. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly [key: string]: unknown };
  /** Whether calls of one turn may run side by side. */
  readonly isReadOnly: boolean;
  /** Whether the main loop judges the input as a whole, so that text in place of an object may be given to it. */
  readonly isJudged?: boolean;
  run(input: Json, scene: ToolScene): Promise<ToolOutcome>;
}

/** A fault in a tool call: a sentence for the model. */
export class ToolFault extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ToolFault";
  }
}

/** Makes a tool that parses its input first and names every fault. */
export function defineTool<S extends z.ZodType>(
  name: string,
  description: string,
  schema: S,
  isReadOnly: boolean,
  run: (input: z.infer<S>, scene: ToolScene) => Promise<ToolOutcome>,
): Tool {
  const inputSchema = madeOnce(schema);
  return {
    name,
    description,
    get inputSchema() {
      return inputSchema();
    },
    isReadOnly,
    run: async (input, scene) => {
      const parsed = schema.safeParse(input);
      if (parsed.success) return await run(parsed.data, scene);
      const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "the input"}: ${issue.message}`);
      throw new ToolFault(`${name} was not run; its input is wrong. ${faults.join("; ")}`);
    },
  };
}

/** A schema as the Messages API takes it, made when a request first needs it: all of them take longer than a start should. */
export function madeOnce(schema: z.ZodType): () => Tool["inputSchema"] {
  let made: Tool["inputSchema"] | null = null;
  return () => {
    made ??= jsonSchema(schema);
    return made;
  };
}

function jsonSchema(schema: z.ZodType): { [key: string]: unknown } {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    // The bounds of safe integers are noise to a model, and cost tokens in every request.
    override: ({ jsonSchema: part }) => {
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
    },
  });
  return rest;
}
