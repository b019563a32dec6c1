/** A busy project for the pages: two tracks, tickets in every status, gates of most kinds, live and ended streams. */
import type { Fact } from "../../src/domain/event.ts";
import type { LiveStream } from "../../src/domain/live-stream.ts";
import { streamId } from "../../src/domain/stream-id.ts";
import { FakeEngine } from "./fake-engine.ts";
import { attempt, call, check, gate, sampleDiff, stream, ticket, track } from "./sample-builders.ts";

const trackA = "duration_parsing_20261123";
const trackB = "cli_output_20261123";

/** An engine whose state holds everything that a page can show. */
export function sampleEngine(): FakeEngine {
  const engine = new FakeEngine();
  engine.add(...planFacts(), ...callFacts(), ...finishedTicket(), ...runningTickets(), ...gateFacts());
  engine.warnings.push("Commands run unconfined (--unsafe-no-sandbox).");
  for (const stream of sampleStreams()) engine.liveStreams.set(stream.streamId, stream);
  return engine;
}

function planFacts(): Fact[] {
  return [
    {
      type: "epic.created",
      epicId: "E-001",
      goal: "Durations like 1h30m can be given everywhere, and are printed the same way.",
      isStarting: true,
    },
    track(trackA, "Parse durations", "Texts such as 1h30m become seconds, with clear errors."),
    track(trackB, "Print durations in the CLI", "The command line prints seconds as people write them."),
    track("docs_20261123", "Document durations", "The manual says what is accepted.", [trackA]),
    { type: "epic.planned", epicId: "E-001", trackIds: [trackA, trackB, "docs_20261123"] },
    { type: "epic.created", epicId: "E-002", goal: "Make the start of the program twice as fast.", isStarting: true },
    { type: "track.started", trackId: trackA },
    { type: "track.started", trackId: trackB },
    { type: "track.prepared", trackId: trackA, branch: `signalbox/${trackA}/track`, baseCommit: "a".repeat(40) },
    ticket("T-001", trackA, "Parse one unit", []),
    ticket("T-002", trackA, "Parse several units", ["T-001"]),
    ticket("T-003", trackA, "Name the wrong character in errors", ["T-001"]),
    ticket("T-004", trackA, "Refuse negative durations", ["T-002", "T-003"]),
    ticket("T-005", trackA, "Export the parser", ["T-004"]),
    ticket("T-006", trackB, "Format seconds", []),
    ticket("T-007", trackB, "Use the format in list", ["T-006"]),
    ticket("T-008", trackB, "Column widths for long durations", []),
    { type: "budget.raised", limit: "runUsd", scopeId: "run", to: 5, gateId: "G-000" },
  ];
}

function finishedTicket(): Fact[] {
  const ref = { ticketId: "T-001", trackId: trackA, attempt: 1 };
  const second = { ...ref, attempt: 2 };
  return [
    ...attempt(ref, "claude-haiku-5-5"),
    check(ref, 1, "error: expect(received).toBe(expected)\n\nExpected: 90\nReceived: 1\n\n 3 pass\n 1 fail\n"),
    {
      type: "diagnosis.recorded",
      ...ref,
      agentId: "A-qa",
      text: "parseDuration ignores the unit: parseInt stops at 'm'. Multiply by the unit's seconds.",
    },
    {
      type: "attempt.failed",
      ...ref,
      cause: "check",
      reason: "The check ended with exit code 1.",
      isFresh: false,
      isFinal: false,
    },
    ...attempt(second, "claude-sonnet-5-5"),
    check(second, 0, " 4 pass\n 0 fail\nRan 4 tests across 1 file.\n"),
    {
      type: "verdict.reported",
      ...second,
      agentId: "A-qa",
      verdict: {
        verdict: "pass",
        diagnosis: "All criteria are met by tests.",
        findings: [{ severity: "low", file: "src/parse-duration.ts", line: 7, note: "An unknown unit counts as 0." }],
      },
    },
    { type: "review.accepted", ...second, agentId: "A-lead" },
    { type: "merge.started", ...second, trackCommit: "a".repeat(40), ticketCommit: "b".repeat(40) },
    { type: "merge.completed", ...second, commit: "c0ffee1".padEnd(40, "0"), treeHash: "d".repeat(40) },
    { type: "ticket.completed", ticketId: "T-001", trackId: trackA, commit: "c0ffee1".padEnd(40, "0") },
  ];
}

function runningTickets(): Fact[] {
  const two = { ticketId: "T-002", trackId: trackA, attempt: 1 };
  const three = { ticketId: "T-003", trackId: trackA, attempt: 1 };
  const six = { ticketId: "T-006", trackId: trackB, attempt: 1 };
  return [
    ...attempt(two, "claude-haiku-5-5"),
    { type: "attempt.started", ...three, model: "claude-haiku-5-5", provider: "default", isFresh: true },
    {
      type: "attempt.prepared",
      ...three,
      worktree: "w",
      branch: "b",
      baseCommit: "a".repeat(40),
      prompt: "T-003",
      context: "",
    },
    ...attempt(six, "claude-haiku-5-5"),
    check(six, 0, " 2 pass\n 0 fail\n"),
    {
      type: "ticket.blocked",
      ticketId: "T-008",
      trackId: trackB,
      reason: "The model refused to go on: the target file does not exist and the ticket does not say to make it.",
    },
  ];
}

