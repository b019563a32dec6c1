/** @jsxImportSource hono/jsx */
/** The goal box, and goals that have no tracks yet. */
import { useContext } from "hono/jsx";
import type { EpicRow } from "../src/projections/view-tracks.ts";
import { visible } from "./format.ts";
import { Past } from "./past.ts";
import { PostForm } from "./post-form.tsx";
import { StatusMark } from "./status-mark.tsx";

export function GoalBox({ isFirst }: { readonly isFirst: boolean }) {
  return (
    <PostForm
      instead={'signalbox run --epic "GOAL"'}
      id="goal-form"
      class={isFirst ? "goal" : "goal goal-small"}
      action="/actions/epics"
      disables="find button"
    >
      <label for="goal">Goal</label>
      <textarea
        id="goal"
        name="goal"
        rows={isFirst ? 6 : 3}
        placeholder="What should be true when this is done? Paste as much as you like."
        aria-describedby="goal-hint"
      ></textarea>
      <div class="row">
        <button type="submit" class="approve">
          Start
        </button>
        <span id="goal-hint" class="hint">
          <kbd>Ctrl Enter</kbd> starts. You approve the tracks before anything is written.
        </span>
      </div>
      <p id="goal-error" class="error" role="alert" hx-morph-skip="true"></p>
    </PostForm>
  );
}

export function FirstSteps() {
  return (
    <ol class="first">
      <li>Write a goal: tier 1 proposes tracks, and a gate asks you.</li>
      <li>Approve them: tier 2 proposes tickets, and workers do them in their own worktrees.</li>
      <li>Answer gates as they come; nothing touches your branch before you approve its landing.</li>
    </ol>
  );
}

export function EpicList({ epics }: { readonly epics: readonly EpicRow[] }) {
  return (
    <ul class="epics">
      {epics.map((epic) => (
        <li>
          <span class="row">
            <StatusMark status={epic.status} words={epicWords(epic)} /> <code class="quiet">{epic.epicId}</code>
            <LineLink epicId={epic.epicId} />
          </span>
          <span class="clamp">{visible(epic.goal)}</span>
          {epic.reason === null ? null : <p class="reason">{visible(epic.reason)}</p>}
        </li>
      ))}
    </ul>
  );
}

function LineLink({ epicId }: { readonly epicId: string }) {
  if (useContext(Past)) return null;
  return <a href={`/timeline?${new URLSearchParams({ scope: `epic:${epicId}` })}`}>Time line</a>;
}

function epicWords(epic: EpicRow): string {
  switch (epic.status) {
    case "planning":
      return "tier 1 plans its tracks";
    case "planned":
      return epic.trackCount === 1 ? "goal with 1 track" : `goal with ${epic.trackCount} tracks`;
    case "blocked":
      return "blocked";
    default:
      return epic.status satisfies never;
  }
}
