/** spec.md of a track: what it is for and when it is done. Written once, then it belongs to people; read for its parts. */
import { linesOf, oneLine, paragraph } from "./lines.ts";

/** A new track's specification. */
export function newSpec(track: {
  readonly title: string;
  readonly goal: string;
  readonly modules: readonly string[];
  readonly acceptanceCriteria: readonly string[];
}): string {
  const bullets = (items: readonly string[], none: string) =>
    items.length === 0 ? none : items.map((item) => `- ${oneLine(item)}`).join("\n");
  return `# Specification: ${oneLine(track.title)}

## Overview

${paragraph(track.goal) || oneLine(track.title)}

## Functional Requirements

${bullets(
  track.modules.map((name) => `Touches \`${name.replaceAll("`", "")}\``),
  "See the overview.",
)}

## Acceptance Criteria

${bullets(track.acceptanceCriteria, "None are written down yet.").replace(/^- /gm, "- [ ] ")}

## Out of Scope

What the overview and the criteria do not name.
`;
}

/** The title, the overview's text and the acceptance criteria of a specification. */
export function parseSpec(text: string): { title: string; overview: string; acceptanceCriteria: string[] } {
  const criteria = section(text, /^acceptance criteria\b/i);
  return {
    title: (/^# (.+)$/m.exec(text)?.[1] ?? "").replace(/^(?:Specification|Spec)\s*[:—-]\s*/i, "").trim(),
    overview: section(text, /^(overview|goal|summary)\b/i).trim(),
    acceptanceCriteria: [...criteria.matchAll(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ ~xX]\]\s+)?(.+?)\s*$/gm)].map(
      (match) => match[1] ?? "",
    ),
  };
}

/** The text below the first heading of level 2 or deeper that fits, up to the next heading that is not below it. */
function section(text: string, fits: RegExp): string {
  const found: string[] = [];
  let level = 0;
  for (const line of linesOf(text)) {
    const [, marks = "", title = ""] = (line.isFenced ? null : /^(#{1,6})\s+(.*?)\s*$/.exec(line.body)) ?? [];
    if (level > 0 && marks !== "" && marks.length <= level) break;
    if (level > 0) found.push(line.body);
    else if (marks.length > 1 && fits.test(title.replace(/^[\d.]+\s*/, ""))) level = marks.length;
  }
  return found.join("\n");
}
