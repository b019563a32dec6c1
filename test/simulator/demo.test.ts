/** The demo's repository and tickets are real: each ticket is green on what it depends on, and so is the whole. */
import { afterAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { graphFaults, pathsOverlap } from "../../src/domain/graph.ts";
import { parseTickets, parseTracks, parseVerdict } from "../../src/domain/proposal.ts";
import { demoFiles, demoGoal } from "../../src/simulator/demo-project.ts";
import { demoScenario, demoTracks } from "../../src/simulator/demo-scenario.ts";
import type { DemoTicket, DemoTrack, DemoWork } from "../../src/simulator/demo-track.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";

type Files = Record<string, string>;

const folder = await mkdtemp(join(tmpdir(), "demo-"));
const scenario = demoScenario({ verifyCommand: "true", speed: Number.POSITIVE_INFINITY });
const simulator = await startSimulator({ scenario });
const client = new Anthropic({ apiKey: "none", baseURL: simulator.url, maxRetries: 0 });
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true });
});

const base = demoFiles("bun test");

function applyWork(files: Files, work: DemoWork): Files {
  const result = { ...files };
  for (const { name, input } of work.steps.flatMap((step) => step.calls)) {
    const path = String(input.file_path);
    if (name === "write") result[path] = String(input.content);
    else {
      const before = result[path] ?? "";
      expect(before.split(String(input.old_string))).toHaveLength(2);
      result[path] = before.replace(String(input.old_string), () => String(input.new_string));
    }
  }
  return result;
}

/** The files of a ticket's worktree: those of everything that it needs, directly or not, and its own. */
function worktree(track: DemoTrack, ticket: DemoTicket): Files {
  const needed = new Set([ticket.key]);
  for (const other of track.tickets.toReversed())
    if (needed.has(other.key)) for (const key of other.needs) needed.add(key);
  return track.tickets
    .filter((other) => needed.has(other.key))
    .reduce((files, other) => applyWork(files, other.failure ?? other), base);
}

async function check(name: string, files: Files): Promise<{ exitCode: number; output: string }> {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await Bun.write(join(root, path), content);
  }
  const child = Bun.spawn([process.execPath, "test"], {
    cwd: root,
    env: { ...process.env, BUN_BE_BUN: "1", NO_COLOR: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = (await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])).join("");
  return { exitCode: await child.exited, output };
}

test("the sample repository is green before the goal", async () => {
  const { exitCode, output } = await check("before", base);
  expect(exitCode, output).toBe(0);
});

for (const track of demoTracks) {
  for (const ticket of track.tickets) {
    test(`"${ticket.title}" is green on what it depends on`, async () => {
      const { exitCode, output } = await check(ticket.key, worktree(track, ticket));
      expect(exitCode, output).toBe(0);
    });
  }
}

test("the first attempt at the night train really fails, and shows the sign that the diagnosis goes by", async () => {
  const track = demoTracks[0];
  const failing = track?.tickets.find((ticket) => ticket.failure);
  if (!track || !failing?.failure) throw new Error("No ticket of the demo fails.");
  const messages = applyWork(base, track.tickets[0] ?? failing);
  const { exitCode, output } = await check("failing", applyWork(messages, failing));
  expect(exitCode).not.toBe(0);
  expect(output).toContain(failing.failure.sign);
  expect(output).toContain("24:10");
  expect(failing.failure.diagnosis).toContain(failing.failure.phrase);
});

test("everything together is green, and the programs work", async () => {
  const works = demoTracks.flatMap((track) => track.tickets.map((ticket) => ticket.failure ?? ticket));
  const { exitCode, output } = await check("after", works.reduce(applyWork, base));
  expect(exitCode, output).toBe(0);
  const run = async (...args: string[]) => {
    const options = { cwd: join(folder, "after"), env: { ...process.env, BUN_BE_BUN: "1" } };
    return new Response(Bun.spawn([process.execPath, ...args], { ...options, stdout: "pipe" }).stdout).text();
  };
  expect(await run("src/main.ts")).toContain("expected 00:10 (waiting for connection)");
  expect(await run("src/journey.ts", "Riverside", "Lakeside", "07:00")).toContain("IC 310");
});

test("tracks touch no common file, tickets form a graph, and independent ones can run side by side", () => {
  const [first, second] = demoTracks.map((track) => track.tickets.flatMap((ticket) => ticket.targets));
  expect(pathsOverlap(first ?? [], second ?? [])).toBe(false);
  expect(demoTracks.flatMap((track) => track.tickets).length).toBeGreaterThanOrEqual(7);
  for (const { tickets } of demoTracks) {
    expect(graphFaults(tickets.map(({ key, needs }) => ({ key, depends_on: needs })))).toEqual([]);
    expect(tickets.filter((ticket) => ticket.needs.length === 0).length).toBeGreaterThanOrEqual(2);
    for (const ticket of tickets) {
      const written = ticket.steps.flatMap((step) => step.calls.map((call) => String(call.input.file_path)));
      expect(written.filter((path) => !ticket.targets.includes(path))).toEqual([]);
    }
  }
});

