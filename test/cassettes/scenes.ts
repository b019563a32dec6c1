/** The runs of the cassettes in this folder: what the simulator plays in each, and how a person answers. */
import { join } from "node:path";
import { z } from "zod";
import { runCli } from "../../src/cli/run-cli.ts";
import type { FaultKind } from "../../src/simulator/fault.ts";
import type { Reply, Rule, ScenarioInput } from "../../src/simulator/scenario.ts";
import type { TestWorld } from "../support/cli-world.ts";

export interface Scene {
  readonly name: string;
  readonly scenario: ScenarioInput;
  /** The level of gates; below `all` every gate is answered, the first `spawn` with an edited prompt. */
  readonly level: "all" | "guarded" | "manual";
  readonly exitCode: 0 | 1;
  /** What the person changes before the first ticket starts (see `steer.ts`). */
  readonly steering?: "plan" | "settings";
}

/** The project of every scene. Its check passes unless a file says otherwise. */
export const sceneFiles: Readonly<Record<string, string>> = {
  "readme.md": "A project of words.\n",
  "check.sh": 'test ! -e bad.txt || { echo "bad.txt:1: a bad word" >&2; exit 1; }\n',
  "conductor/signalbox.toml": `[provider]
stall_s = 1
[tiers.orchestrator]
model = "one"
[tiers.tech_lead]
model = "two"
[tiers.worker]
model = ["three-a", "three-b"]
[tiers.qa]
model = "four"
[workers]
max = 2
retries = 2
[verify]
command = "sh check.sh"
`,
};

/** How a worker is told its word. */
const word = "/Write the word (\\w+)/";

export const sceneGoal = "Write the words.";

interface PlannedTicket {
  readonly key: string;
  readonly dependsOn?: readonly string[];
}

type Tracks = Readonly<Record<string, readonly PlannedTicket[]>>;

/** Answers in which a fault hits one call of a conversation that then goes on. */
const passing: readonly FaultKind[] = [
  "cut",
  "reset",
  "empty",
  "no_stop",
  "malformed_json",
  "html",
  "html_200",
  "error_mid_stream",
  "truncated_tool",
  "unknown_event",
  "no_content",
  "gzip_garbage",
  "deep_json",
  "error_after_content",
  "two_starts",
  "early_end",
  "unknown_reason",
  "no_reason",
  "pause_turn",
  "blank",
  "only_thinking",
  "duplicate_ids",
  "many_calls",
  "unknown_tool",
  "wrong_types",
  "usage_missing",
  "usage_negative",
  "usage_text",
  "usage_huge",
  "usage_late",
];
/** Faults that take time: silences. */
const slow: readonly FaultKind[] = ["hang", "stall", "slow_loris", "pings"];
/** Too much of an answer. */
const large: readonly FaultKind[] = ["endless", "huge_text"];
/** Faults that end an attempt. */
const fatal: readonly (FaultKind | number)[] = ["redirect", "refusal", "context_full", 400, 401, 403, 404, 413];
const passingStatuses = [429, 500, 503, 529];

/** Every fault that the simulator can make, and the statuses that lead elsewhere: all of them are in these scenes. */
export const faults: readonly (FaultKind | number)[] = [...passing, ...slow, ...large, ...passingStatuses, ...fatal];

const turns: Readonly<Record<string, readonly (FaultKind | number)[]>> = {
  odd: passing,
  still: slow,
  vast: large,
  late: passingStatuses,
};

export const scenes: readonly Scene[] = [
  { name: "two-tracks", level: "all", exitCode: 0, scenario: twoTracks() },
  {
    name: "answered-gates",
    level: "manual",
    exitCode: 0,
    scenario: scenario({ alpha: [{ key: "ant" }] }, askedCommand()),
  },
  {
    name: "changed-plan",
    level: "manual",
    exitCode: 0,
    steering: "plan",
    scenario: scenario(
      {
        alpha: [
          { key: "ant" },
          { key: "ape", dependsOn: ["ant"] },
          { key: "asp", dependsOn: ["ape"] },
          { key: "auk", dependsOn: ["asp"] },
        ],
      },
      [],
    ),
  },
  {
    name: "changed-settings",
    level: "manual",
    exitCode: 0,
    steering: "settings",
    scenario: scenario({ alpha: [{ key: "ant" }, { key: "ape", dependsOn: ["ant"] }] }, []),
  },
  {
    name: "retried-ticket",
    level: "all",
    exitCode: 0,
    scenario: scenario({ alpha: [{ key: "shy" }] }, blockedThrice()),
  },
  {
    name: "passing-faults",
    level: "all",
    exitCode: 0,
    scenario: scenario({ alpha: ["bad", ...Object.keys(turns)].map((key) => ({ key })) }, [
      ...redCheck(),
      ...Object.entries(turns).flatMap(([key, kinds]) => turnsOf(key, kinds)),
    ]),
  },
  {
    name: "fatal-faults",
    level: "all",
    exitCode: 1,
    scenario: scenario({ alpha: fatal.map((key) => ({ key: `${key}` })) }, fatalRules()),
  },
];

function twoTracks(): ScenarioInput {
  const tracks: Tracks = {
    alpha: [{ key: "ant" }, { key: "ape" }, { key: "asp", dependsOn: ["ant", "ape"] }],
    beta: [{ key: "bat" }, { key: "bee", dependsOn: ["bat"] }],
  };
  return scenario(tracks, []);
}

