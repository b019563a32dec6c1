/** The rest of the command line: set-up, planning, a track written by hand, the doctor, the demo, and slow readers. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryPath, runBinary, summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const tracks = [trackPlan("alpha", [ticketPlan("ant")])];

describe.concurrent("init", () => {
  test("sets conductor/ up, is accepted by its own user, and never overwrites", async () => {
    const site = await makeSite(crew(tracks));
    await site.repository.git("rm", "--quiet", "conductor/signalbox.toml");
    await site.repository.commit({ "conductor/product.md": "# Mine\n" });
    expect((await site.run(["init", "--yes"])).exitCode).toBe(0);
    for (const name of ["product-guidelines.md", "tech-stack.md", "workflow.md", "tracks.md", "signalbox.toml"])
      expect(existsSync(join(site.repository.root, "conductor", name))).toBe(true);
    expect(await site.repository.read("conductor/product.md")).toBe("# Mine\n");
    const before = await site.repository.fingerprint();
    expect((await site.run(["init", "--yes"])).exitCode).toBe(0);
    expect(await site.repository.fingerprint()).toBe(before);
    await site.repository.commit({});
    const env = { ANTHROPIC_BASE_URL: site.provider.url, ANTHROPIC_API_KEY: "sk-x" };
    const run = await site.run(["plan", "Reach the goal", "--approve", "all"], { env });
    expect([run.exitCode, run.err]).toEqual([0, run.err]);
    expect(site.provider.answered).toHaveLength(1);
  });
});

describe.concurrent("plan", () => {
  test("stops at the tracks gate, then writes the approved tracks and starts none", async () => {
    const site = await makeSite(crew(tracks));
    const planned = await site.run(["plan", "Reach the goal", "--approve", "guarded", "--trust", "--json"]);
    expect(planned.exitCode).toBe(3);
    const [gate] = JSON.parse((await site.run(["gates", "--json"])).out);
    expect(gate.kind).toBe("tracks");
    expect((await site.run(["gates", "approve", gate.gateId])).exitCode).toBe(0);
    const [track] = JSON.parse((await site.run(["status", "--json"])).out).tracks;
    expect(track.status).toBe("new");
    const root = `conductor/tracks/${track.trackId}`;
    for (const name of ["index.md", "spec.md", "plan.md", "metadata.json"])
      expect([name, existsSync(join(site.repository.root, root, name))]).toEqual([name, true]);
    expect(await site.repository.read("conductor/tracks.md")).toContain("- [ ] **Track: The alpha track.**");
    expect(site.provider.answered.map(({ ask }) => ask.role)).toEqual(["orchestrator"]);
    const run = await site.run(["run", track.trackId, "--approve", "all", "--json"]);
    expect(run.exitCode).toBe(0);
    expect(summaryOf(run).tickets).toMatchObject([{ status: "completed" }]);
  });

  test("takes a goal of many lines from stdin with run --epic -", async () => {
    const site = await makeSite(crew(tracks));
    const goal = 'Reach the goal.\n\nWith "quotes", ünïcode and $(no shell).';
    const run = await site.run(["run", "--epic", "-", ...runAll.slice(3)], { stdin: goal });
    expect(run.exitCode).toBe(0);
    expect(site.provider.answered[0]?.ask.first).toContain(goal);
  });
});

test.concurrent("a track of the Gemini extension, written by hand, is carried out, and keeps what else it holds", async () => {
  const trackId = "hand_made_20260101";
  const plan = `# Implementation Plan: By hand\n\nA note of mine.\n\n## Phase 1: Words\n\n- [ ] Task: Write the word ant\n    - [ ] Sub-task: Write Tests\n- [ ] Task: Conductor - User Manual Verification 'Words' (Protocol in workflow.md)\n`;
  const site = await makeSite(crew([{ ...trackPlan("x", [ticketPlan("ant")]), title: "By hand" }]), {
    files: {
      "conductor/tracks.md": `# Project Tracks\n\nMy own words.\n\n---\n\n- [ ] **Track: By hand**\n*Link: [./tracks/${trackId}/](./tracks/${trackId}/)*\n`,
      [`conductor/tracks/${trackId}/index.md`]: `# Track ${trackId} Context\n\n- [Specification](./spec.md)\n`,
      [`conductor/tracks/${trackId}/spec.md`]: "# Specification\n\nThe words shall be written, with care.\n",
      [`conductor/tracks/${trackId}/plan.md`]: plan,
      [`conductor/tracks/${trackId}/metadata.json`]: `{"track_id":"${trackId}","type":"feature","status":"new","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","description":"By hand"}\n`,
    },
  });
  const run = await site.run(["run", trackId, "--approve", "all", "--land", "--trust", "--json"]);
  expect([run.exitCode, run.err]).toEqual([0, run.err]);
  expect(site.provider.answered.map(({ ask }) => ask.role)).not.toContain("orchestrator");
  const lead = site.provider.answered.find(({ ask }) => ask.role === "tech_lead")?.ask;
  expect(lead?.first).toContain("The words shall be written, with care.");
  expect(lead?.first).toContain("Write the word ant");
  const written = await site.repository.read(`conductor/tracks/${trackId}/plan.md`);
  expect(written).toContain("A note of mine.");
  expect(written).toContain("Write the word ant");
  expect(written).toMatch(/- \[x\] Task: T-001: Add the part ant\. [0-9a-f]{7}/);
  expect(await site.repository.read("conductor/tracks.md")).toContain("My own words.");
  expect(await site.repository.read("conductor/tracks.md")).toContain("- [x] **Track: By hand**");
  expect(await site.repository.git("status", "--porcelain")).toBe("");
});

test.concurrent("doctor says what is there and what is missing, and shows no key", async () => {
  const site = await makeSite(crew(tracks));
  const run = await site.run(["doctor", "--trust"]);
  expect(run.out + run.err).toMatch(/git/);
  expect(run.out + run.err).toMatch(/sandbox/i);
  expect(run.out + run.err).not.toContain("sk-test");
});

describe.concurrent("the output", () => {
  test("reaches a slow reader to its last byte", async () => {
    const site = await makeSite(
      crew([
        trackPlan(
          "alpha",
          ["ant", "ape", "asp", "elk"].map((key) => ticketPlan(key)),
        ),
      ]),
    );
    expect((await site.run(runAll)).exitCode).toBe(0);
    const whole = (await site.run(["log", "--json"])).out;
    expect(whole.length).toBeGreaterThan(70_000);
    // The reader begins when other programs have run: the pipe is full by then, and the writer must wait.
    const script = '"$0" log --json | { "$0" log >/dev/null; "$0" usage >/dev/null; cat; }';
    const env = { PATH: process.env.PATH ?? "", HOME: site.home };
    const slow = Bun.spawnSync(["/bin/sh", "-c", script, binaryPath()], { cwd: site.repository.root, env });
    expect(slow.stdout.toString()).toBe(whole);
  });

  test("ends quietly when its reader has gone", async () => {
    const site = await makeSite(crew(tracks));
    const script = '"$0" --help | head -1';
    const env = { PATH: process.env.PATH ?? "", HOME: site.home };
    const gone = Bun.spawnSync(["/bin/sh", "-c", script, binaryPath()], { cwd: site.repository.root, env });
    expect(gone.stderr.toString()).toBe("");
  });

  test("of help and version needs no project", async () => {
    const place = { cwd: tmpdir(), home: tmpdir() };
    expect((await runBinary(["--version"], place)).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await runBinary(["--help"], place);
    for (const command of ["serve", "init", "plan", "run", "resume", "gates", "doctor", "demo"])
      expect(help.out).toContain(command);
    for (const args of [
      ["run", "--help"],
      ["gates", "--help"],
    ])
      expect((await runBinary(args, place)).exitCode).toBe(0);
  });
});

test("the demo goes through all four tiers without a key, a project or a network", async () => {
  const home = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  const run = await runBinary(["demo", "--headless", "--json"], { cwd: home, home });
  expect([run.exitCode, run.err]).toEqual([0, run.err]);
  const { outcome, tracks: done, tickets, usage } = summaryOf(run);
  expect(outcome).toBe("done");
  expect(done.length).toBeGreaterThanOrEqual(2);
  expect(tickets.length).toBeGreaterThanOrEqual(7);
  expect(new Set(tickets.map(({ status }) => status))).toEqual(new Set(["completed"]));
  expect(tickets.some(({ attemptCount }) => attemptCount > 1)).toBe(true);
  const events = run.lines.slice(0, -1);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  const of = (type: string) => events.filter((event) => event.type === type);
  expect(of("gate.approved").filter(({ isEdited }) => isEdited)).toHaveLength(1);
  expect(of("check.completed").filter(({ exitCode }) => exitCode !== 0)).toHaveLength(1);
  expect(of("diagnosis.recorded").length).toBeGreaterThanOrEqual(1);
  expect(of("track.landed")).toHaveLength(done.length);
  expect(run.err).toMatch(/0 fail/);
  expect(usage.byTier).toHaveLength(4);
  await rm(home, { recursive: true, force: true });
});
