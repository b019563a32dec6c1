/**
 * The scenario that carries the demo's goal through all four tiers. Agents are told apart by the tools that they are
 * offered and by titles in their texts, never by ids or models, so an edited prompt or another order does no harm.
 */
import { delaysTrack } from "./demo-delays.ts";
import { journeysTrack } from "./demo-journeys.ts";
import type { DemoTicket, DemoTrack, DemoWork } from "./demo-track.ts";
import { parseScenario, type Scenario, type ScenarioInput } from "./scenario.ts";

type RuleInput = ScenarioInput["rules"][number];
type ReplyInput = NonNullable<RuleInput["reply"]>;

export interface DemoOptions {
  /** The project's check, which one worker runs by itself. */
  readonly verifyCommand: string;
  /** 1 is a pace that a person can follow; larger is faster; `Infinity` is without any waiting. */
  readonly speed?: number;
}

/** The demo's tracks, in the order in which they are proposed. */
export const demoTracks: readonly DemoTrack[] = [delaysTrack, journeysTrack];

/** The demo's scenario. */
export function demoScenario(options: DemoOptions): Scenario {
  // Dependents first: a worker's message may name what its ticket needs, but never what needs it.
  const tickets = demoTracks.flatMap((track) => track.tickets.toReversed());
  const rules: RuleInput[] = [
    orchestratorRule(),
    ...planSigns.flatMap((sign) => demoTracks.map((track) => planRule(track, sign(track)))),
    ...tickets.map(reviewRule),
    { when: { tool: "accept_ticket" }, reply: acceptance("It does what the ticket asks. Accepted.") },
    ...tickets.map(verdictRule),
    { when: { tool: "report_verdict" }, reply: verdict("The criteria are met and the check is green.") },
    ...tickets.flatMap(diagnosisRules),
    otherDiagnosisRule,
    ...tickets.flatMap((ticket) => workerRules(ticket, ticket.title, options.verifyCommand)),
    ...tickets.flatMap((ticket) => workerRules(ticket, testFile(ticket), options.verifyCommand)),
    otherWorkerRule,
  ];
  return parseScenario({ name: "demo", defaults: pace(options.speed ?? 1), rules }, "the demo's scenario");
}

function pace(speed: number): ScenarioInput["defaults"] {
  if (!Number.isFinite(speed)) return {};
  return { latencyMs: Math.round(450 / speed), tokensPerSecond: 220 * speed, chunkChars: 12 };
}

function orchestratorRule(): RuleInput {
  const look: ReplyInput = {
    text: "First the product and how its source is laid out.",
    toolUse: [
      { name: "read", input: { file_path: "conductor/product.md" } },
      { name: "glob", input: { pattern: "src/**/*.ts" } },
    ],
  };
  const propose: ReplyInput = {
    thinking:
      "Delays change what the board shows. Journeys are a new question to the same timetable. They share no file that either would write, so they can run side by side.",
    text: "Two tracks that can run side by side: one makes the board live, the other answers journeys. They touch different files.",
    toolUse: [
      {
        name: "propose_tracks",
        input: {
          tracks: demoTracks.map((track) => ({
            key: track.key,
            title: track.title,
            goal: track.goal,
            acceptance_criteria: [...track.criteria],
            modules: [...track.modules],
            type: "feature",
          })),
          rationale: "The tracks write different files, so neither has to wait for the other.",
        },
      },
    ],
  };
  return { name: "tracks", when: { role: "orchestrator" }, replies: [look, propose] };
}

/**
 * How a tech lead's track is told, best first: other tracks may be listed by title and goal in its message, so the heading
 * and the criteria come first; a person may have edited any one of them.
 */
const planSigns: readonly ((track: DemoTrack) => string)[] = [
  (track) => `/# Track [^\\n]*${track.title}/`,
  (track) => `/## Goal\\s+${track.goal}/`,
  (track) => track.criteria[0] ?? track.title,
  (track) => track.title,
];

