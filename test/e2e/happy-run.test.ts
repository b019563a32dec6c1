/** A whole run of the binary against a server that it has never seen: two tracks, dependencies, real checks, a landing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { type Finished, type Summary, summaryOf } from "../support/e2e-binary.ts";
import { bunCheck, makeSite, removeSites, runAll, type Site, secretKey } from "../support/e2e-project.ts";
import { crew, mark, ticketPlan, trackPlan, work } from "../support/foreign-crew.ts";

const testOf = (name: string, from: string) =>
  `import { expect, test } from "bun:test";\nimport { ${name} } from "../src/${name}.ts";\ntest("${name}", () => expect(${name}).toBe(${from}));\n`;
const tracks = [
  trackPlan("alpha", [
    ticketPlan("ant", { target_files: ["src/ant.ts", "test/ant.test.ts"], acceptance_criteria: ["a", "b: «q» & <i>"] }),
    ticketPlan("ape", { depends_on: ["ant"] }),
  ]),
  trackPlan("beta", [ticketPlan("bee"), ticketPlan("boa"), ticketPlan("bat", { depends_on: ["bee", "boa"] })]),
];
const tickets = tracks.flatMap((track) => track.tickets);
const Call = z.object({
  streamId: z.string(),
  tier: z.number(),
  usage: z.record(z.string(), z.number()),
  response: z.unknown().optional(),
});

let site: Site;
let run: Finished;
let summary: Summary;

beforeAll(async () => {
  const answer = crew(tracks, {
    worker: (ask, ticket) => {
      if (ticket.key !== "ant" || ask.turn > 1) return undefined;
      const both = work({ ...ask, turn: 0 }, ticket).tools?.map(({ name, input }, at) => {
        const file = z.object({ file_path: z.string(), content: z.string() }).parse(input);
        return { name, input: at === 0 ? file : { ...file, content: testOf("ant", '"ant"') } };
      });
      return { text: `Working on ${mark("ant")}. `, tools: both?.slice(ask.turn, ask.turn + 1) ?? [] };
    },
  });
  site = await makeSite(answer, {
    style: { isCrlf: true, packetBytes: 7, toolUseId: "toolu_same", hasNoCount: true },
    config: { verify: `command = '${bunCheck()}'` },
    files: { "test/base.test.ts": testOf("base", "1") },
  });
  run = await site.run([...runAll, "--land"]);
  summary = summaryOf(run);
}, 120_000);
afterAll(removeSites);

test("ends done, with every track and ticket completed at the first attempt", () => {
  expect(run.err).not.toContain("failed");
  expect(run.exitCode).toBe(0);
  expect(summary.outcome).toBe("done");
  expect(summary.tracks.map(({ status }) => status)).toEqual(["completed", "completed"]);
  expect(summary.tickets.map((ticket) => `${ticket.status} ${ticket.attemptCount}`)).toEqual(
    tickets.map(() => "completed 1"),
  );
});

test("prints one event a line, numbered from 1 without gaps, and the summary last", () => {
  const events = run.lines.slice(0, -1);
  expect(run.out.trimEnd().split("\n")).toHaveLength(run.lines.length);
  expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
  for (const event of events) expect(event.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("puts the code into the user's branch, and leaves the tree clean", async () => {
  const { repository } = site;
  expect(await repository.git("branch", "--show-current")).toBe("main");
  expect(await repository.git("status", "--porcelain")).toBe("");
  for (const { key } of tickets)
    expect(await repository.read(`src/${key}.ts`)).toBe(`export const ${key} = "${key}";\n`);
  const branches = await repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads/signalbox");
  for (const { trackId } of summary.tracks) expect(branches.split("\n")).toContain(`signalbox/${trackId}/track`);
});

test("writes conductor/ documents with marks, and commit ids that git knows", async () => {
  const { repository } = site;
  const registry = await repository.read("conductor/tracks.md");
  for (const track of summary.tracks) {
    expect(track.trackId).toMatch(/^[a-z0-9_]+_\d{8}$/);
    expect(registry).toContain(`- [x] **Track: ${track.title}**`);
    expect(registry).toContain(`*Link: [./tracks/${track.trackId}/](./tracks/${track.trackId}/)*`);
    const plan = await repository.read(`conductor/tracks/${track.trackId}/plan.md`);
    for (const ticket of summary.tickets.filter(({ trackId }) => trackId === track.trackId)) {
      const line = plan.split("\n").find((text) => text.startsWith(`- [x] Task: ${ticket.ticketId}: ${ticket.title} `));
      const sha = line?.match(/ ([0-9a-f]{7})$/)?.[1] ?? "missing";
      expect(await repository.git("merge-base", sha, "main")).toStartWith(sha);
    }
    expect(plan).toMatch(/^## Phase 1: .* \[checkpoint: [0-9a-f]{7}\]$/m);
    expect(plan).toMatch(/^- \[x\] Task: Conductor - User Manual Verification '.+' \(Protocol in workflow\.md\)/m);
    expect(plan).not.toContain("[~]");
    const { track_id, status } = JSON.parse(await repository.read(`conductor/tracks/${track.trackId}/metadata.json`));
    expect({ track_id, status }).toEqual({ track_id: track.trackId, status: "completed" });
  }
});

test("gives each worker its ticket word for word, and nothing of another", () => {
  const firsts = site.provider.answered.filter(({ ask }) => ask.role === "worker" && ask.turn === 0);
  expect(firsts).toHaveLength(tickets.length);
  for (const ticket of summary.tickets) {
    const { ask } = firsts.find(({ ask: { first } }) => first.includes(ticket.title)) ?? {};
    const plan = tickets.find(({ title }) => title === ticket.title);
    for (const words of [ticket.ticketId, ticket.title, plan?.description ?? "?", ...(plan?.acceptance_criteria ?? [])])
      expect(ask?.first).toContain(words);
    for (const other of tickets.filter(({ title }) => title !== ticket.title)) {
      expect(ask?.body).not.toContain(other.title);
      expect(ask?.body).not.toContain(mark(other.key));
    }
  }
});

test("starts a ticket only when what it depends on is merged", () => {
  const place = (type: string, ticketId: string) =>
    run.lines.findIndex((line) => line.type === type && line.ticketId === ticketId);
  const id = (key: string) =>
    summary.tickets.find(({ title }) => title === tickets.find((plan) => plan.key === key)?.title)?.ticketId ?? "?";
  for (const [before, after] of [
    ["ant", "ape"],
    ["bee", "bat"],
    ["boa", "bat"],
  ] as const)
    expect(place("attempt.started", id(after))).toBeGreaterThan(place("ticket.completed", id(before)));
});

test("keeps the streams of two tracks apart", async () => {
  const calls = z.array(Call).parse(JSON.parse((await site.run(["comms", "--full", "--json"])).out));
  const subjects = [
    ...summary.tickets.map(({ ticketId, title }) => ({ streamId: `Tier 3 (Worker): ${ticketId}`, title })),
    ...summary.tracks.map(({ trackId, title }) => ({ streamId: `Tier 2 (Tech Lead): ${trackId}`, title })),
  ];
  const keys = [...tracks, ...tickets];
  for (const { streamId, title } of subjects) {
    const text = JSON.stringify(calls.filter((call) => call.streamId === streamId).map(({ response }) => response));
    expect(keys.filter(({ key }) => text.includes(mark(key))).map((plan) => plan.title)).toEqual([title]);
  }
});

test("counts per tier exactly what the provider said", async () => {
  const calls = z.array(Call).parse(JSON.parse((await site.run(["comms", "--json"])).out));
  const usage = JSON.parse((await site.run(["usage", "--json"])).out);
  const tierOf = { orchestrator: 1, tech_lead: 2, worker: 3, verdict: 4, diagnosis: 4 };
  for (const tier of [1, 2, 3, 4]) {
    const said = site.provider.answered.filter(({ ask }) => tierOf[ask.role] === tier);
    const sum = (field: keyof (typeof said)[number]["usage"]) => said.reduce((all, one) => all + one.usage[field], 0);
    const expected = {
      inputTokens: sum("input_tokens"),
      outputTokens: sum("output_tokens"),
      cacheReadTokens: sum("cache_read_input_tokens"),
      cacheWriteTokens: sum("cache_creation_input_tokens"),
    };
    expect(usage.byTier.find((row: { tier: number }) => row.tier === tier)).toMatchObject(expected);
    expect(expected.outputTokens).toBeGreaterThan(0);
    const logged = calls.filter((call) => call.tier === tier);
    for (const [field, amount] of Object.entries(expected))
      expect(logged.reduce((all, call) => all + (call.usage[field] ?? 0), 0)).toBe(amount);
  }
  expect(summary.usage).toEqual(usage);
});

test("sends the key to the provider, and writes it nowhere", async () => {
  const keys = site.provider.answered.map(({ ask }) => ask.headers.get("authorization"));
  expect(new Set(keys)).toEqual(new Set([`Bearer ${secretKey}`]));
  expect(run.out + run.err).not.toContain(secretKey);
  const log = await site.run(["log", "--json"]);
  expect(log.out).not.toContain(secretKey);
});
