/** Changes of a plan that were decided on a preview: made only while they still do what a person has seen. */
import type { PlanCommand, Rejection } from "../domain/command.ts";
import { type Consequences, consequencesOf, type Preview } from "../domain/consequence.ts";
import type { DispatchResult, EngineApi } from "../engine/engine-api.ts";

/** What a change would do now. */
export function previewOf(engine: EngineApi, command: PlanCommand): Preview {
  const state = engine.state();
  return consequencesOf(state, command, state.lastAt);
}

/** The refusal of a change that would do something else than its preview said. */
export const stalePreview: Rejection = {
  code: "stale",
  message: "The plan, or the change, is not what the preview was made of: look at what it would do now, then apply it.",
};

/** Makes a change; with a preview's hash only when it still does what the preview says. Nothing comes in between the two. */
export function changePlan(engine: EngineApi, command: PlanCommand, previewHash?: string): DispatchResult {
  if (previewHash !== undefined) {
    const preview = previewOf(engine, command);
    if (!preview.isAccepted) return preview;
    if (!isSeen(preview, previewHash)) return { isAccepted: false, rejection: stalePreview };
  }
  return engine.dispatch(command);
}

/** Whether a hash is that of these consequences. */
export function isSeen({ hash }: Consequences, previewHash: string): boolean {
  return hash === previewHash;
}
