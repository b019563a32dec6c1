/** Effects that lead to tickets: the orchestrator's and the tech lead's start, and a track's branch. */
import { orchestratorMessage, type TrackSummary, techLeadMessage } from "../context/plan-message.ts";
import { diskReader } from "../context/source-reader.ts";
import { systemPrompt } from "../context/system-prompt.ts";
import type { State } from "../domain/state.ts";
import { streamId } from "../domain/stream-id.ts";
import type { EffectContext } from "./engine-parts.ts";

export async function beginOrchestrator(context: EffectContext, epicId: string): Promise<void> {
  const epic = context.state().epics.get(epicId);
  if (!epic) return;
  const { repository, documents } = context.parts;
  const paths = await repository.files();
  const message = orchestratorMessage({
    goal: epic.goal,
    documents: documents.productDocuments(),
    paths,
    earlierTracks: roster(context.state(), null),
  });
  const tier = context.state().settings.tiers.orchestrator;
  context.dispatch({
    type: "begin_agent",
    role: "orchestrator",
    purpose: "tracks",
    streamId: streamId("orchestrator", epicId),
    epicId,
    model: tier.models[0] ?? "",
    provider: tier.provider,
    maxTokens: tier.maxTokens,
    system: systemPrompt("orchestrator", "tracks"),
    message,
  });
}

/** Tracks as others see them: summaries only, never a transcript. Only tier 1 needs their goals. */
function roster(state: State, exceptTrackId: string | null): TrackSummary[] {
  return [...state.tracks.values()]
    .filter((track) => track.trackId !== exceptTrackId)
    .map(({ trackId, title, status, goal }) => ({ trackId, title, status, ...(exceptTrackId === null && { goal }) }));
}

export async function prepareTrack(context: EffectContext, trackId: string): Promise<void> {
  const track = context.state().tracks.get(trackId);
  if (!track) return;
  const { branch, baseCommit } = await context.parts.repository.prepareTrack(trackId, track.dependsOn);
  context.dispatch({ type: "record_prepared_track", trackId, branch, baseCommit });
  // The first worktree is made while tier 2 thinks.
  await context.parts.repository.expectTickets(trackId, 1);
}

export async function beginTechLead(context: EffectContext, trackId: string): Promise<void> {
  const track = context.state().tracks.get(trackId);
  if (!track) return;
  const { repository, documents, project } = context.parts;
  const commit = track.baseCommit ?? (await repository.head()).commit;
  const disk = diskReader(project.root, () => repository.fileNamesAt(commit));
  const reader = { list: () => disk.list(), read: (path: string) => repository.readFileAt(commit, path) };
  const paths = await disk.list();
  const message = await techLeadMessage({
    track,
    paths,
    reader,
    documents: documents.productDocuments(),
    roster: roster(context.state(), trackId),
  });
  const tier = context.state().settings.tiers.tech_lead;
  context.dispatch({
    type: "begin_agent",
    role: "tech_lead",
    purpose: "tickets",
    streamId: streamId("tech_lead", trackId),
    trackId,
    ...(track.epicId === null ? {} : { epicId: track.epicId }),
    model: tier.models[0] ?? "",
    provider: tier.provider,
    maxTokens: tier.maxTokens,
    system: systemPrompt("tech_lead", "tickets"),
    message,
  });
}
