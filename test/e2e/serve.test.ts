/** The API of a running server: a goal carried through every kind of gate, and everything that can be read meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { makeSite, removeSites, type Site } from "../support/e2e-project.ts";
import { type Answer, type Feed, Served } from "../support/e2e-server.ts";
import { call, crew, mark, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

const tracks = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("ape", { depends_on: ["ant"] })])];
const streamId = "Tier 3 (Worker): T-001";

let site: Site;
let served: Served;
let feed: Feed;
const answers: Record<string, Answer> = {};

beforeAll(async () => {
  site = await makeSite(
    crew(tracks, {
      worker: ({ turn }, { key }) => (key === "ant" && turn === 1 ? call("bash", { command: "echo hi" }) : undefined),
    }),
    { style: { packetBytes: 20 } },
  );
  served = await Served.start(site);
  feed = await served.feed();
  answers.epic = await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  await decideTracks();
  answers.tickets = await served.decide(await served.gate(feed, "tickets"));
  const spawn = await served.gate(feed, "spawn");
  answers.spawn = await served.decide(spawn, {
    decision: "approve",
    payload: { ...spawn.payload, prompt: `${String(spawn.payload.prompt)}\n\nAnd be kind.` },
  });
  answers.command = await served.decide(await served.gate(feed, "command"));
  answers.merge = await served.decide(await served.gate(feed, "merge"));
  answers.spawn2 = await served.decide(await served.gate(feed, "spawn", ({ ticketId }) => ticketId === "T-002"));
  answers.merge2 = await served.decide(await served.gate(feed, "merge", ({ ticketId }) => ticketId === "T-002"));
  answers.checkpoint = await served.decide(await served.gate(feed, "checkpoint"));
  answers.land = await served.decide(await served.gate(feed, "land"));
  await feed.event(({ type }) => type === "track.landed");
}, 120_000);

afterAll(async () => {
  await feed.close();
  served.process.kill("SIGKILL");
  await removeSites();
});

async function decideTracks(): Promise<void> {
  const gate = await served.gate(feed, "tracks");
  answers.stale = await served.decide(gate, { decision: "approve", payloadHash: "0".repeat(64) });
  answers.broken = await served.decide(gate, { decision: "approve", payload: { tracks: [] } });
  answers.wordless = await served.decide(gate, { decision: "maybe" });
  const all = await Promise.all(Array.from({ length: 20 }, () => served.decide(gate)));
  answers.race = { status: 0, body: all.map(({ status }) => status).sort() };
  answers.again = await served.decide(gate);
}

test("says first where it listens, and gives its token to its user alone", async () => {
  const { url, apiUrl, pid } = served.listening;
  expect(url).toMatch(/^http:\/\/[a-z0-9-]+\.localhost:\d+\/#k=.+/);
  expect(apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/?$/);
  expect(pid).toBe(served.process.pid);
  expect(statSync(join(site.repository.root, ".signalbox/token")).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await site.repository.read(".signalbox/server.json"))).toMatchObject({ pid });
});

test("answers /healthz to anyone, and nothing else without the token", async () => {
  const health = await fetch(new URL("/healthz", served.listening.apiUrl));
  expect(await health.json()).toEqual({ ok: true });
  expect((await served.send("GET", "/api/state", undefined, { authorization: "" })).status).toBe(401);
  expect((await served.send("GET", "/api/state", undefined, { authorization: "Bearer wrong" })).status).toBe(401);
  expect((await served.send("GET", "/api/state", undefined, { host: "example.org" })).status).toBe(421);
  expect((await served.send("GET", "/api/state", undefined, { origin: "https://example.org" })).status).toBe(403);
  expect((await served.send("GET", "/api/state", undefined, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await served.send("GET", "/api/nothing")).status).toBe(404);
});

describe("a decision", () => {
  test("carries every kind of gate on", () => {
    expect(answers.epic).toMatchObject({ status: 201, body: { epicId: expect.any(String) } });
    const kinds = ["tickets", "spawn", "command", "merge", "spawn2", "merge2", "checkpoint", "land"];
    expect(kinds.map((kind) => `${kind} ${answers[kind]?.status}`)).toEqual(kinds.map((kind) => `${kind} 200`));
  });

  test("is refused for a stale hash, a payload that breaks a rule, and a word that is none", () => {
    expect([answers.stale?.status, answers.broken?.status, answers.wordless?.status]).toEqual([409, 422, 422]);
    for (const name of ["stale", "broken", "wordless"])
      expect(answers[name]?.body.error).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  test("is taken once, however many arrive at once", () => {
    expect(answers.race?.body).toEqual([200, ...Array(19).fill(409)]);
    expect(answers.again?.status).toBe(409);
    expect(feed.events.filter(({ type, kind }) => type === "gate.approved" && kind === "tracks")).toHaveLength(1);
  });

  test("on a gate that is not there is 404", async () => {
    const decision = { decision: "approve", payloadHash: "x" };
    expect((await served.send("POST", "/api/gates/G-9999/decision", decision)).status).toBe(404);
  });

  test("with an edited payload sends those words to the model", () => {
    expect(answers.spawn?.body).toMatchObject({ status: "approved", isEdited: true, decision: "approve" });
    const firsts = site.provider.answered.filter(({ ask }) => ask.role === "worker" && ask.turn === 0);
    expect(firsts.map(({ ask }) => ask.first.includes("And be kind."))).toEqual([true, false]);
  });

  test("names a payload by the hash of its canonical JSON", async () => {
    const canonical = (value: unknown): string =>
      Array.isArray(value)
        ? `[${value.map(canonical).join(",")}]`
        : value !== null && typeof value === "object"
          ? `{${Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`)
              .join(",")}}`
          : JSON.stringify(value);
    const gates = await served.get("/api/gates?status=all");
    expect(gates.length).toBeGreaterThan(7);
    for (const { payload, payloadHash } of gates)
      expect(createHash("sha256").update(canonical(payload)).digest("hex")).toBe(payloadHash);
  });
});

test("shows the state whole", async () => {
  const state = await served.get("/api/state");
  expect(state).toMatchObject({
    position: expect.any(Number),
    project: expect.any(Object),
    epics: [{ status: "planned" }],
    tracks: [{ status: "completed" }],
    tickets: [{ status: "completed" }, { status: "completed" }],
    agents: expect.any(Array),
    gates: expect.any(Array),
    usage: expect.any(Object),
    budget: expect.any(Object),
    isPaused: false,
  });
  expect(await site.repository.read("src/ape.ts")).toContain("ape");
});

test("shows the worker's words under its stream id", async () => {
  const streams = await served.get("/api/streams");
  expect(streams[streamId]).toMatchObject({ ticketId: "T-001", status: "done", startedAt: expect.any(String) });
  expect(streams[streamId].text).toContain(mark("ant"));
  expect(streams[streamId].text).not.toContain(mark("ape"));
  for (const [id, { text }] of Object.entries<{ text: string }>(streams)) expect([id, text]).not.toEqual([id, ""]);
});

test("streams text by offset: the deltas put together are the stream's text", async () => {
  const streams = await served.get("/api/streams");
  for (const id of Object.keys(streams)) {
    const deltas = feed.deltas.filter((delta) => delta.streamId === id);
    let text = "";
    for (const delta of deltas) {
      expect(delta.offset).toBe(text.length);
      text += delta.text;
    }
    expect(text).toBe(streams[id].text);
  }
  expect(feed.deltas.filter((delta) => delta.streamId === streamId).length).toBeGreaterThan(3);
});

test("numbers live events, gives deltas no id, and goes on after Last-Event-ID", async () => {
  for (const frame of feed.frames) expect(frame.id === undefined).toBe(frame.event === "delta");
  expect(feed.events.map(({ position }) => position)).toEqual(feed.events.map((_, index) => index + 1));
  const later = await served.feed({ "last-event-id": "5" });
  await later.event(({ type }) => type === "track.landed");
  await later.close();
  expect(later.events.map(({ position }) => position)).toEqual(feed.events.slice(5).map(({ position }) => position));
  const array = await served.get("/api/events?after=5");
  expect(array.slice(0, later.events.length)).toEqual(later.events);
});

test("counts usage of all four tiers, equal to the sums over the traffic", async () => {
  const { byTier, total } = await served.get("/api/usage");
  const comms = await served.get("/api/comms");
  for (const field of ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"]) {
    for (const row of byTier) {
      expect(row[field]).toBeGreaterThan(0);
      const calls = comms.filter(({ tier }: { tier: number }) => tier === row.tier);
      expect(calls.reduce((sum: number, { usage }: Answer["body"]) => sum + usage[field], 0)).toBe(row[field]);
    }
    expect(byTier.reduce((sum: number, row: Answer["body"]) => sum + row[field], 0)).toBe(total[field]);
  }
});

test("tells what an agent's next request holds", async () => {
  const map = await served.get(`/api/streams/${encodeURIComponent(streamId)}/context`);
  expect(map.parts.length).toBeGreaterThan(2);
  const openapi = await served.get("/api/openapi.json");
  for (const path of ["/api/state", "/api/streams", "/api/events", "/api/epics", "/api/usage", "/api/comms"])
    expect(Object.keys(openapi.paths)).toContain(path);
});

test("gives the commands that look and steer the same answers as the API", async () => {
  expect(JSON.parse((await site.run(["usage", "--json"])).out)).toEqual(await served.get("/api/usage"));
  expect(JSON.parse((await site.run(["status", "--json"])).out)).toEqual(await served.get("/api/state"));
  expect(JSON.parse((await site.run(["gates", "--json"])).out)).toEqual([]);
  expect(JSON.parse((await site.run(["comms", "--json"])).out)).toEqual(await served.get("/api/comms"));
  const { lines } = await site.run(["log", "--json"]);
  expect(lines).toHaveLength(feed.events.length + 1);
  expect(lines.at(-1)).toEqual(await served.get("/api/summary"));
  const context = JSON.parse((await site.run(["context", streamId, "--json"])).out);
  expect(context).toEqual(await served.get(`/api/streams/${encodeURIComponent(streamId)}/context`));
  expect((await site.run(["context", streamId])).out).toContain(`has ${context.usedTokens} of 180000 tokens`);
  const url = (await site.run(["url"])).out.trim();
  expect(url).toMatch(/^http:\/\/[a-z0-9-]+\.localhost:\d+\/#k=/);
  expect(url).not.toBe(served.listening.url);
});

test("is the only process of its project, and says who it is", async () => {
  for (const args of [
    ["run", "--epic", "Another goal", "--trust"],
    ["resume", "--trust"],
    ["serve", "--port", "0", "--trust"],
  ]) {
    const second = await site.run(args);
    expect(second.exitCode).toBe(1);
    expect(second.err).toContain(String(served.process.pid));
  }
});

test("leaves a port that is taken alone, and says so", async () => {
  const other = await makeSite(crew(tracks));
  const { port } = new URL(served.listening.apiUrl);
  const run = await other.run(["serve", "--port", port, "--no-open", "--trust"]);
  expect(run.exitCode).toBe(1);
  expect(run.err).toContain(port);
});
