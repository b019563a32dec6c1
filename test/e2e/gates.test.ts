/** Gates without a page: where a headless run stops, how it is answered from the command line, and what then runs. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, type Site } from "../support/e2e-project.ts";
import { Served, ServedGate } from "../support/e2e-server.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const Gates = z.array(
  z.object({
    gateId: z.string(),
    kind: z.string(),
    payload: z.record(z.string(), z.unknown()),
    payloadHash: z.string(),
  }),
);
const one = [trackPlan("alpha", [ticketPlan("ant")])];
const start = (level: string) => ["run", "--epic", "Reach the goal", "--approve", level, "--trust", "--json"];
const goOn = (level: string) => ["resume", "--approve", level, "--trust", "--json"];

async function openGates(site: Site) {
  return Gates.parse(JSON.parse((await site.run(["gates", "--json"])).out));
}

/** Approves what opens, in one process that serves, until a gate of this kind is open; then that process is told to end. */
async function upTo(site: Site, kind: string, level: string): Promise<ServedGate> {
  const served = await Served.of(site, ["run", "--epic", "Reach the goal", "--approve", level, "--trust", "--serve"]);
  const feed = await served.feed();
  const answered = new Set<unknown>();
  for (;;) {
    const { gateId } = await feed.event((event) => event.type === "gate.opened" && !answered.has(event.gateId));
    answered.add(gateId);
    const gate = ServedGate.parse(await served.get(`/api/gates/${String(gateId)}`));
    if (gate.kind === kind) {
      await feed.close();
      served.process.kill("SIGTERM");
      await served.process.finished;
      return gate;
    }
    expect((await served.decide(gate)).status).toBe(200);
  }
}

test.concurrent("manual asks at every gate, and each answer carries the run on to a landing", async () => {
  const site = await makeSite(
    crew(one, { worker: (ask) => (ask.turn === 1 ? call("bash", { command: "cat src/ant.ts" }) : undefined) }),
  );
  const kinds: string[] = [];
  let run = await site.run(start("manual"));
  for (let count = 0; run.exitCode === 3 && count < 20; count += 1) {
    expect(summaryOf(run).outcome).toBe("gate");
    for (const { gateId, kind } of await openGates(site)) {
      expect(run.err).toContain(gateId);
      kinds.push(kind);
      await site.run(["gates", "approve", gateId]);
    }
    run = await site.run(goOn("manual"));
  }
  expect(kinds).toEqual(["tracks", "tickets", "spawn", "command", "merge", "checkpoint", "land"]);
  expect(run.exitCode).toBe(0);
  expect(await site.repository.read("src/ant.ts")).toContain("ant");
});

describe.concurrent("a command", () => {
  const commanding = (command: string) =>
    crew(one, { worker: (ask) => (ask.turn === 0 ? call("bash", { command }) : undefined) });

  test("that was edited runs byte for byte as edited", async () => {
    const site = await makeSite(commanding("echo first > out.txt"));
    const gate = await upTo(site, "command", "guarded");
    const command = "printf '%s' \"  two  words $((1 + 1)) ü\\$HOME\" > out.txt";
    const payload = { ...gate.payload, command };
    await site.repository.write({ ".signalbox/edited.json": JSON.stringify(payload) });
    const approved = await site.run(["gates", "approve", gate.gateId, "--payload", ".signalbox/edited.json"]);
    expect([approved.exitCode, approved.err]).toEqual([0, approved.err]);
    const run = await site.run(goOn("guarded"));
    const started = run.lines.filter(({ type }) => type === "command.started");
    expect(started).toMatchObject([{ command, isEdited: true }]);
    expect(await site.repository.read(".signalbox/worktrees/T-001/out.txt")).toBe("  two  words 2 ü$HOME");
    expect(run.out).not.toContain('echo first > out.txt","cwd');
  });

  test("that was declined never runs, and the words reach the model", async () => {
    const site = await makeSite(commanding("echo no > out.txt"));
    const gate = await upTo(site, "command", "guarded");
    const reason = "Never write there; use the target file.";
    expect((await site.run(["gates", "decline", gate.gateId, "--reason", reason])).exitCode).toBe(0);
    const run = await site.run(goOn("guarded"));
    expect(run.lines.filter(({ type }) => type === "command.started")).toEqual([]);
    expect(existsSync(join(site.repository.root, ".signalbox/worktrees/T-001/out.txt"))).toBe(false);
    expect(site.provider.answered.some(({ ask }) => ask.role === "worker" && ask.last.includes(reason))).toBe(true);
  });

  test("that a rule allows runs without asking; one that only begins like it asks", async () => {
    const site = await makeSite(
      crew(one, {
        worker: ({ turn }) =>
          [call("bash", { command: "echo fine" }), call("bash", { command: "echo fine; echo other" })][turn],
      }),
      { config: { gates: 'allow = ["echo *"]' } },
    );
    const gate = await upTo(site, "command", "guarded");
    expect(gate.payload.command).toBe("echo fine; echo other");
  });
});

