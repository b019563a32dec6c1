/** A server under a load of streams: the product's or the floor's, with as many agents as are asked for, all of them talking. */
import { type BenchProject, makeBenchProject } from "../bench-project.ts";
import { floorBinary } from "../binaries.ts";
import { MeasuredProcess } from "../measured-process.ts";
import { cpuSeconds } from "../process-cost.ts";
import { type StreamProvider, startStreamProvider } from "./stream-provider.ts";

export interface StreamLoad {
  readonly streamCount: number;
  readonly piecesPerSecond: number;
}

/** The server while all of its agents talk. */
export interface LoadedServer {
  readonly provider: StreamProvider;
  readonly project: BenchProject;
  readonly pid: number;
  readonly apiUrl: string;
  /** What its live text takes a client to be let in. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where its page of all streams is fed from. */
  readonly liveUrl: string;
}

type Take<T> = (server: LoadedServer) => Promise<T>;

const config = `
[workers]
max = 64
[gates]
level = "all"
[prices."claude-opus-5-5"]
input = 1.0
output = 1.0
`;

/** Starts the product, states a goal, and lets its agents talk until `take` has what it wants. */
export async function underProduct<T>(binary: string, load: StreamLoad, take: Take<T>): Promise<T> {
  return await underLoad(load, async (provider, project) => {
    const command = [binary, "serve", "--port", "0", "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
    await using server = new MeasuredProcess({ command, cwd: project.root, env: project.env });
    const apiUrl = await server.apiUrl();
    const headers = { authorization: `Bearer ${project.env.SIGNALBOX_TOKEN}`, "content-type": "application/json" };
    const goal = JSON.stringify({ goal: "Talk." });
    const stated = await fetch(`${apiUrl}/api/epics`, { method: "POST", headers, body: goal });
    if (!stated.ok) throw new Error(`The goal was refused: ${await stated.text()}`);
    await server.until(provider.allActive.then(() => performance.now()));
    const liveUrl = `${apiUrl}/live?page=${encodeURIComponent("/streams")}`;
    return await take({ provider, project, pid: server.pid, apiUrl, headers, liveUrl });
  });
}

/** The same with the floor of the page. */
export async function underFloor<T>(load: StreamLoad, take: Take<T>): Promise<T> {
  return await underLoad(load, async (provider, project) => {
    const command = [await floorBinary("page", project.binFolder)];
    const env = { ...project.env, FLOOR_STREAMS: String(load.streamCount) };
    await using server = new MeasuredProcess({ command, cwd: project.root, env });
    const apiUrl = await server.apiUrl();
    await server.until(provider.allActive.then(() => performance.now()));
    return await take({ provider, project, pid: server.pid, apiUrl, headers: {}, liveUrl: `${apiUrl}/live` });
  });
}

async function underLoad<T>(
  load: StreamLoad,
  take: (provider: StreamProvider, project: BenchProject) => Promise<T>,
): Promise<T> {
  const provider = startStreamProvider(load.streamCount, load.piecesPerSecond);
  const project = await makeBenchProject(load.streamCount, provider.baseUrl, config);
  try {
    return await take(provider, project);
  } finally {
    provider.end();
    await provider.stop();
    project.removeNow();
  }
}

/** Microseconds of the server's CPU for each piece that is said meanwhile. */
export async function cpuMicrosOfPiece(
  { pid, provider }: LoadedServer,
  during: () => Promise<unknown>,
): Promise<number> {
  const [before, sent] = [cpuSeconds(pid), provider.sentCount()];
  await during();
  return ((cpuSeconds(pid) - before) * 1e6) / (provider.sentCount() - sent);
}
