/** Runs one agent against a scripted provider with a main loop that the test answers for, and keeps all that it posts. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgent } from "../../src/agents/agent-loop.ts";
import { AgentFailure, type AgentPort, type Answer, type Question } from "../../src/agents/agent-port.ts";
import { AgentStart, FromThread } from "../../src/agents/protocol.ts";
import type { Json } from "../../src/domain/gate.ts";
import { type Reply, type ScriptedProvider, type SeenRequest, scriptedProvider } from "../support/scripted-provider.ts";

export type Posted<T extends FromThread["type"]> = Extract<FromThread, { type: T }>;
export type ToolQuestion = Extract<Question, { type: "tool_requested" }>;
type ToolReply = { outcome: "result" | "perform" | "end"; content?: string; isError?: boolean; input?: Json };

export interface SceneOptions {
  readonly start?: Partial<AgentStart>;
  readonly onTool?: (question: ToolQuestion) => ToolReply;
  readonly onCall?: () => "allow" | "refuse";
  readonly onPost?: (message: FromThread, stop: (reason: string) => void) => void;
  readonly countedTokens?: number;
  readonly backoffBaseMs?: number;
  readonly apiKey?: string;
}

export interface Scene {
  readonly posted: FromThread[];
  readonly questions: Question[];
  readonly requests: SeenRequest[];
  readonly last: FromThread | undefined;
  of<T extends FromThread["type"]>(type: T): Posted<T>[];
  callQuestions(): Extract<Question, { type: "call_requested" }>[];
  toolQuestions(): ToolQuestion[];
  /** All text of the stream. */
  streamed(kind?: "text" | "thinking" | "tool"): string;
}

const roots: string[] = [];

/** Removes what `temporaryRoot` made; each test file that uses it calls this at its end. */
export async function removeRoots(): Promise<void> {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true });
}

/** An empty folder for one test. */
export async function temporaryRoot(): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "signalbox-agent-")));
  roots.push(root);
  return root;
}

export function startOf(provider: Pick<ScriptedProvider, "baseUrl">, changes: Partial<AgentStart> = {}): AgentStart {
  return AgentStart.parse({
    type: "start",
    agentId: "agent-1",
    role: "worker",
    purpose: "work",
    streamId: "Tier 3 (Worker): T-001",
    model: "model-a",
    maxTokens: 1000,
    maxTurns: 20,
    provider: { baseUrl: provider.baseUrl, apiKey: "secret-key" },
    secrets: [],
    system: "You are a worker.",
    history: [{ role: "user", content: [{ type: "text", text: "Do T-001." }] }],
    turnCount: 0,
    root: "",
    targetFiles: [],
    isCounting: false,
    historyTokens: 100_000,
    stallMs: 5000,
    ...changes,
  });
}

export async function playAgent(
  replies: readonly (Reply | ((request: SeenRequest) => Reply))[],
  options: SceneOptions = {},
): Promise<Scene> {
  const provider = scriptedProvider(replies);
  provider.countedTokens = options.countedTokens ?? null;
  const posted: FromThread[] = [];
  const questions: Question[] = [];
  const controller = new AbortController();
  const stop = (reason: string) => controller.abort(new AgentFailure("stopped", reason, false));
  let callCount = 0;
  const port: AgentPort = {
    signal: controller.signal,
    post: (message) => {
      posted.push(FromThread.parse(structuredClone(message)));
      options.onPost?.(message, stop);
    },
    request: async (question) => {
      questions.push(structuredClone(question));
      const base = { agentId: question.agentId, requestId: "request" };
      if (question.type === "tool_requested") {
        const reply = {
          content: "",
          isError: false,
          input: null,
          ...(options.onTool?.(question) ?? { outcome: "end" as const }),
        };
        return { type: "tool_answered", ...base, ...reply } satisfies Answer;
      }
      if (options.onCall?.() === "refuse") return { type: "call_refused", ...base, reason: "no money is left" };
      return { type: "call_allowed", ...base, callId: `call-${++callCount}` };
    },
  };
  try {
    const start = startOf(provider, options.start);
    const withKey = { ...start, provider: { ...start.provider, apiKey: options.apiKey ?? start.provider.apiKey } };
    await runAgent(withKey, port, {
      backoffBaseMs: options.backoffBaseMs ?? 1,
      maxTries: 6,
      random: () => 1,
    });
  } finally {
    await provider.stop();
  }
  return sceneOf(posted, questions, provider.requests);
}

function sceneOf(posted: FromThread[], questions: Question[], requests: SeenRequest[]): Scene {
  return {
    posted,
    questions,
    requests,
    last: posted.at(-1),
    of: (type) => posted.filter((message): message is Posted<typeof type> => message.type === type),
    callQuestions: () => questions.filter((question) => question.type === "call_requested"),
    toolQuestions: () => questions.filter((question) => question.type === "tool_requested"),
    streamed: (kind) =>
      posted
        .map((message) => (message.type === "delta" && (!kind || message.kind === kind) ? message.text : ""))
        .join(""),
  };
}

/** The tool results that the last request carried. */
export function lastResults(scene: Scene): { [key: string]: Json }[] {
  const messages = scene.requests.at(-1)?.body.messages ?? [];
  return (messages.at(-1)?.content ?? []).filter((block) => block.type === "tool_result");
}