function planRule(track: DemoTrack, sign: string): RuleInput {
  const look: ReplyInput = {
    text: "Let me look at the modules that this track touches.",
    toolUse: track.modules.map((path) => ({ name: "skeleton", input: { file_path: path } })),
  };
  const startCount = track.tickets.filter((ticket) => ticket.needs.length === 0).length;
  const propose: ReplyInput = {
    thinking: track.thinking,
    text: `${track.tickets.length} tickets; the first ${startCount} can start at once.`,
    toolUse: [{ name: "propose_tickets", input: { tickets: track.tickets.map(ticketProposal) } }],
  };
  return { when: { tool: "propose_tickets", firstText: sign }, replies: [look, propose] };
}

function ticketProposal(ticket: DemoTicket) {
  return {
    key: ticket.key,
    title: ticket.title,
    description: ticket.description,
    target_files: [...ticket.targets],
    context_files: [...ticket.context],
    depends_on: [...ticket.needs],
    acceptance_criteria: [...ticket.criteria],
    phase: ticket.phase,
  };
}

function reviewRule(ticket: DemoTicket): RuleInput {
  return { when: { tool: "accept_ticket", text: ticket.title }, reply: acceptance(ticket.review) };
}

function acceptance(text: string): ReplyInput {
  return { text, toolUse: [{ name: "accept_ticket", input: {} }] };
}

function verdictRule(ticket: DemoTicket): RuleInput {
  return { when: { tool: "report_verdict", text: ticket.title }, reply: verdict(ticket.verdict) };
}

function verdict(diagnosis: string): ReplyInput {
  return { toolUse: [{ name: "report_verdict", input: { verdict: "pass", diagnosis, findings: [] } }] };
}

function diagnosisRules(ticket: DemoTicket): RuleInput[] {
  const { failure } = ticket;
  if (!failure) return [];
  return [
    { name: diagnosisName(ticket), when: { tool: null, text: failure.sign }, reply: { text: failure.diagnosis } },
  ];
}

const diagnosisName = (ticket: DemoTicket) => `diagnosis of ${ticket.key}`;

const otherDiagnosisRule: RuleInput = {
  when: { tool: null, text: "/(?:\\(fail\\)|error:) ([^\\n[]+)/" },
  reply: {
    text: "The check stops at: {{match.1}}. The cause is in the files of this ticket, not in the check itself.",
  },
};

/** What still tells a ticket when a person has edited its title away. */
function testFile(ticket: DemoTicket): string {
  return ticket.targets.find((path) => path.startsWith("test/")) ?? ticket.title;
}

/** A ticket that fails first has three rules: told by the diagnosis in its prompt, before any diagnosis, and after it. */
function workerRules(ticket: DemoTicket, sign: string, verifyCommand: string): RuleInput[] {
  const rule = (firstText: string, work: DemoWork, more: RuleInput["when"] = {}): RuleInput => ({
    when: { role: "worker", firstText, ...more },
    replies: workReplies(work, verifyCommand),
  });
  if (!ticket.failure) return [rule(sign, ticket)];
  return [
    rule(ticket.failure.phrase, ticket.failure),
    rule(sign, ticket, { until: diagnosisName(ticket) }),
    rule(sign, ticket.failure),
  ];
}

function workReplies(work: DemoWork, verifyCommand: string): ReplyInput[] {
  const reads = work.reads.map((path) => ({ name: "read", input: { file_path: path } }));
  const command = work.command === "verify" ? verifyCommand : work.command;
  const isCheck = work.command === "verify";
  return [
    { text: work.opening, toolUse: reads },
    ...work.steps.map((step) => ({ text: step.text, toolUse: step.calls.map(({ name, input }) => ({ name, input })) })),
    ...(command === undefined
      ? []
      : [
          {
            text: isCheck ? "Let me run the tests before I hand this over." : "A last look at what changed.",
            toolUse: [{ name: "bash", input: { command } }],
          },
        ]),
    { text: work.closing },
  ];
}

const otherWorkerRule: RuleInput = {
  when: { role: "worker" },
  reply: { text: "[simulator] This ticket is not part of the demo, so there is nothing that I can write for it." },
};
