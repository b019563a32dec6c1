/**
 * A person's edit of spec.md or plan.md: compared with what they started from and with what is on disk by now, written down,
 * and then written out whole. Where both sides changed the same lines nothing is written, and both are given back.
 */
import type { Command, Rejection } from "../domain/command.ts";
import type { EventOf } from "../domain/event.ts";
import type { DocumentName } from "../domain/event-document.ts";
import { ProjectFileError } from "../workspace/documents/project-files.ts";
import {
  type Conflict,
  hasConflictMarks,
  mergeTexts,
  textHash,
  withEndings,
  withSide,
} from "../workspace/documents/three-way.ts";
import type { DispatchResult } from "./engine-api.ts";
import type { DocumentStore } from "./engine-parts.ts";

/** A text, and the hash that names it. */
export interface DocumentText {
  readonly text: string;
  readonly hash: string;
}

/** `base`: the text that the person started from; it is needed only when the file is another one by now. */
export interface DocumentEdit {
  readonly trackId: string;
  readonly name: DocumentName;
  readonly text: string;
  readonly baseHash: string;
  readonly base?: string | undefined;
  /** Which side counts in every conflict that is left between marks; absent where the person has resolved them all. */
  readonly side?: "mine" | "onDisk" | undefined;
  readonly by: string;
}

export type DocumentResult =
  /** `isMerged`: a change on disk was taken together with the person's. */
  | ({ readonly outcome: "saved"; readonly isMerged: boolean } & DocumentText)
  /** `text` has each conflict between marks; `onDisk` is what the next edit starts from. */
  | {
      readonly outcome: "conflict";
      readonly text: string;
      readonly onDisk: DocumentText;
      readonly conflicts: readonly Conflict[];
    }
  | { readonly outcome: "refused"; readonly rejection: Rejection };

/** What an edit needs of the engine. */
export interface DocumentWriter {
  readonly store: DocumentStore;
  dispatch(command: Command): DispatchResult;
}

/** The document on disk; one that is not there is an empty text. */
export function readDocument(store: DocumentStore, trackId: string, name: DocumentName): DocumentText {
  const text = store.readDocument(trackId, name) ?? "";
  return { text, hash: textHash(text) };
}

/** Takes an edit: the intent goes into the log, then the file is written, then the log says so. Nothing comes in between. */
export function editDocument(writer: DocumentWriter, asked: DocumentEdit): DocumentResult {
  const edit = asked.side === undefined ? asked : { ...asked, text: withSide(asked.text, asked.side) };
  if (hasConflictMarks(edit.text)) return refused("invalid", "A conflict is left in the text: resolve it, then save.");
  try {
    return take(writer, edit, readDocument(writer.store, edit.trackId, edit.name));
  } catch (error) {
    // A link out of the project, or a disk that takes nothing: the message says what to do.
    if (error instanceof ProjectFileError) return refused("conflict", error.message);
    throw error;
  }
}

function take(writer: DocumentWriter, edit: DocumentEdit, onDisk: DocumentText): DocumentResult {
  const { trackId, name, by } = edit;
  const isMerged = edit.baseHash !== onDisk.hash;
  const base = edit.base !== undefined && textHash(edit.base) === edit.baseHash ? edit.base : null;
  const merge = isMerged
    ? mergeTexts(base, edit.text, onDisk.text)
    : { text: withEndings(edit.text, onDisk.text), conflicts: [] };
  const { text, conflicts } = merge;
  if (conflicts.length > 0) return { outcome: "conflict", text, onDisk, conflicts };
  const hash = textHash(text);
  if (text === onDisk.text) return { outcome: "saved", isMerged, ...onDisk };
  const intent = { trackId, name, text, hash, fromHash: onDisk.hash, isMerged, by };
  const result = writer.dispatch({ type: "edit_document", ...intent });
  if (!result.isAccepted) return { outcome: "refused", rejection: result.rejection };
  const reason = writeOut(writer, { trackId, name, text, hash });
  if (reason !== null) return refused("conflict", reason);
  return { outcome: "saved", isMerged, text, hash };
}

/** Writes the text and records what came of it; gives the reason where it could not be written. */
function writeOut(
  { store, dispatch }: DocumentWriter,
  { trackId, name, text, hash }: DocumentText & { readonly trackId: string; readonly name: DocumentName },
): string | null {
  try {
    store.writeDocument(trackId, name, text);
  } catch (error) {
    if (!(error instanceof ProjectFileError)) throw error;
    dispatch({ type: "record_document", trackId, name, hash, reason: error.message });
    return error.message;
  }
  dispatch({ type: "record_document", trackId, name, hash });
  return null;
}

/** Edits that a crash cut off between the log and the disk: written now where the file is still what they started from. */
export function finishEdits(writer: DocumentWriter, edits: readonly EventOf<"document.edited">[]): void {
  for (const edit of edits) {
    const { trackId, name, text, hash, fromHash } = edit;
    const onDisk = readDocument(writer.store, trackId, name);
    if (onDisk.hash === hash) writer.dispatch({ type: "record_document", trackId, name, hash });
    // A text that held a secret is not in the log as it was.
    else if (onDisk.hash === fromHash && textHash(text) === hash) writeOut(writer, { trackId, name, text, hash });
    else {
      const reason = `${name}.md was changed before the edit of ${edit.at} reached it. The edit is in the event log.`;
      writer.dispatch({ type: "record_document", trackId, name, hash, reason });
    }
  }
}

function refused(code: Rejection["code"], message: string): DocumentResult {
  return { outcome: "refused", rejection: { code, message } };
}
