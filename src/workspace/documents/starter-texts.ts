/** The texts that `init` writes. Short on purpose: agents read them with every plan, and people are to make them their own. */
import { oneLine, paragraph } from "./lines.ts";
import type { Stack } from "./stack-detection.ts";

export const indexText = `# Project Context

## Definition

- [Product Definition](./product.md)
- [Product Guidelines](./product-guidelines.md)
- [Tech Stack](./tech-stack.md)

## Workflow

- [Workflow](./workflow.md)
- [Code Style Guides](./code_styleguides/)

## Management

- [Tracks Registry](./tracks.md)
- [Tracks Directory](./tracks/)
`;

/** product.md: the concept, and what else a planner needs to know. */
export function productText(name: string, words: string): string {
  return `# Initial Concept

${paragraph(words) || `${oneLine(name)}: say here in two or three sentences what it is, for whom, and what it must never do.`}

## Users

Who uses it, and what they want done.

## Goals

What is worth building next, most important first.
`;
}

/** product-guidelines.md: how the product speaks and behaves. */
export function guidelinesText(words: string): string {
  return `# Product Guidelines

${
  paragraph(words) ||
  `- Messages say what happened and what to do about it.
- Names are the same in code, interface and documents.
- A change that users see is written down for them.`
}
`;
}

/** tech-stack.md: what is there, and the rule for changing it. */
export function techStackText(stack: Stack, words: string): string {
  const found = stack.languages.map((language, at) => `- ${language}, as \`${stack.evidence[at] ?? ""}\` says`);
  return `# Tech Stack

${paragraph(words) || found.join("\n") || "- Name the languages, frameworks and services that are used, and their versions."}

A new dependency, or another tool for a job that one of these does, is a decision: note it here, with the date and the reason.
`;
}

/** workflow.md: how a ticket becomes done. */
export function workflowText(verifyCommand: string | null): string {
  return `# Workflow

1. The plan is the source of truth: work goes ticket by ticket, in the order of \`plan.md\`.
2. A ticket starts with a test that fails for the right reason, then the least code that makes it pass, then tidying.
3. A ticket is done when its acceptance criteria hold and the check passes${verifyCommand ? `: \`${verifyCommand}\`` : ""}.
4. One commit a ticket; its first seven characters stand at the end of the ticket's line.
5. A change of the tech stack stops the work until \`tech-stack.md\` says it and why.

## Phase Completion Verification and Checkpointing Protocol

1. Run the check on the whole phase.
2. Write down what a person should try by hand: commands, and what to expect.
3. Wait for that person's clear yes.
4. Note the checkpoint's commit at the phase's heading: \`[checkpoint: <first seven characters>]\`.
`;
}

/** signalbox.toml: the check, and the most asked-for settings as comments. */
export function configText(verifyCommand: string | null): string {
  return `# Settings of this project for Signalbox. Every key is optional; what is absent has its default.

[verify]
# Run in every ticket's worktree, and again on the merged tree. Exit code 0 means that the work holds.
${verifyCommand === null ? '# command = "make test"' : `command = ${JSON.stringify(verifyCommand)}`}
timeout_s = 600

# [gates]
# level = "manual"            # manual | guarded | all
# allow = ["git diff *"]      # commands that need no question

# [budget]
# run_usd = 5.0
`;
}

/** The style guides by name. */
export const styleGuides: Readonly<Record<"general" | Stack["styleGuides"][number], string>> = {
  general: `# Code Style: General

- Read the code around a change, and write like it.
- One idea a function, one duty a file. Names say what a thing is.
- Comments say why, not what. No commented-out code.
- Errors are handled or passed on, never swallowed.
- A test reads as a sentence about behaviour.
`,
  typescript: `# Code Style: TypeScript and JavaScript

- Strict types; no \`any\`. What comes from outside is parsed once, at the edge.
- \`const\` unless it changes; unions rather than flags; early returns rather than nesting.
- No promise is left without \`await\` or a handler.
- Named exports; files in kebab-case.
`,
  python: `# Code Style: Python

- PEP 8, with type hints on everything public.
- Small functions; dataclasses rather than loose dicts; \`pathlib\` rather than string paths.
- Catch the exception that you mean, and keep its cause with \`raise ... from\`.
`,
  rust: `# Code Style: Rust

- \`cargo fmt\` and \`cargo clippy\` are clean.
- \`Result\` with a typed error rather than \`unwrap\` outside tests.
- Borrow where it is simple, clone where it is clear; \`unsafe\` needs a comment that says why it holds.
`,
  go: `# Code Style: Go

- \`gofmt\` and \`go vet\` are clean.
- Errors are returned with context: \`fmt.Errorf("read config: %w", err)\`.
- Small interfaces, defined where they are used. A goroutine has an owner that ends it.
`,
};