/** A scenario in which everything goes well but for what `rules` say first. */
function scenario(tracks: Tracks, rules: readonly Rule[]): ScenarioInput {
  return {
    rules: [
      ...rules,
      rule("plan", { role: "orchestrator" }, proposal(tracks)),
      ...Object.entries(tracks).map(([key, tickets]) =>
        rule(
          `cut ${key}`,
          { role: "tech_lead", tool: "propose_tickets", text: `: Track ${key}` },
          ticketsReply(tickets),
        ),
      ),
      rule("review", { role: "tech_lead" }, call("accept_ticket", {})),
      rule(
        "verdict",
        { tool: "report_verdict" },
        call("report_verdict", { verdict: "pass", diagnosis: "It is there." }),
      ),
      rule("diagnosis", { role: "qa" }, { text: "bad.txt holds a bad word: check.sh refuses it." }),
      rule("write", { role: "worker", firstText: word, turn: 0 }, write("{{match.1}}.txt", "{{match.1}}\n")),
      rule("end", { role: "worker" }, { thinking: "It is there.", text: "Written." }),
    ],
  };
}

/** One turn for each fault, which hits the first try of it; the turns write files, each another. */
function turnsOf(key: string, kinds: readonly (FaultKind | number)[]): Rule[] {
  const when = (turn: number) => ({ role: "worker" as const, firstText: `Write the word ${key}`, turn });
  const rules = kinds.flatMap((fault, turn) => {
    const step = write(`${key}-${turn}.txt`, `${turn}\n`);
    const hit = typeof fault === "number" ? { error: { status: fault } } : { ...step, fault };
    return [{ ...rule(`${fault}`, { ...when(turn), times: 1 }, hit) }, { ...rule(`after ${fault}`, when(turn), step) }];
  });
  return rules;
}

/** Each ticket meets a fault after which it is not tried again. */
function fatalRules(): Rule[] {
  return fatal.map((fault) => {
    const reply = typeof fault === "number" ? { error: { status: fault } } : { text: "I try.", fault };
    return rule(`${fault}`, { role: "worker", firstText: `Write the word ${fault}` }, reply);
  });
}

/** Every attempt of the ticket ends blocked, until a person has it tried again. */
function blockedThrice(): Rule[] {
  return [rule("blocked", { role: "worker", times: 3 }, call("report_blocked", { reason: "I know no such word." }))];
}

/** A command that a person is asked about. */
function askedCommand(): Rule[] {
  return [rule("count", { role: "worker", turn: 1 }, call("bash", { command: "wc -c ant.txt; pwd" }))];
}

function redCheck(): Rule[] {
  return [
    rule("bad", { role: "worker", firstText: "Write the word bad", turn: 0, times: 1 }, write("bad.txt", "bad\n")),
    rule(
      "mend",
      { role: "worker", turn: 0, firstText: "/word bad[\\s\\S]*This is attempt 2/" },
      call("bash", { command: "rm bad.txt; echo good > good.txt; sleep 0.01; date" }),
    ),
  ];
}

function rule(name: string, when: Rule["when"], reply: Reply): Rule {
  return { name, when, reply };
}

function call(
  name: string,
  input: Record<string, never> | NonNullable<NonNullable<Reply["toolUse"]>[number]["input"]>,
): Reply {
  return { toolUse: [{ name, input }] };
}

function write(path: string, content: string): Reply {
  return { text: "I write.", ...call("write", { file_path: path, content }) };
}

function proposal(tracks: Tracks): Reply {
  const list = Object.keys(tracks).map((key) => ({
    key,
    title: `Track ${key}`,
    goal: `Have the words of ${key}.`,
    acceptance_criteria: ["The words are there."],
  }));
  return call("propose_tracks", { tracks: list });
}

function ticketsReply(tickets: readonly PlannedTicket[]): Reply {
  const list = tickets.map(({ key, dependsOn = [] }) => ({
    key,
    title: `Write the word ${key}`,
    description: `Write the word ${key} into its file.`,
    target_files: [`${key}*.txt`, "good.txt"],
    acceptance_criteria: ["The file is there."],
    depends_on: [...dependsOn],
  }));
  return call("propose_tickets", { tickets: list });
}

/** Answers every open gate as a person does on the command line: the first prompt is edited, all else is taken as it is. */
export async function answerGates(project: readonly string[], world: TestWorld): Promise<void> {
  world.said.out = "";
  await runCli(["gates", "--json", ...project], world);
  for (const gate of OpenGates.parse(JSON.parse(world.said.out))) {
    const edited = gate.kind === "spawn" ? { payload: editedPrompt(gate.payload) } : null;
    const path = join(world.cwd, "payload.json");
    if (edited) await Bun.write(path, JSON.stringify(edited.payload));
    const payload = edited ? ["--payload", path] : [];
    await runCli(["gates", "approve", gate.gateId, ...payload, ...project], world);
  }
}

const OpenGates = z.array(z.object({ gateId: z.string(), kind: z.string(), payload: z.record(z.string(), z.json()) }));

function editedPrompt(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...payload, prompt: `${payload.prompt}\n\nKeep it short.` };
}
