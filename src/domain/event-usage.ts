/** The facts about what things are expected to cost, and about the settings that hold from now on. */
import { z } from "zod";
import { by, count, fact, id, text } from "./event-field.ts";
import { Settings } from "./settings.ts";

const amount = z.number().nonnegative();

/** From the tenth to the ninetieth in a hundred, with the middle. */
export const Range = z.object({ low: amount, middle: amount, high: amount });
export type Range = z.infer<typeof Range>;

/** What a track is expected to take in all, said before its work begins. `usd` is absent where what it rests on has no price. */
export const estimateFact = fact("estimate.recorded", {
  trackId: id,
  ticketCount: count.nullable(),
  usd: Range.optional(),
  tokens: Range,
  /** What it rests on, in words. */
  basis: text,
  /** How many finished tickets or tracks it rests on. */
  sampleCount: count,
});

/** `from` and `to` as the config file would have them. */
export const SettingChange = z.object({ key: text, from: text, to: text });
export type SettingChange = z.infer<typeof SettingChange>;

/** `by` and `changes` where somebody changed them while the engine ran; absent at a start. */
export const settingsFact = fact("settings.applied", {
  settings: Settings,
  by: by.optional(),
  changes: z.array(SettingChange).optional(),
});