test.concurrent("a write outside the target files asks, and shows what would be written", async () => {
  const site = await makeSite(
    crew(one, {
      worker: ({ turn }) =>
        turn === 0 ? call("write", { file_path: "src/other.ts", content: "export const other = 2;\n" }) : undefined,
    }),
  );
  const gate = await upTo(site, "write", "guarded");
  expect(gate.payload).toEqual({ path: "src/other.ts", content: "export const other = 2;\n" });
});

test.concurrent("a declined plan goes back to tier 1 in words; an edited one is what becomes tracks", async () => {
  const site = await makeSite(crew(one));
  await site.run(start("guarded"));
  const [first] = await openGates(site);
  await site.run(["gates", "decline", first?.gateId ?? "", "--reason", "One track is too much of a word."]);
  await site.run(goOn("guarded"));
  expect(site.provider.answered.at(-1)?.ask.last).toContain("One track is too much of a word.");
  const [second] = await openGates(site);
  const tracks = z.array(z.record(z.string(), z.unknown())).parse(second?.payload.tracks);
  const payload = JSON.stringify({ tracks: tracks.map((track) => ({ ...track, title: "Edited by hand" })) });
  const approve = ["gates", "approve", second?.gateId ?? "", "--payload", "-", "--json"];
  const wrong = await site.run(approve, { stdin: '{"tracks":[]}' });
  expect(wrong.exitCode).not.toBe(0);
  expect((await site.run(approve, { stdin: payload })).exitCode).toBe(0);
  const again = await site.run(approve, { stdin: payload });
  expect(again.exitCode).toBe(1);
  const { tracks: made } = JSON.parse((await site.run(["status", "--json"])).out);
  expect(made).toMatchObject([{ title: "Edited by hand" }]);
});

describe.concurrent("a landing", () => {
  test("does not touch the user's branch with --approve all alone", async () => {
    const site = await makeSite(crew(one));
    const before = await site.repository.git("rev-parse", "main");
    const run = await site.run(runAll);
    expect(run.exitCode).toBe(0);
    expect(await site.repository.git("rev-parse", "main")).toBe(before);
    expect(existsSync(join(site.repository.root, "src/ant.ts"))).toBe(false);
    const [track] = summaryOf(run).tracks;
    expect(await site.repository.git("show", `signalbox/${track?.trackId}/track:src/ant.ts`)).toContain("ant");
  });

  test("into a tree with changes is refused in words, and changes nothing", async () => {
    const site = await makeSite(crew(one));
    await site.repository.write({ "src/base.ts": "export const base = 99; // not committed\n", "mine.txt": "mine\n" });
    const before = await site.repository.git("rev-parse", "main");
    const run = await site.run([...runAll, "--land"]);
    expect(await site.repository.git("rev-parse", "main")).toBe(before);
    expect(await site.repository.read("src/base.ts")).toContain("not committed");
    expect(run.err).toMatch(/commit|stash/i);
    expect(run.lines.some(({ type }) => type === "landing.refused")).toBe(true);
    expect((await site.run(["status"])).out).toContain("landing was refused");
    expect(run.exitCode).not.toBe(0);
  });
});

test.concurrent("a milder level opens what a stricter one left open, with the level as the one who decided", async () => {
  for (const [kind, level] of [
    ["spawn", "manual"],
    ["land", "guarded"],
  ] as const) {
    const site = await makeSite(crew(one));
    await upTo(site, kind, level);
    const run = await site.run([...goOn("all"), "--land"]);
    expect([kind, run.exitCode, run.err]).toEqual([kind, 0, run.err]);
    const opened = run.lines.filter(({ type, by }) => type === "gate.approved" && by === "level: all");
    expect(opened).toMatchObject([{ kind }]);
    expect(await site.repository.read("src/ant.ts")).toContain("ant");
  }
});

describe.concurrent("a person's no", () => {
  test.each([
    ["spawn", "manual", 1, /No, not so\./],
    ["checkpoint", "manual", 1, /No, not so\./],
    ["land", "guarded", 0, /./],
  ] as const)("to a %s gate (%s) ends the run in words, and lands nothing", async (kind, level, exitCode, words) => {
    const site = await makeSite(crew(one), { config: { workers: "retries = 0" } });
    const before = await site.repository.git("rev-parse", "main");
    const gate = await upTo(site, kind, level);
    await site.run(["gates", "decline", gate.gateId, "--reason", "No, not so."]);
    const run = await site.run(goOn(level));
    expect([run.exitCode, run.err]).toEqual([exitCode, run.err]);
    expect(run.err.trimEnd().split("\n").at(-1)).toMatch(words);
    expect(await site.repository.git("rev-parse", "main")).toBe(before);
  });
});
