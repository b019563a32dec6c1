/**
 * What is sent: the first request of each tier beyond what the user, the plan and the files say, and how much of a worker's
 * input a provider's cache serves, by the accounting of the simulator. Beside them a bare loop that sends the same texts with
 * the same tools but no word on how to use them. Tokens are estimates of four bytes each.
 */
import { basename } from "node:path";
import { CountRequest, toolNames } from "../../src/simulator/messages-request.ts";
import { inputTokens, PrefixCache, textTokens } from "../../src/simulator/token-count.ts";
import { type BenchProject, makeBenchProject } from "./bench-project.ts";
import { type SeenCall, startCrewProvider } from "./crew-provider.ts";
import type { Bench } from "./figures.ts";
import { type Figure, figure } from "./measure.ts";
import { MeasuredProcess } from "./measured-process.ts";
import { planWords } from "./messages-api.ts";

const turnCount = 20;
const latencyMs = 100;
const goal = "Make the bench walk.";
/** The least that is kept in a cache, for most models. */
const minTokens = 1_024;

/** One run of a few workers; what is sent does not vary, so once is enough. */
export async function sentFigures({ binary, isFull }: Bench): Promise<Figure[]> {
  const workerCount = isFull ? 8 : 4;
  const provider = startCrewProvider();
  const config = `\n[workers]\nmax = ${workerCount}\n[review]\nqa = true\ntech_lead = false\n`;
  const project = await makeBenchProject(turnCount, provider.baseUrl, config);
  try {
    const calls: SeenCall[] = [];
    const crew = { workerCount, turnCount, latencyMs, onAnswer: (seen: SeenCall) => void calls.push(seen) };
    const working = provider.nextWork(crew);
    const command = [binary, "run", "--epic", goal, "--approve", "all", "--trust", "--unsafe-no-sandbox"];
    await using started = new MeasuredProcess({ command, cwd: project.root, env: project.env, isUnread: true });
    await started.until(started.exit());
    await working;
    const given = [goal, ...planWords(workerCount), ...(await textsOf(project))];
    return [...firstRequestRows(calls, given), ...cacheRows(calls, workerCount)];
  } finally {
    await provider.stop();
    project.removeNow();
  }
}

async function textsOf({ root, files }: BenchProject): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => Bun.file(`${root}/${file}`).text()));
  return [...texts, ...files.map((file) => basename(file))];
}

/** Each tier with a tool that only its requests offer. */
const tiers = [
  ["orchestrator", "propose_tracks"],
  ["tech lead", "propose_tickets"],
  ["worker", "bash"],
  ["QA", "report_verdict"],
] as const;

function firstRequestRows(calls: readonly SeenCall[], given: readonly string[]): Figure[] {
  return tiers.flatMap(([tier, tool]) => {
    const first = calls.find(({ text }) => toolNames(requestOf(text)).includes(tool));
    if (first === undefined) throw new Error(`The ${tier} sent nothing.`);
    const own = beyond(first.text, given);
    const bare = beyond(bareRequest(requestOf(first.text), own.given), given);
    const row = (unit: "B" | "tokens", words: string) =>
      figure(
        `sent-${tier.toLowerCase().replace(" ", "-")}-${unit === "B" ? "bytes" : unit}`,
        `I  ${tier}: first request beyond what it was given, ${words}`,
        { ours: [own[unit]], floor: [bare[unit]] },
        unit,
      );
    return [row("B", "bytes"), row("tokens", "tokens")];
  });
}

/** A request less the given texts that are in it, each of them once. */
function beyond(text: string, given: readonly string[]) {
  const found = given.filter((each) => text.includes(escaped(each)));
  const bytes = found.reduce((sum, each) => sum + Buffer.byteLength(escaped(each)), 0);
  const tokens = inputTokens(requestOf(text)) - found.reduce((sum, each) => sum + textTokens(escaped(each)), 0);
  return { B: Buffer.byteLength(text) - bytes, tokens, given: found };
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function bareRequest(request: CountRequest, given: readonly string[]): string {
  const { model, max_tokens } = request;
  const tools = JSON.parse(JSON.stringify(request.tools ?? []), (key, value: unknown) =>
    key === "description" || key === "cache_control" ? undefined : value,
  );
  return JSON.stringify({
    model,
    max_tokens,
    stream: true,
    tools,
    messages: [{ role: "user", content: given.join("") }],
  });
}

function requestOf(text: string): CountRequest {
  return CountRequest.parse(JSON.parse(text));
}

/** The floor of each is what would be so if nothing that was sent before were ever paid for again. */
function cacheRows(calls: readonly SeenCall[], workerCount: number): Figure[] {
  const working = calls.filter(({ turn }) => turn !== null);
  const firsts = working.filter(({ turn }) => turn === 0).toSorted((a, b) => a.arrivedAt - b.arrivedAt);
  const [first, second] = firsts;
  if (first === undefined || second === undefined || firsts.length !== workerCount)
    throw new Error(`${firsts.length} workers began, not ${workerCount}.`);
  const ofFirst = working
    .filter((each) => opening(each) === opening(first))
    .toSorted((a, b) => a.arrivedAt - b.arrivedAt);
  if (ofFirst.length !== turnCount) throw new Error(`A worker sent ${ofFirst.length} requests, not ${turnCount}.`);
  const row = (id: string, words: string, unit: string, ours: number, floor: number) =>
    figure(`sent-${id}`, `I  ${words}`, { ours: [ours], floor: [floor] }, unit);
  const conversation = cached(ofFirst);
  const neighbours = cached([first, second]);
  const prefixes = new Set(firsts.map(({ text }) => prefixOf(text)));
  const cold = firsts.filter(({ arrivedAt }) => arrivedAt <= first.answeredAt);
  return [
    row(
      "cached",
      `read from the cache, a worker of ${turnCount} turns`,
      "%",
      conversation.readShare,
      conversation.mostShare,
    ),
    row("prefix", `different prefixes (tools, role) of ${workerCount} workers`, "", prefixes.size, 1),
    row(
      "shared",
      "read from the cache, first request of the second worker",
      "%",
      neighbours.lastShare,
      sameShare(first, second),
    ),
    row("cold", `first requests of ${workerCount} workers sent before one could warm the cache`, "", cold.length, 1),
  ];
}

function opening({ text }: SeenCall): string {
  return JSON.stringify(requestOf(text).messages[0]).replace(/,?"cache_control":\{[^}]*\}/g, "");
}

function prefixOf(text: string): string {
  const { model, tools, system } = requestOf(text);
  return JSON.stringify([model, tools, system]);
}

/** Percents of the requests' input, sent one after the other to an empty cache: read in all, at most to be read, read by the last. */
function cached(calls: readonly SeenCall[]) {
  const cache = new PrefixCache({ minTokens, now: () => 0 });
  let [all, read, most, before, lastShare] = [0, 0, 0, 0, 0];
  for (const { text } of calls) {
    const usage = cache.account(requestOf(text));
    const tokens = inputTokens(requestOf(text));
    all += tokens;
    read += usage.cacheReadTokens;
    most += before;
    before = tokens;
    lastShare = (usage.cacheReadTokens / tokens) * 100;
  }
  return { readShare: (read / all) * 100, mostShare: (most / all) * 100, lastShare };
}

/** The share of a request's bytes up to the first that another one has not, in the order of a cache. */
function sameShare(one: SeenCall, other: SeenCall): number {
  const inOrder = ({ text }: SeenCall) => prefixOf(text) + JSON.stringify(requestOf(text).messages);
  const [a, b] = [inOrder(one), inOrder(other)];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  return (same / b.length) * 100;
}
