/** What a ticket's page tells from the log: evidence of checks, prompts on their way, turns with results, diffs, costs that add up. */
import { expect, test } from "bun:test";
import type { Event, Fact } from "../../src/domain/event.ts";
import type { Json } from "../../src/domain/gate.ts";
import { emptyState } from "../../src/domain/state.ts";
import { eventText } from "../../src/projections/event-text.ts";
import { ticketEvidence } from "../../src/projections/ticket-evidence.ts";
import { diffFiles } from "../../src/projections/view-diff.ts";
import { ticketDetail } from "../../src/projections/view-ticket.ts";
import { transcript, turnsOfPage } from "../../src/projections/view-transcript.ts";
import { known, Story } from "../support/given.ts";
import { check, gate } from "../support/sample-builders.ts";
import { callFacts, planFacts, trackId } from "../support/sample-facts.ts";

const agentId = "A-1";
const ref = { ticketId: "T-001", trackId, attempt: 1 };
const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
const [started] = callFacts({ role: "worker", agentId, callId: "none" });
const begun: Fact[] = [
  { type: "attempt.started", ...ref, model: "m", provider: "default", isFresh: true },
  ...(started ? [started] : []),
];

/** A turn with this answer, asked with these messages. */
function turn(number: number, content: Json[], messages: Json[] = []): Fact[] {
  const call = { callId: `C-${number}`, agentId, streamId: "Tier 3 (Worker): T-001", turn: number };
  return [
    {
      type: "call.started",
      ...call,
      tries: 1,
      model: "m",
      provider: "default",
      messages,
      tools: [],
      reservedInputTokens: 1,
      reservedOutputTokens: 1,
      reservedUsd: null,
    },
    {
      type: "call.settled",
      ...call,
      content,
      stopReason: "end_turn",
      usage,
      costUsd: 0.5,
      durationMs: 7,
      firstByteMs: 1,
    },
  ];
}

function use(id: string, name: string, input: Json): Json {
  return { type: "tool_use", id, name, input };
}

function result(id: string, content: Json, isError = false): Json {
  return {
    role: "user",
    content: [{ type: "tool_result", tool_use_id: id, content, ...(isError && { is_error: true }) }],
  };
}

function told(...facts: readonly Fact[]): Story {
  return new Story().write(...planFacts(), ...begun, ...facts);
}

function turnsOf(events: readonly Event[], before: string | null = null) {
  return transcript(events, new Set([agentId]), before);
}

test("a check names the last edit before it, and where its event stands", () => {
  const story = told(
    ...turn(1, [
      use("a", "write", { file_path: "src/a.ts", content: "" }),
      use("b", "read", { file_path: "src/b.ts" }),
    ]),
    ...turn(2, [use("c", "edit", { file_path: "src/c.ts" })]),
    check(ref, 1, "red"),
    ...turn(3, [use("d", "edit", { file_path: "src/d.ts" })]),
  );
  const [seen] = ticketEvidence(story.state, story.events).get(1)?.checks ?? [];
  expect(seen?.afterEdit).toEqual({ path: "src/c.ts", turn: 2, at: story.all("call.settled")[1]?.at ?? "" });
  expect(seen).toMatchObject({ exitCode: 1, sandbox: null, position: story.last("check.completed").position });
});

test("a prompt is told as proposed, as a person edited it, and as it was sent", () => {
  const payload = { prompt: "Do it.", context: "", model: "m" };
  const opened = gate("G-1", "spawn", { ...ref }, "Asks.", payload);
  const approved: Fact = {
    type: "gate.approved",
    gateId: "G-1",
    kind: "spawn",
    payload: { ...payload, prompt: "Do it well." },
    payloadHash: "h",
    isEdited: true,
    by: "person",
  };
  const story = told(opened, approved);
  const { prompt } = known(ticketEvidence(story.state, story.events).get(1), "evidence");
  expect(prompt.proposed).toBe("Do it.");
  expect(prompt.edited).toMatchObject({ text: "Do it well.", by: "person" });
  expect(prompt.edited?.differences[0]?.parts.find(({ kind }) => kind === "added")?.text).toBe(" well");
  expect(prompt).toMatchObject({ sent: "Do it.", system: "You work." });
  const plain = told(opened, { ...approved, isEdited: false, payload });
  expect(ticketEvidence(plain.state, plain.events).get(1)?.prompt.edited).toBeNull();
});

