/**
 * A change of a file that may have been made already, because the process ended before its outcome was written down. It is
 * made only where making it twice comes to the same as making it once; else the model looks for itself.
 */
import type { Repeat } from "./tool.ts";

/** What becomes of it: made as if for the first time, known to have been made, or in doubt. */
export type Judgement = "make" | "made" | "doubt";

/** The words for a change in doubt. */
export const doubtWords =
  "The program was interrupted, and it is not known whether this change was made. Nothing was changed now: read the file, and call again if the change is missing.";

/** A whole file. `present`: its text now; null when there is no such file. */
export function judgeWrite(present: string | null, content: string, { isFollowed }: Repeat): Judgement {
  if (present === content) return "made";
  return isFollowed ? "doubt" : "make";
}

export interface Edit {
  readonly old_string: string;
  readonly new_string: string;
  readonly replace_all?: boolean | undefined;
}

/** A replacement in a file whose text is now `present`. */
export function judgeEdit(present: string, { old_string, new_string }: Edit, { isFollowed }: Repeat): Judgement {
  const hasOld = present.includes(old_string);
  const hasNew = new_string !== "" && present.includes(new_string);
  if (!hasOld) return hasNew ? "made" : isFollowed ? "doubt" : "make";
  if (isFollowed) return "doubt";
  // Where the new text holds the old one, both are there afterwards, and perhaps were before.
  return hasNew && new_string.includes(old_string) ? "doubt" : "make";
}
