/** The fields that forms are made of, as a browser sends them. */
import { z } from "zod";

export type Form = Record<string, string>;

/** Browsers send line ends of forms as CR LF. */
export const text = z.string().transform((value) => value.replaceAll("\r\n", "\n"));
export const line = text.pipe(z.string().trim());
/** A list, one item a line. */
export const lines = text.transform((value) =>
  value
    .split("\n")
    .map((each) => each.trim())
    .filter((each) => each !== ""),
);

/** What is wrong with a form, in the words of its first fault. */
export function firstIssue(error: z.ZodError): string {
  return error.issues[0]?.message ?? "The form could not be read. Reload the page and try again.";
}
