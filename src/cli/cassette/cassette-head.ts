/** What a cassette begins with: where the project stood, and the settings that decide what is asked. */
import type { Event } from "../../domain/event.ts";
import type { Settings } from "../../domain/settings.ts";
import { type CassetteHead, RecordedSettings } from "../../simulator/cassette.ts";
import { productDocuments } from "../../workspace/documents/product-documents.ts";
import { gitLine, runGit, splitNul } from "../../workspace/git.ts";
import type { Project } from "../project.ts";
import { version } from "../version.ts";

/** Beyond this, models are not shown names either. */
const mostUntracked = 2_000;

/** The head of a recording that begins now. */
export async function headNow(project: Project, settings: Settings): Promise<CassetteHead> {
  const { root } = project;
  const commit = await gitLine(root, ["rev-parse", "HEAD"]);
  const [base, untracked, documents] = await Promise.all([
    baseAt(root, commit),
    untrackedNames(root),
    uncommittedDocuments(root, commit),
  ]);
  return { ...head(settings, new Date().toISOString()), base, untracked, documents };
}

/** The head of what a log holds already; throws nothing: what the log does not tell is null. */
export async function headOfLog(root: string, events: readonly Event[]): Promise<CassetteHead | null> {
  const started = events.find((event) => event.type === "engine.started");
  const settings = settingsOfWork(events);
  if (!started || settings === null) return null;
  const prepared = events.find((event) => event.type === "track.prepared");
  const base = prepared?.type === "track.prepared" ? await baseAt(root, prepared.baseCommit) : null;
  return { ...head(settings, started.at), base };
}

/** Those under which a model was asked first: an earlier start may only have been to look. What came later is told by levers. */
function settingsOfWork(events: readonly Event[]): Settings | null {
  const firstCall = events.find((event) => event.type === "call.started")?.position ?? Number.POSITIVE_INFINITY;
  const applied = events.findLast((event) => event.type === "settings.applied" && event.position < firstCall);
  return applied?.type === "settings.applied" ? applied.settings : null;
}

function head(settings: Settings, startedAt: string): CassetteHead {
  const recorded = RecordedSettings.parse(settings);
  return {
    type: "cassette",
    version: 1,
    program: version,
    startedAt,
    base: null,
    settings: recorded,
    untracked: [],
    documents: {},
  };
}

async function baseAt(root: string, commit: string): Promise<CassetteHead["base"]> {
  const { stdout, exitCode } = await runGit(root, ["rev-parse", "--verify", "--quiet", `${commit}^{tree}`], {
    exitCodes: [1, 128],
  });
  if (exitCode !== 0) return null;
  const { stdout: name } = await runGit(root, ["symbolic-ref", "--short", "--quiet", "HEAD"], { exitCodes: [1] });
  return { commit, tree: stdout.trim(), branch: name.trim() || null };
}

async function untrackedNames(root: string): Promise<string[]> {
  const { stdout } = await runGit(root, ["ls-files", "--others", "--exclude-standard", "-z"]);
  const names = splitNul(stdout).filter((name) => !name.startsWith(".signalbox/"));
  return names.slice(0, mostUntracked);
}

/** Product documents that models are shown as they are on disk, where the commit has them otherwise. */
async function uncommittedDocuments(root: string, commit: string): Promise<Record<string, string>> {
  const onDisk = Object.entries(productDocuments(root));
  const all = await Promise.all(
    onDisk.map(async ([name, text]) => {
      const { stdout, exitCode } = await runGit(root, ["show", `${commit}:conductor/${name}`], { exitCodes: [128] });
      const committed = exitCode === 0 ? stdout : "";
      return committed === text ? [] : [[name, text] as const];
    }),
  );
  return Object.fromEntries(all.flat());
}