function gateFacts(): Fact[] {
  return [
    gate("G-001", "tickets", { trackId: trackB }, "The level is manual.", {
      tickets: [
        {
          key: "format",
          title: "Format seconds",
          description: "Write formatSeconds.",
          target_files: ["src/format.ts"],
          acceptance_criteria: ["5400 prints 1h30m"],
        },
        {
          key: "list",
          title: "Use it in list",
          description: "Use formatSeconds.",
          target_files: ["src/list.ts"],
          depends_on: ["format"],
          acceptance_criteria: ["list prints 1h30m", "Columns line up"],
        },
      ],
    }),
    gate(
      "G-002",
      "command",
      { trackId: trackA, ticketId: "T-002", streamId: streamId("worker", "T-002") },
      "No rule allows this command.",
      {
        command: "bun test test/parse-duration.test.ts --bail",
        cwd: ".signalbox/worktrees/T-002",
      },
    ),
    gate("G-003", "merge", { trackId: trackB, ticketId: "T-006" }, "The level is manual.", {
      ticketId: "T-006",
      title: "Format seconds",
      commit: "e".repeat(40),
      trackCommit: "a".repeat(40),
      diff: sampleDiff,
    }),
    gate(
      "G-004",
      "spawn",
      { trackId: trackA, ticketId: "T-003", streamId: streamId("worker", "T-003") },
      "The level is manual.",
      {
        prompt:
          "You are a worker. Do exactly this ticket.\n\nT-003: Name the wrong character in errors\n\nAcceptance criteria:\n- The error names the character and its place.",
        context: "src/parse-duration.ts\n".repeat(40),
        model: "claude-haiku-5-5",
      },
    ),
    gate("G-005", "write", { trackId: trackA }, "The file is outside the ticket's target files.", {
      path: "src/units.ts",
      content: "export const units = { s: 1, m: 60, h: 3600 } as const;\n",
    }),
    gate("G-006", "land", { trackId: trackB }, "Your branch is only touched by an approved landing.", {
      trackId: trackB,
      title: "Print durations in the CLI",
      branch: "main",
      fromCommit: "a".repeat(40),
      toCommit: "f".repeat(40),
      diffstat:
        " src/format.ts | 22 ++++++++++++++++++++++\n src/list.ts   |  4 ++--\n 2 files changed, 24 insertions(+), 2 deletions(-)",
    }),
  ];
}

function callFacts(): Fact[] {
  return [
    ...call("orchestrator", "E-001", {}, "claude-opus-5-5", 0.412, 18_220, 940),
    ...call("tech_lead", trackA, { trackId: trackA }, "claude-sonnet-5-5", 0.186, 22_410, 2_120),
    ...call(
      "worker",
      "T-001",
      { trackId: trackA, ticketId: "T-001", attempt: 2 },
      "claude-sonnet-5-5",
      0.094,
      41_000,
      3_020,
    ),
    ...call("worker", "T-006", { trackId: trackB, ticketId: "T-006", attempt: 1 }, "local-model", null, 12_000, 800),
    ...call("qa", "T-001", { trackId: trackA, ticketId: "T-001", attempt: 1 }, "claude-haiku-5-5", 0.0018, 1_210, 44),
  ];
}

function sampleStreams(): LiveStream[] {
  const code =
    "I read the test first.\n⏺ read src/parse-duration.ts\n  12 lines\n\nThe pattern must match every unit, so I use matchAll and add up.\n⏺ edit src/parse-duration.ts\n  1 place\n";
  return [
    stream(
      "orchestrator",
      "E-001",
      null,
      null,
      "done",
      null,
      "Three tracks: the parser has no dependency, the printer neither, the manual waits for the parser.\n⏺ propose_tracks (3)\n",
    ),
    stream(
      "orchestrator",
      "E-002",
      null,
      null,
      "running",
      null,
      "Looking at how the program starts.\n⏺ glob src/**/*.ts\n  41 files\n",
    ),
    stream(
      "tech_lead",
      trackA,
      trackA,
      null,
      "running",
      null,
      "The parser splits into units, errors and limits.\n⏺ skeleton src/parse-duration.ts\n",
    ),
    stream("tech_lead", trackB, trackB, null, "waiting", "its proposal waits for you", "⏺ propose_tickets (2)\n"),
    stream("worker", "T-001", trackA, "T-001", "done", null, code),
    stream(
      "worker",
      "T-002",
      trackA,
      "T-002",
      "waiting",
      "wants to run a command",
      `${code.repeat(4)}⏺ bash bun test test/parse-duration.test.ts --bail\n`,
    ),
    stream("worker", "T-006", trackB, "T-006", "done", null, code),
    stream("worker", "T-008", trackB, "T-008", "failed", "the model refused to go on", "I cannot find the file.\n"),
    stream("qa", "T-001", trackA, "T-001", "done", null, "parseDuration ignores the unit: parseInt stops at 'm'.\n"),
  ];
}
