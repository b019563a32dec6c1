/**
 * The first messages of tiers 1 and 2: what a plan is made from. Text blocks, stable parts first and the request last. Tier 1's
 * holds no source; tier 2's holds views of the track's own modules and nothing else of the code.
 */
import type { Track } from "../domain/state.ts";
import { curatedView, hasMarkedFunction } from "./curated.ts";
import { directoryMap } from "./directory-map.ts";
import { languageOf } from "./language.ts";
import { skeletonOf } from "./skeleton.ts";
import type { SourceReader } from "./source-reader.ts";
import { clipped, matchingPaths, viewBlocks } from "./source-view.ts";

/** Limits of the parts of a planning message, in characters. */
export interface PlanLimits {
  readonly mapChars: number;
  /** Of each document. */
  readonly documentChars: number;
  readonly viewChars: number;
}

/** About 15,000 tokens for the views, 8,000 for the map: enough for a project of a thousand files. */
const planLimits: PlanLimits = { mapChars: 24_000, documentChars: 16_000, viewChars: 60_000 };

/** A track as others see it: what there is and how it stands, without its content. */
export interface TrackSummary {
  readonly trackId: string;
  readonly title: string;
  readonly status: string;
  readonly goal?: string;
}

const earlierTracksShown = 50;
const curatedFileLimit = 3;
const skeletonFileLimit = 40;

/** What a plan of tracks is made from. */
export interface OrchestratorInput {
  readonly goal: string;
  /** Texts of the project's documents, by name; empty ones are left out. */
  readonly documents: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly earlierTracks: readonly TrackSummary[];
  readonly limits?: PlanLimits;
}

/** The Orchestrator's first message: documents, the map of names, earlier tracks, the goal. */
export function orchestratorMessage(input: OrchestratorInput): string[] {
  const limits = input.limits ?? planLimits;
  return [
    ...documentBlocks(input.documents, limits),
    mapBlock(input.paths, limits),
    tracksBlock("Earlier tracks of this project", input.earlierTracks),
    `# Goal\n\n${input.goal}\n\nPropose the tracks that reach this goal, by calling propose_tracks.`,
  ];
}

/** What a plan of tickets is made from. */
export interface TechLeadInput {
  readonly track: Pick<Track, "trackId" | "title" | "goal" | "acceptanceCriteria" | "modules" | "kind">;
  readonly paths: readonly string[];
  readonly reader: SourceReader;
  readonly documents: Readonly<Record<string, string>>;
  /** The other tracks, so that nothing is done twice. */
  readonly roster: readonly TrackSummary[];
  readonly limits?: PlanLimits;
}

/** The Tech Lead's first message: documents, the map, the roster, views of the track's modules, the track. */
export async function techLeadMessage(input: TechLeadInput): Promise<string[]> {
  const limits = input.limits ?? planLimits;
  const { track } = input;
  const reader = readingOnce(input.reader);
  const found = new Set(track.modules.flatMap((module) => matchingPaths(module, input.paths)));
  const missing = track.modules.filter((module) => matchingPaths(module, input.paths).length === 0);
  const curated = await curatedPaths(track.modules, [...found], reader);
  const others = [...found].filter((path) => !curated.includes(path) && languageOf(path) !== null);
  const curatedText = await viewBlocks({
    paths: curated,
    reader,
    view: "curated",
    render: curatedView,
    maxChars: Math.round(limits.viewChars * 0.6),
  });
  const skeletonText = await viewBlocks({
    paths: others.slice(0, skeletonFileLimit),
    reader,
    view: "skeleton",
    render: skeletonOf,
    maxChars: limits.viewChars - curatedText.length,
  });
  return [
    ...documentBlocks(input.documents, limits),
    mapBlock(input.paths, { ...limits, mapChars: Math.round(limits.mapChars / 2) }),
    tracksBlock("Other tracks of this project", input.roster),
    modulesBlock(curatedText, skeletonText, missing, others.length - skeletonFileLimit),
    trackBlock(track),
  ].filter((block) => block !== "");
}

/** Which files are shown closely is seen from their texts, which are then shown. */
function readingOnce(reader: SourceReader): SourceReader {
  const texts = new Map<string, Promise<string | null>>();
  return {
    list: () => reader.list(),
    read: (path) => {
      const text = texts.get(path) ?? reader.read(path);
      texts.set(path, text);
      return text;
    },
  };
}

/** Up to three files are shown closely: those that the track names itself, then those with marked functions, then the first. */
async function curatedPaths(
  modules: readonly string[],
  found: readonly string[],
  reader: SourceReader,
): Promise<string[]> {
  const code = found.filter((path) => languageOf(path) !== null);
  const isNamed = (path: string) => modules.some((module) => module.replace(/^\.\//, "") === path);
  const marked = new Set<string>();
  for (const path of code.slice(0, skeletonFileLimit)) {
    if (!isNamed(path) && hasMarkedFunction((await reader.read(path)) ?? "")) marked.add(path);
  }
  const isTest = (path: string) => /(?:^|[/._-])tests?(?:[/._-]|$)|\.spec\./.test(path);
  const rank = (path: string) => (isNamed(path) ? 0 : marked.has(path) ? 1 : isTest(path) ? 3 : 2);
  return code.toSorted((a, b) => rank(a) - rank(b)).slice(0, curatedFileLimit);
}

function documentBlocks(documents: Readonly<Record<string, string>>, limits: PlanLimits): string[] {
  return Object.entries(documents)
    .filter(([, text]) => text.trim() !== "")
    .map(([name, text]) => {
      return `<document name=${JSON.stringify(name)}>\n${clipped(text.trim(), limits.documentChars)}\n</document>`;
    });
}

function mapBlock(paths: readonly string[], limits: PlanLimits): string {
  const map =
    paths.length === 0 ? "(the project has no files yet)" : directoryMap(paths, { maxChars: limits.mapChars });
  return `# Files of the project (names only)\n\n${map}`;
}

function tracksBlock(heading: string, tracks: readonly TrackSummary[]): string {
  const shown = tracks.slice(-earlierTracksShown).map((track) => {
    const goal = track.goal ? `: ${clipped(track.goal.replace(/\s+/g, " "), 300)}` : "";
    return `- ${track.trackId} [${track.status}] ${track.title}${goal}`;
  });
  const hiddenCount = tracks.length - shown.length;
  if (hiddenCount > 0) shown.unshift(`- (${hiddenCount} older tracks are not shown)`);
  return `# ${heading}\n\n${shown.join("\n") || "None."}`;
}

function modulesBlock(curated: string, skeletons: string, missing: readonly string[], hiddenCount: number): string {
  const parts = [
    curated && `## Curated views (bodies marked "hidden" can be read with your tools)\n\n${curated}`,
    skeletons && `## Skeletons of the other files in these modules\n\n${skeletons}`,
    hiddenCount > 0 && `${hiddenCount} more files of these modules are not shown.`,
    missing.length > 0 && `Named by the track but not there yet: ${missing.join(", ")}.`,
  ].filter((part) => part);
  return parts.length === 0 ? "" : `# Modules of the track\n\n${parts.join("\n\n")}`;
}

function trackBlock(track: TechLeadInput["track"]): string {
  const criteria = track.acceptanceCriteria.map((criterion) => `- ${criterion}`).join("\n");
  return [
    `# Track ${track.trackId} (${track.kind}): ${track.title}`,
    `## Goal\n\n${track.goal}`,
    `## Acceptance criteria\n\n${criteria || "None given: take them from the goal."}`,
    "Plan this track as tickets, by calling propose_tickets.",
  ].join("\n\n");
}
