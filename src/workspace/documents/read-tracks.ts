/**
 * The tracks on disk as plain objects, for projects that people or the Gemini extension have made. Forgiving: what does not
 * parse is left out or empty, never an error, because these files belong to people.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Line, linesOf } from "./lines.ts";
import { type Metadata, parseMetadata } from "./metadata-document.ts";
import { isVerification, phaseName, phasesOf } from "./plan-document.ts";
import { ProjectFileError, readText } from "./project-files.ts";
import { parseRegistry, type RegisteredTrack } from "./registry-document.ts";
import { parseSpec } from "./spec-document.ts";
import { type Mark, parseTask } from "./task-line.ts";

export interface DocumentTask {
  readonly phase: string;
  readonly title: string;
  readonly ticketId: string | null;
  readonly mark: Mark;
  readonly sha: string | null;
  /** The manual verification that ends a phase: no ticket comes of it. */
  readonly isVerification: boolean;
  readonly subtasks: readonly { readonly title: string; readonly mark: Mark; readonly sha: string | null }[];
  /** Indented lines below the task that are no sub-tasks. */
  readonly details: string;
}

export interface DocumentTrack {
  readonly trackId: string;
  readonly title: string;
  readonly goal: string;
  readonly spec: string;
  readonly plan: string;
  readonly kind: "feature" | "bug" | "chore" | "refactor";
  readonly status: "new" | "in_progress" | "completed" | "cancelled";
  readonly createdAt: string | null;
  readonly acceptanceCriteria: readonly string[];
  readonly tasks: readonly DocumentTask[];
}

/** The tracks of a project: those of tracks.md in its order, then folders that it does not name. Archived ones are not read. */
export function readTracks(root: string): DocumentTrack[] {
  const registered = parseRegistry(tryRead(root, "conductor/tracks.md") ?? "");
  const folders = trackFolders(root);
  const named = registered.filter((track) => folders.includes(track.trackId));
  const loose = folders.filter((trackId) => !named.some((track) => track.trackId === trackId)).sort();
  const first = new Map(named.map((track) => [track.trackId, track]));
  return [...first.values()]
    .map((track) => readTrack(root, track.trackId, track))
    .concat(loose.map((id) => readTrack(root, id)));
}

/** The tasks of a plan, in order, each with the phase that it stands in. */
export function parsePlan(text: string): DocumentTask[] {
  const lines = linesOf(text);
  const phases = phasesOf(lines);
  const tasks: (DocumentTask & { indent: number; subtasks: DocumentTask["subtasks"][number][] })[] = [];
  lines.forEach((line, at) => {
    const phase = phases.findLast((one) => one.start <= at && at < one.end);
    const last = tasks.at(-1);
    const task = line.isFenced ? null : parseTask(line.body);
    if (last && isBelow(line, last.indent)) {
      if (task) last.subtasks.push({ title: task.title, mark: task.mark, sha: task.sha });
      else tasks[tasks.length - 1] = { ...last, details: `${last.details}${line.body.trim()}\n` };
    } else if (task) {
      const name = phase?.name ?? phaseName("");
      tasks.push({ ...task, phase: name, isVerification: isVerification(task.title), subtasks: [], details: "" });
    }
  });
  return tasks.map(({ indent: _indent, ...task }) => ({ ...task, details: task.details.trim() }));
}

/** Whether a line is indented below a task: such lines belong to it. */
function isBelow(line: Line, indent: number): boolean {
  const lead = (/^\s*/.exec(line.body)?.[0] ?? "").replaceAll("\t", "    ").length;
  return line.body.trim() !== "" && lead >= indent + 2;
}

function readTrack(root: string, trackId: string, registered?: RegisteredTrack): DocumentTrack {
  const folder = `conductor/tracks/${trackId}`;
  const metadata = parseMetadata(tryRead(root, `${folder}/metadata.json`) ?? "") ?? {};
  const spec = tryRead(root, `${folder}/spec.md`) ?? "";
  const plan = tryRead(root, `${folder}/plan.md`) ?? "";
  const parts = parseSpec(spec);
  const description = metadata.description?.trim() ?? "";
  return {
    trackId,
    title: registered?.title || parts.title || description.split("\n")[0] || trackId,
    goal: description || parts.overview,
    spec,
    plan,
    kind: kindOf(metadata.type),
    status: statusOf(metadata, registered),
    createdAt: metadata.created_at ?? null,
    acceptanceCriteria: parts.acceptanceCriteria,
    tasks: parsePlan(plan),
  };
}

/** tracks.md is what people tick, so a finished mark there counts; else metadata.json says. */
function statusOf(metadata: Metadata, registered?: RegisteredTrack): DocumentTrack["status"] {
  if (registered?.mark === "x") return "completed";
  const said = metadata.status;
  if (said === "completed" || said === "cancelled" || said === "in_progress") return said;
  return registered?.mark === "~" ? "in_progress" : "new";
}

function kindOf(type: string | undefined): DocumentTrack["kind"] {
  return type === "bug" || type === "chore" || type === "refactor" ? type : "feature";
}

function trackFolders(root: string): string[] {
  try {
    const entries = readdirSync(join(root, "conductor", "tracks"), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && /^[A-Za-z0-9][\w.-]*$/.test(entry.name))
      .map((entry) => entry.name);
  } catch {
    // No such folder: a project without tracks.
    return [];
  }
}

function tryRead(root: string, path: string): string | null {
  try {
    return readText(root, path);
  } catch (error) {
    if (error instanceof ProjectFileError) return null;
    throw error;
  }
}
