/**
 * The way to a running server of this project, whose state must be ours (see `state-owner.ts`): `server.json` says where, a
 * live process of this user, a port that this user listens on and `/healthz` prove it, the token file opens it. Talks to
 * loopback addresses only, whatever the file says.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Json } from "../domain/gate.ts";
import { failure } from "./cli-error.ts";
import { isSomebodyElses } from "./port-owner.ts";
import type { Project } from "./project.ts";
import type { World } from "./world.ts";

const ServerFile = z.object({ url: z.url(), pid: z.int().positive(), apiUrl: z.url().optional() });

const ErrorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const healthMs = 1_000;
const answerMs = 30_000;

export interface ServerLink {
  readonly pid: number;
  readonly apiUrl: string;
  /** Calls a route and gives its JSON; an error of the API becomes a `CliError` with the API's own sentence. */
  call(method: "GET" | "POST" | "PATCH", path: string, body?: Json): Promise<Json>;
}

/** The running server, or null when none answers. */
export async function findServer(project: Project, world: World): Promise<ServerLink | null> {
  const file = await readServerFile(project);
  if (!file || !isAlive(file.pid)) return null;
  const { port } = new URL(file.apiUrl ?? file.url);
  const apiUrl = `http://127.0.0.1:${port}`;
  // A server that was killed leaves its address behind, and its port to whoever comes next: no token goes there.
  if ((await isSomebodyElses(Number(port || 80))) || !(await isHealthy(apiUrl))) return null;
  const token = world.env.SIGNALBOX_TOKEN || (await readToken(project));
  return { pid: file.pid, apiUrl, call: (method, path, body) => call(apiUrl, token, method, path, body) };
}

async function readServerFile(project: Project): Promise<z.infer<typeof ServerFile> | null> {
  const text = await readStateFile(project, "server.json");
  if (text === null) return null;
  // A half-written or foreign file names no server; whoever holds the log will say so.
  const parsed = ServerFile.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

async function readToken(project: Project): Promise<string> {
  const text = await readStateFile(project, "token");
  if (text !== null) return text.trim();
  throw failure("no_token", `The server runs, but its token (${project.stateDir}/token) is gone. Restart the server.`);
}

/** Null when there is no such file; one that is there and cannot be read is not taken for a server that does not run. */
async function readStateFile(project: Project, name: string): Promise<string | null> {
  const path = join(project.stateDir, name);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw failure("unreadable", `${path} cannot be read. Run this as the user who started the server.`, { cause });
  }
}

/** Whether the process lives and may be signalled by this user: one that lives and may not is no server of theirs. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}

async function isHealthy(apiUrl: string): Promise<boolean> {
  const answer = await fetch(`${apiUrl}/healthz`, { signal: AbortSignal.timeout(healthMs) }).catch(() => null);
  return answer?.ok ?? false;
}

async function call(apiUrl: string, token: string, method: string, path: string, body?: Json): Promise<Json> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const signal = AbortSignal.timeout(answerMs);
  const request = { method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${apiUrl}${path}`, request).catch((cause: unknown) => {
    const message = `The server at ${apiUrl} does not answer any more. If it has stopped, run this again: it then works on the log.`;
    throw failure("server_gone", message, { cause });
  });
  const json = parseJson(await answer.text());
  if (answer.ok) return json ?? null;
  const error = ErrorBody.safeParse(json);
  if (error.success) throw failure(error.data.error.code, error.data.error.message);
  throw failure(
    "server",
    `The running server answered ${answer.status} to ${method} ${path}. See its page, or restart it.`,
  );
}

/** The JSON that a text holds, or null when it holds none. */
function parseJson(text: string): Json {
  try {
    return Json.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
