/** Looking and steering: the same words through a running server and on the log alone. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolsFor } from "../../src/agents/tools/toolset.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { findServer } from "../../src/cli/server-link.ts";
import { claimState } from "../../src/cli/state-owner.ts";
import type { Fact } from "../../src/domain/event.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { startServer } from "../../src/web/server.ts";
import { runGit } from "../../src/workspace/git.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { FakeEngine } from "../support/fake-engine.ts";

const payload = { command: "bun test", cwd: "." };
const opened = { type: "gate.opened", kind: "command", reason: "bun test", payload, payloadHash: "abc" } as const;
const facts: Fact[] = [
  { type: "epic.created", epicId: "E-1", goal: "Build it", isStarting: true },
  { ...opened, gateId: "G-1" },
];

let world: TestWorld;
beforeEach(async () => {
  world = testWorld();
  await runGit(world.cwd, ["init", "--quiet"]);
});
afterEach(() => world.remove());

/** As `git rev-parse` names it: a temporary folder may lie behind a link. */
function place() {
  const root = realpathSync(world.cwd);
  return { root, stateDir: join(root, ".signalbox") };
}

async function cli(...argv: string[]): Promise<number> {
  world.said.out = "";
  world.said.note = "";
  return await runCli(argv, world);
}

/** The lines of JSON that the last call printed. */
function said(): { type: string }[] {
  return world.said.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("without a server", () => {
  test("an untouched project has nothing to show", async () => {
    expect(await cli("status")).toBe(0);
    expect(world.said.out).toContain("not running");
    expect(world.said.out).toContain("Nothing yet.");
    for (const command of ["gates", "usage", "comms", "log"]) expect(await cli(command)).toBe(0);
  });

  test("the log is read and folded", async () => {
    await claimState(place(), world);
    const log = EventLog.open(join(world.cwd, ".signalbox", "signalbox.db"));
    log.append(facts, "2026-01-02T03:04:05.000Z");
    expect(await cli("status", "--json")).toBe(0);
    expect(JSON.parse(world.said.out)).toMatchObject({ position: 2, epics: [{ epicId: "E-1" }] });
    expect(await cli("gates")).toBe(0);
    expect(world.said.out).toContain("G-1");
    expect(await cli("log", "--json", "--since", "1")).toBe(0);
    expect(said().map(({ type }) => type)).toEqual(["gate.opened", "summary"]);
    expect(await cli("log", "--json", "--type", "epic.*")).toBe(0);
    expect(said().map(({ type }) => type)).toEqual(["epic.created", "summary"]);
    expect(await cli("context", "Tier 3 (Worker): T-001")).toBe(1);
    expect(world.said.note).toContain("Streams: none yet");
    log.close();
  });

  test("url says that no server runs", async () => {
    expect(await cli("url", "--json")).toBe(1);
    expect(JSON.parse(world.said.out).error.code).toBe("not_running");
  });
});

describe("with a server", () => {
  let engine: FakeEngine;
  let stop: () => Promise<void>;
  beforeEach(async () => {
    engine = new FakeEngine();
    engine.add(...facts);
    await claimState(place(), world);
    const { stateDir } = place();
    const server = await startServer({ engine, port: 0, isPlainHost: false, stateDir, version: "0", toolsFor });
    stop = server.stop;
  });
  afterEach(() => stop());

  test("commands look through it", async () => {
    expect(await cli("status")).toBe(0);
    expect(world.said.out).toContain(`running (process ${process.pid})`);
    expect(await cli("log", "--json", "--since", "1")).toBe(0);
    expect(said().map(({ type }) => type)).toEqual(["gate.opened", "summary"]);
    for (const command of ["usage", "comms", "gates"]) expect(await cli(command, "--json")).toBe(0);
    expect(JSON.parse(world.said.out)).toMatchObject([{ gateId: "G-1", payload }]);
  });

  test("commands steer through it", async () => {
    engine.script = () => ({ isAccepted: true, events: [] });
    expect(await cli("pause")).toBe(0);
    expect(await cli("gates", "decline", "G-1", "--reason", "too risky")).toBe(0);
    writeFileSync(join(world.cwd, "edited.json"), JSON.stringify({ command: "ls", cwd: "." }));
    expect(await cli("gates", "approve", "G-1", "--payload", "edited.json")).toBe(0);
    expect(engine.dispatched).toMatchObject([
      { type: "pause_engine" },
      { type: "decline_gate", gateId: "G-1", payloadHash: "abc", reason: "too risky" },
      { type: "approve_gate", gateId: "G-1", payloadHash: "abc", payload: { command: "ls", cwd: "." } },
    ]);
  });

  test("a refusal comes back in the server's own words", async () => {
    expect(await cli("cancel", "T-404")).toBe(1);
    expect(world.said.note).toContain("T-404");
    expect(await cli("gates", "approve", "G-9")).toBe(1);
    expect(world.said.note).toContain('No open gate is called "G-9". Open gates: G-1.');
  });

  test("an answer to a superseded gate says why, and which one to look at instead", async () => {
    const superseded = { type: "gate.superseded", kind: "command", reason: "a.ts changed since you looked." } as const;
    engine.add({ ...superseded, gateId: "G-1", byGateId: "G-2" }, { ...opened, gateId: "G-2" });
    expect(await cli("gates", "approve", "G-1")).toBe(1);
    expect(world.said.note).toContain(
      "The gate G-1 is superseded. a.ts changed since you looked. Look at G-2 instead; nothing ran.",
    );
  });

  test("url gives a fresh address each time", async () => {
    expect(await cli("url")).toBe(0);
    const first = world.said.out;
    expect(await cli("url")).toBe(0);
    expect(first).toContain("#k=");
    expect(world.said.out).not.toBe(first);
  });

  test("a server that stops between two questions is told of in words", async () => {
    const project = { root: world.cwd, name: "p", stateDir: join(world.cwd, ".signalbox") };
    const server = await findServer(project, world);
    await stop();
    await expect(server?.call("GET", "/api/state")).rejects.toThrow(/does not answer any more.*run this again/);
  });
});

test("a server file that names a dead process, or is no JSON, is no server", async () => {
  await claimState(place(), world);
  for (const text of ["{", '{"url":"http://127.0.0.1:1","pid":999999999}']) {
    writeFileSync(join(world.cwd, ".signalbox", "server.json"), text);
    expect(await cli("status")).toBe(0);
    expect(world.said.out).toContain("not running");
  }
});

describe("a state that somebody else made", () => {
  test("is shown from its log; its server is not spoken to, and nothing is changed", async () => {
    let callCount = 0;
    const canary = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => {
        callCount += 1;
        return Response.json({ ok: true });
      },
    });
    const { stateDir } = place();
    mkdirSync(stateDir, { mode: 0o700 });
    const log = EventLog.open(join(stateDir, "signalbox.db"));
    log.append(facts, "2026-01-02T03:04:05.000Z");
    const address = { url: `http://x.localhost:${canary.port}/`, pid: process.pid };
    writeFileSync(join(stateDir, "server.json"), JSON.stringify(address));
    writeFileSync(join(stateDir, "token"), "known");
    for (const command of ["status", "gates", "usage", "comms", "log"]) {
      expect(await cli(command)).toBe(0);
      expect(world.said.note).toContain("not known as yours");
    }
    expect(await cli("url")).toBe(1);
    for (const lever of [["pause"], ["gates", "approve", "G-1"], ["skip", "T-1"]]) {
      expect(await cli(...lever)).toBe(2);
      expect(world.said.note).toContain("Nothing was started");
    }
    expect(callCount).toBe(0);
    expect(log.read({ after: 0, limit: 9 })).toHaveLength(2);
    log.close();
    await canary.stop(true);
  });
});