async function ask(tools: string[], messages: Anthropic.MessageParam[]) {
  const offered = tools.map((name) => ({ name, input_schema: { type: "object" as const } }));
  return client.messages.create({
    model: "sim-any",
    max_tokens: 16_000,
    messages,
    ...(offered.length === 0 ? {} : { tools: offered }),
  });
}

function callOf(message: Anthropic.Message, name: string): unknown {
  return message.content.find((block) => block.type === "tool_use" && block.name === name);
}

/** Plays a whole conversation: every tool call is answered "ok"; returns the calls and the last text. */
async function converse(tools: string[], first: string) {
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: first }];
  const calls: Anthropic.ToolUseBlock[] = [];
  for (;;) {
    const message = await ask(tools, messages);
    const uses = message.content.filter((block) => block.type === "tool_use");
    calls.push(...uses);
    const text = message.content.find((block) => block.type === "text")?.text ?? "";
    if (uses.length === 0 || uses.some((use) => use.name.startsWith("propose"))) return { calls, text };
    const results = uses.map((use) => ({ type: "tool_result" as const, tool_use_id: use.id, content: "ok" }));
    messages.push({ role: "assistant", content: message.content }, { role: "user", content: results });
  }
}

const workerTools = ["read", "write", "edit", "glob", "grep", "skeleton", "bash", "report_blocked"];

test("the orchestrator and both tech leads give proposals without a fault", async () => {
  const epic = await converse(["read", "glob", "propose_tracks"], demoGoal);
  expect(parseTracks(epic.calls.at(-1)?.input).isValid).toBe(true);
  const roster = demoTracks.map((track) => `- ${track.key}_20260101 [active] ${track.title}: ${track.goal}`).join("\n");
  for (const track of demoTracks) {
    const heading = `# Track ${track.key}_20260101 (feature): ${track.title}`;
    for (const own of [heading, `## Goal\n\n${track.goal}`, `- ${track.criteria[0]}`]) {
      const plan = await converse(["read", "skeleton", "propose_tickets"], `${roster}\n\n${own}`);
      const parsed = parseTickets(plan.calls.at(-1)?.input);
      expect(parsed.isValid && parsed.value.tickets.map((ticket) => ticket.title)).toEqual(
        track.tickets.map((ticket) => ticket.title),
      );
    }
  }
});

test("every worker writes exactly its own files, even when its prompt was edited", async () => {
  for (const ticket of demoTracks.flatMap((track) => track.tickets)) {
    const prompts = [`Ticket T-007: ${ticket.title}\nDo it well.`, `Please write ${ticket.targets.join(" and ")}.`];
    for (const prompt of prompts) {
      const { calls, text } = await converse(workerTools, prompt);
      const steps = ticket.steps.flatMap((step) => step.calls);
      const written = calls.filter((call) => ["write", "edit"].includes(call.name));
      expect(written.map((call) => call.input)).toEqual(steps.map((call) => call.input));
      expect(text).toBe(ticket.closing);
    }
  }
});

test("tier 4 diagnoses in 20 to 50 tokens, and the next attempt mends it", async () => {
  const diagnosis = await ask([], [{ role: "user", content: "(fail) carries a late train past midnight [1ms]" }]);
  expect(diagnosis.usage.output_tokens).toBeWithin(20, 51);
  const text = diagnosis.content[0]?.type === "text" ? diagnosis.content[0].text : "";
  const next = await converse(workerTools, `Ticket T-003: Work out expected departure times\nDiagnosis: ${text}`);
  const content = JSON.stringify(next.calls.map((call) => call.input));
  expect(content).toContain("% (24 * 60)");
});

test("verdicts pass and reviews accept", async () => {
  for (const ticket of demoTracks.flatMap((track) => track.tickets)) {
    const about: Anthropic.MessageParam[] = [{ role: "user", content: `Ticket T-001: ${ticket.title}` }];
    const verdict = callOf(await ask(["report_verdict"], about), "report_verdict");
    expect(verdict).toMatchObject({ input: { verdict: "pass", diagnosis: ticket.verdict } });
    expect(parseVerdict({ verdict: "pass", diagnosis: ticket.verdict, findings: [] }).isValid).toBe(true);
    expect(callOf(await ask(["accept_ticket", "request_rework"], about), "accept_ticket")).toBeDefined();
  }
});
