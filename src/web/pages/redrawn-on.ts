/** A drawing that is kept until something happened that it shows. */
import type { EngineApi } from "../../engine/engine-api.ts";
import type { Drawing } from "./page.ts";

/** The same drawing until the log has a new event of this type: a live page is drawn after every event, whatever its type. */
export function redrawnOn(engine: EngineApi, type: string, draw: () => Drawing): () => Drawing {
  let drawn: { readonly position: number; readonly drawing: Drawing } | null = null;
  return () => {
    const { position } = engine.state();
    const isNew = drawn === null || engine.events({ after: drawn.position, limit: 1, type }).length > 0;
    drawn = { position, drawing: drawn === null || isNew ? draw() : drawn.drawing };
    return drawn.drawing;
  };
}
