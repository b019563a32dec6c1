/**
 * The curated view: what a Tech Lead reads of the modules that a track is about. Functions marked `@core_logic` or `[HOT]` keep
 * their bodies, the others are hidden; class structure and every comment outside a body stay.
 */
import { hotMark } from "./elide.ts";
import { viewOf } from "./skeleton.ts";

/** A file with the bodies of its marked functions only. Never throws. */
export function curatedView(filePath: string, source: string): Promise<string> {
  return viewOf(filePath, source, { note: "hidden", isCurated: true });
}

/** Whether a source marks any function as one to be read whole. */
export function hasMarkedFunction(source: string): boolean {
  return hotMark.test(source);
}
