/** The tools that read and change files: `read`, `skeleton`, `write`, `edit`. A change outside the ticket's target files is asked for. */
import { z } from "zod";
import { type ConfinedPath, confine, isProtectedName, mayRead } from "./confine.ts";
import { readText, writeText } from "./file-text.ts";
import { doubtWords, judgeEdit, judgeWrite } from "./repeated-change.ts";
import { defineTool, type Repeat, ToolFault, type ToolOutcome, type ToolScene } from "./tool.ts";

const filePath = z.string().min(1).describe("relative to the root");
const longestReadBytes = 200_000;
const mostReadLines = 2_000;
const longestLine = 2_000;

export const readTool = defineTool(
  "read",
  "Reads a text file with line numbers (up to 2,000 lines; view_range [first, last] picks others, -1 means the end).",
  z.object({ file_path: filePath, view_range: z.array(z.int()).length(2).optional() }),
  true,
  async (input, scene) => {
    const text = readAllowed(input.file_path, scene);
    return { kind: "result", text: numberedLines(text, input.view_range) };
  },
);

export const skeletonTool = defineTool(
  "skeleton",
  "Shows a source file without the bodies of its functions.",
  z.object({ file_path: filePath }),
  true,
  async (input, scene) => {
    const text = readAllowed(input.file_path, scene);
    // Loaded on first use: a thread that needs no parser starts faster.
    const { skeletonOf } = await import("../../context/skeleton.ts");
    return { kind: "result", text: await skeletonOf(input.file_path, text) };
  },
);

export const writeTool = defineTool(
  "write",
  "Writes a whole file; folders are made as needed. A file outside the ticket's target files needs a person's leave.",
  z.object({ file_path: filePath, content: z.string() }),
  false,
  async (input, scene) => await change(input.file_path, input.content, scene),
);

export const editTool = defineTool(
  "edit",
  "Replaces old_string by new_string in a file. old_string must occur exactly once, unless replace_all is true.",
  z.object({
    file_path: filePath,
    old_string: z.string().min(1),
    new_string: z.string(),
    replace_all: z.boolean().optional(),
  }),
  false,
  async (input, scene) => {
    const path = confine(scene.root, input.file_path);
    const before = readText(scene.root, path, input.file_path, true);
    const judgement = scene.repeat ? judgeEdit(before, input, scene.repeat) : "make";
    if (judgement === "made") return { kind: "result", text: `edited ${path.relative} before the interruption` };
    // What a person decides on is recorded whole, and may be written again.
    if (judgement === "doubt" && isTarget(path, scene.targetFiles)) throw new ToolFault(doubtWords);
    return await change(input.file_path, edited(before, input), scene);
  },
);

/** Does a write that the main loop has allowed: exactly this content, at this path. */
export async function performWrite(input: unknown, root: string): Promise<string> {
  const { path, content } = z.object({ path: z.string().min(1), content: z.string() }).parse(input);
  await writeText(root, path, content);
  return wroteLine(path, content);
}

function readAllowed(shown: string, scene: ToolScene): string {
  const path = confine(scene.root, shown);
  if (!mayRead(scene.access, path.relative)) {
    throw new ToolFault(
      scene.access === "documents"
        ? `${shown} is not a document; this role reads documents (.md, .txt, .rst, .adoc) and file names only.`
        : `${shown} may hold secrets and is not for agents.`,
    );
  }
  return readText(scene.root, path, shown, false);
}

async function change(shown: string, content: string, scene: ToolScene): Promise<ToolOutcome> {
  const path = confine(scene.root, shown);
  if (path.relative === "") throw new ToolFault("The path is the root folder itself; name a file.");
  if (!isTarget(path, scene.targetFiles))
    return { kind: "ask", name: "write", input: { path: path.relative, content } };
  if (scene.repeat) refuseDoubt(path, shown, content, scene, scene.repeat);
  await writeText(scene.root, path.relative, content);
  return { kind: "result", text: wroteLine(path.relative, content) };
}

/** A write in doubt is refused; one that was made is made again, which changes nothing. */
function refuseDoubt(path: ConfinedPath, shown: string, content: string, { root }: ToolScene, repeat: Repeat) {
  const present = path.exists ? readText(root, path, shown, false) : null;
  if (judgeWrite(present, content, repeat) === "doubt") throw new ToolFault(doubtWords);
}

function wroteLine(path: string, content: string): string {
  return `wrote ${path} (${Buffer.byteLength(content)} bytes)`;
}

/** Whether a path is one of the ticket's target files: named exactly, matched by a glob, or inside a folder that ends in `/`. */
export function isTarget(path: Pick<ConfinedPath, "relative">, targetFiles: readonly string[]): boolean {
  if (path.relative.split("/").some(isProtectedName)) return false;
  return targetFiles.some((raw) => {
    const target = raw.replace(/^\.\//, "");
    if (target === path.relative) return true;
    if (target.endsWith("/")) return path.relative.startsWith(target);
    return new Bun.Glob(target).match(path.relative);
  });
}

interface EditInput {
  readonly file_path: string;
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean | undefined;
}

function edited(before: string, input: EditInput): string {
  const { file_path, old_string, new_string } = input;
  if (old_string === new_string) throw new ToolFault("old_string and new_string are the same; nothing was changed.");
  const parts = before.split(old_string);
  if (parts.length === 1) {
    const hint = new_string !== "" && before.includes(new_string) ? " new_string is there already." : "";
    throw new ToolFault(
      `old_string does not occur in ${file_path}; nothing was changed.${hint} Read the file and copy the text exactly.`,
    );
  }
  if (parts.length > 2 && input.replace_all !== true)
    throw new ToolFault(
      `old_string occurs ${parts.length - 1} times in ${file_path}; give more of the lines around it, or set replace_all.`,
    );
  return parts.join(new_string);
}

function numberedLines(text: string, range: readonly number[] | undefined): string {
  if (text === "") return "(the file is empty)";
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const first = Math.max(1, range?.[0] ?? 1);
  const asked = range?.[1] ?? -1;
  const last = Math.min(lines.length, asked < 0 ? lines.length : asked);
  if (first > lines.length) throw new ToolFault(`The file has ${lines.length} lines; ${first} is past its end.`);
  if (last < first) throw new ToolFault(`view_range [${first}, ${last}] holds no line.`);
  const shown: string[] = [];
  let size = 0;
  for (let number = first; number <= last; number++) {
    const line = lines[number - 1] ?? "";
    const clipped = line.length > longestLine ? `${line.slice(0, longestLine)}… (${line.length} characters)` : line;
    size += Buffer.byteLength(clipped) + 8;
    if (shown.length >= mostReadLines || size > longestReadBytes) {
      shown.push(`… lines ${number} to ${lines.length} are not shown; ask for them with view_range.`);
      break;
    }
    shown.push(`${String(number).padStart(5)}\t${clipped}`);
  }
  return shown.join("\n");
}
