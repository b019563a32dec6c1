/** The fields that the schemas of facts are made of. */
import { z } from "zod";

export const id = z.string().min(1);
export const text = z.string();
export const count = z.number().int().nonnegative();
export const usd = z.number().nonnegative().nullable();
export const ids = z.array(id);
/** Which person or rule decided: `person`, `rule: <pattern>` of the config, `rule R-001: <pattern>`, `level: all`. */
export const by = z.string();

/** The schema of one type of fact. */
export function fact<T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.object({ type: z.literal(type), ...shape });
}
