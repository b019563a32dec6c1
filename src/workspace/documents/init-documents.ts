/** Sets `conductor/` up for a project: starters that are worth keeping as they are, made only where nothing is yet. */
import { basename } from "node:path";
import { createText } from "./project-files.ts";
import { newRegistry } from "./registry-document.ts";
import { detectStack, type Stack } from "./stack-detection.ts";
import * as starter from "./starter-texts.ts";

/** What a person said at set-up; everything is optional. */
export interface SetUpAnswers {
  readonly name?: string;
  /** What the product is, and for whom. */
  readonly product?: string;
  readonly guidelines?: string;
  readonly techStack?: string;
  /** "" means: none. Absent: the one that is recognised. */
  readonly verifyCommand?: string;
}

export interface SetUp {
  /** Paths relative to the project, in the order in which they were made. */
  readonly created: readonly string[];
  readonly stack: Stack;
  /** The check that signalbox.toml names if this made it; null when there is none. */
  readonly verifyCommand: string | null;
}

/** Makes every missing document, and overwrites none. */
export function initDocuments(root: string, answers: SetUpAnswers = {}): SetUp {
  const stack = detectStack(root);
  const verifyCommand = (answers.verifyCommand ?? stack.verifyCommand) || null;
  const name = answers.name?.trim() || basename(root);
  const guides = ["general", ...stack.styleGuides] as const;
  const texts: readonly (readonly [string, string])[] = [
    ["index.md", starter.indexText],
    ["product.md", starter.productText(name, answers.product ?? "")],
    ["product-guidelines.md", starter.guidelinesText(answers.guidelines ?? "")],
    ["tech-stack.md", starter.techStackText(stack, answers.techStack ?? "")],
    ["workflow.md", starter.workflowText(verifyCommand)],
    ...guides.map((guide) => [`code_styleguides/${guide}.md`, starter.styleGuides[guide]] as const),
    ["tracks.md", newRegistry],
    ["signalbox.toml", starter.configText(verifyCommand)],
  ];
  const created = texts
    .map(([path, text]) => [`conductor/${path}`, text] as const)
    .filter(([path, text]) => createText(root, path, text))
    .map(([path]) => path);
  return { created, stack, verifyCommand };
}
