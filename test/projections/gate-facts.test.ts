/** A card says in plain words all that its payload holds, and its Payload box holds every character of it. */
import { expect, test } from "bun:test";
import { fold } from "../../src/domain/evolve.ts";
import type { GateKind, Json } from "../../src/domain/gate.ts";
import { gateFacts } from "../../src/projections/gate-facts.ts";
import { gateCards } from "../../src/projections/view-gates.ts";
import { gate } from "../support/facts.ts";

const surroundings = {
  environment: ["HOME", "PATH"],
  sandbox: { tier: "bubblewrap", network: false, writes: "worktree", processes: 512, memoryBytes: 2_147_483_648 },
  treeHash: "0123456789abcdef0123456789abcdef01234567",
};
const budget = { maxTurns: 60, maxTokens: 16_000, limits: { runUsd: 5, trackUsd: 2, runTokens: 9_000 } };
const merge = { ticketId: "T-001", title: "t", commit: "c0ffee1234", trackCommit: "facade1234", diff: "" };

function lines(kind: GateKind, payload: Json): string[] {
  return gateFacts(kind, payload).map(({ name, text }) => `${name}: ${text}`);
}

test("a command says where it writes, its network, its variables' names and its files", () => {
  const said = [
    "Sandbox: bubblewrap, it can write in the ticket's worktree only, no network, at most 512 processes, 2 GiB of memory",
    "Variables: HOME, PATH",
    `Files: ${surroundings.treeHash} (git tree, uncommitted files included)`,
  ];
  expect(lines("command", { command: "ls", cwd: "w", ...surroundings })).toEqual(said);
  const unknown = { command: "ls", cwd: "w", startedAt: "2026-01-01T00:00:00Z", ...surroundings };
  expect(lines("unknown", unknown)).toEqual(["Began: 2026-01-01T00:00:00Z", ...said]);
});

test("an unconfined command says so", () => {
  const sandbox = { tier: "unsafe", network: true, writes: "anything", processes: null, memoryBytes: null };
  expect(lines("command", { command: "ls", cwd: "w", ...surroundings, sandbox })[0]).toBe(
    "Sandbox: none (--unsafe-no-sandbox), it can write wherever you can, the network is open",
  );
});

test("a worker's start says what it may take, and a merge what comes of it", () => {
  expect(lines("spawn", { prompt: "p", context: "", model: "m", budget })).toEqual([
    "Budget: 60 turns, 16000 tokens an answer, at most $5 for the run, $2 for its track, 9000 tokens for the run",
  ]);
  expect(lines("merge", { ...merge, resultTree: "beefbeef12" })).toEqual([
    "Merges: c0ffee1 into the track at facade1",
    "Gives: the tree beefbee",
  ]);
});

test("a payload of before, and one of another shape, have no facts to tell", () => {
  expect(lines("command", { command: "ls", cwd: "w" })).toEqual([]);
  expect(lines("spawn", { prompt: "p", context: "", model: "m" })).toEqual([]);
  expect(lines("unknown", "no object")).toEqual([]);
});

test("the Payload box holds all of a payload, hidden characters too", () => {
  const payload = { command: "echo \u202e\u0007\ud83d\ude00 \u200b'$(x)'\n<b>", cwd: "w", ...surroundings };
  const event = { ...gate("G-0001", "command", payload), position: 1, at: "2026-01-01T00:00:00Z" };
  const [card] = gateCards(fold([event]));
  expect(JSON.parse(card?.payloadText ?? "")).toEqual(payload);
  expect(card?.payloadText).not.toMatch(/[\u200b\u202e\u0007]/);
});
