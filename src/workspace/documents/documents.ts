/** Writes a project's conductor/ documents as its tracks move on. Knows files; what their texts become is pure functions' work. */
import type { DocumentName } from "../../domain/event-document.ts";
import type { Stage, Ticket, Track } from "../../domain/state.ts";
import { oneLine } from "./lines.ts";
import { newMetadata, updateMetadata } from "./metadata-document.ts";
import { newPlan, type PlanChanges, type PlannedTicket, updatePlan } from "./plan-document.ts";
import { readText, writeText } from "./project-files.ts";
import { newRegistry, updateRegistry } from "./registry-document.ts";
import { newSpec } from "./spec-document.ts";
import type { Mark } from "./task-line.ts";

export class Documents {
  readonly #root: string;

  /** `root` is the project's folder, the one that has `conductor/`. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Makes what a track lacks on disk, and brings marks, commits, checkpoints and status up to date. Safe to repeat. */
  writeTrack(track: Track, tickets: readonly Ticket[], changes?: PlanChanges): void {
    const folder = `conductor/tracks/${track.trackId}`;
    const status = statusOf(track);
    this.#rewrite(`${folder}/spec.md`, (text) => text ?? newSpec(track));
    this.#rewrite(`${folder}/plan.md`, (text) =>
      updatePlan(text ?? newPlan(track.title), tickets.map(plannedTicket), track.checkpoints, changes),
    );
    this.#rewrite(`${folder}/metadata.json`, (text) =>
      text === null ? firstMetadata(track, status) : updateMetadata(text, { status, updated_at: track.updatedAt }),
    );
    this.#rewrite(`${folder}/index.md`, (text) => text ?? trackIndex(track.trackId));
    this.#rewrite("conductor/tracks.md", (text) =>
      updateRegistry(text ?? newRegistry, { trackId: track.trackId, title: track.title, mark: trackMark(track) }),
    );
  }

  /** The text of one document as it is on disk; null when there is none. */
  readDocument(trackId: string, name: DocumentName): string | null {
    return readText(this.#root, documentPath(trackId, name), Number.MAX_SAFE_INTEGER);
  }

  /** Writes one document whole, or not at all. */
  writeDocument(trackId: string, name: DocumentName, text: string): void {
    writeText(this.#root, documentPath(trackId, name), text);
  }

  #rewrite(path: string, change: (text: string | null) => string): void {
    const present = readText(this.#root, path, Number.MAX_SAFE_INTEGER);
    const wanted = change(present);
    if (wanted !== present) writeText(this.#root, path, wanted);
  }
}

/** Where a document is in the project. */
export function documentPath(trackId: string, name: DocumentName): string {
  return `conductor/tracks/${trackId}/${name}.md`;
}

/** How a track's mark stands in tracks.md: a blocked one is begun, and not done. */
function trackMark(track: Track): Mark {
  if (track.status === "completed") return "x";
  return track.status === "new" ? " " : "~";
}

function statusOf(track: Track): string {
  if (track.status === "completed") return "completed";
  return track.status === "new" ? "new" : "in_progress";
}

function plannedTicket(ticket: Ticket): PlannedTicket {
  const { ticketId, title, phase, stage } = ticket;
  return { ticketId, title, phase, mark: ticketMark(stage, ticket.attempts.length), sha: commitOf(stage) };
}

/** A skipped ticket is done as far as the plan goes; a blocked or cancelled one is not. */
function ticketMark(stage: Stage, attemptCount: number): Mark {
  switch (stage.name) {
    case "completed":
    case "skipped":
      return "x";
    case "blocked":
    case "cancelled":
      return " ";
    case "todo":
      return attemptCount > 0 ? "~" : " ";
    default:
      return "~";
  }
}

function commitOf(stage: Stage): string | null {
  return stage.name === "completed" ? stage.commit : null;
}

function firstMetadata(track: Track, status: string): string {
  return newMetadata({
    track_id: track.trackId,
    type: track.kind,
    status,
    created_at: track.createdAt,
    updated_at: track.updatedAt,
    description: track.goal.trim() || oneLine(track.title),
  });
}

function trackIndex(trackId: string): string {
  return `# Track ${trackId} Context

- [Specification](./spec.md)
- [Implementation Plan](./plan.md)
- [Metadata](./metadata.json)
`;
}