test("a turn has its thinking, its text and each call with the result that the next request brings", () => {
  const command = { toolCallId: "A-1/1/1", agentId, trackId, ticketId: "T-001" };
  const asked = [
    { type: "thinking", thinking: "Hm.", signature: "s" },
    { type: "text", text: "I look." },
    use("x", "read", { file_path: "a.ts" }),
    use("y", "bash", { command: "bun  test" }),
  ];
  const results = {
    role: "user",
    content: [result("x", "no file", true), result("y", [{ type: "text", text: "1 pass" }])].flatMap(contentOf),
  };
  const words = { role: "user", content: [{ type: "text", text: "Nothing new came." }] };
  const story = told(
    ...turn(1, asked),
    {
      type: "command.started",
      ...command,
      command: "bun test",
      cwd: ".",
      timeoutMs: 1,
      allowedBy: "r",
      isEdited: false,
    },
    { type: "command.completed", ...command, exitCode: 3, isTimedOut: false, durationMs: 40, output: "1 pass" },
    ...turn(2, [{ type: "text", text: "Done." }], [results, words]),
  );
  const { turns, turnCount, before } = turnsOf(story.events);
  expect({ turnCount, before }).toEqual({ turnCount: 2, before: null });
  expect(turns[0]).toMatchObject({ turn: 1, tokens: 19, costUsd: 0.5, failure: null });
  const position = story.all("call.started")[1]?.position;
  expect(turns[0]?.entries).toMatchObject([
    { kind: "thinking", text: "Hm." },
    { kind: "text", text: "I look." },
    { kind: "tool", name: "read", subject: "a.ts", result: "no file", isError: true, exitCode: null, position },
    { kind: "tool", name: "bash", subject: "bun test", result: "1 pass", isError: false, exitCode: 3, durationMs: 40 },
  ]);
  expect(turns[1]?.entries).toEqual([
    { kind: "told", text: "Nothing new came." },
    { kind: "text", text: "Done." },
  ]);
  expect(eventText(known(story.events[(position ?? 0) - 1], "event"))?.parts.map(({ text }) => text)).toEqual([
    "no file",
    "1 pass",
    "Nothing new came.",
  ]);
});

function contentOf(message: Json): Json[] {
  const isRecord = typeof message === "object" && message !== null && !Array.isArray(message);
  return isRecord && Array.isArray(message.content) ? message.content : [];
}

test("two calls with one name of the model's get each its own result", () => {
  const story = told(
    ...turn(1, [use("same", "read", { file_path: "a" })]),
    ...turn(2, [use("same", "read", { file_path: "b" })], [result("same", "first")]),
    ...turn(3, [], [result("same", "second")]),
  );
  const results = turnsOf(story.events).turns.flatMap(({ entries }) =>
    entries.map((entry) => ("result" in entry ? entry.result : "")),
  );
  expect(results).toEqual(["first", "second"]);
});

test("long histories page backwards: every turn is on exactly one page", () => {
  const count = 2 * turnsOfPage + 3;
  const story = told(...Array.from({ length: count }, (_, index) => turn(index + 1, [])).flat());
  const seen: number[] = [];
  let before: string | null = null;
  do {
    const page = turnsOf(story.events, before);
    seen.unshift(...page.turns.map((one) => one.turn));
    before = page.before;
  } while (before !== null);
  expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test("costs by attempt sum to the ticket's, with what belongs to no attempt apart", () => {
  const story = told(...turn(1, []), ...turn(2, []));
  const detail = ticketDetail(story.state, story.ticket("T-001"), story.events);
  expect(detail.costs).toMatchObject([{ attempt: 1, callCount: 2, costUsd: 1, inputTokens: 20, outputTokens: 4 }]);
  expect(detail.totalCost).toMatchObject({ attempt: null, callCount: 2, costUsd: 1, cacheWriteTokens: 8 });
  expect(detail.totalCost.costUsd).toBe(detail.costUsd);
});

test("a diff is read file by file: renamed, binary, modes, counts; only the first lines stand open", () => {
  const big = Array.from({ length: 400 }, (_, index) => `+line ${index}`).join("\n");
  const diff = `diff --git a/old.ts b/new.ts
similarity index 90%
rename from old.ts
rename to new.ts
@@ -1,2 +1,2 @@
 same
-gone
+--- come
diff --git a/p.png b/p.png
new file mode 100644
Binary files /dev/null and b/p.png differ
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/big.txt b/big.txt
--- a/big.txt
+++ b/big.txt
@@ -0,0 +1,400 @@
${big}
[the diff goes on]
`;
  const { files, added, removed, isCut } = diffFiles(diff, "1");
  expect(files.map(({ path, notes, isOpen }) => [path, notes.join(), isOpen])).toEqual([
    ["new.ts", "renamed from old.ts", true],
    ["p.png", "new file,binary", true],
    ["run.sh", "mode 100755", true],
    ["big.txt", "", false],
  ]);
  expect({ added, removed, isCut }).toEqual({ added: 401, removed: 1, isCut: true });
  expect(files[0]?.hunks[0]?.map(({ mark, line }) => `${mark}${line}`)).toEqual([" 1", "-2", "+2"]);
  expect(new Set(files.map(({ elementId }) => elementId)).size).toBe(4);
});

test("an empty log has no evidence", () => {
  expect(ticketEvidence(emptyState(), []).size).toBe(0);
});
