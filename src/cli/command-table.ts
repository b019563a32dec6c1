/** Every command: its words in help, its options, how many arguments it takes, and the file that runs it (loaded only then). */
import type { OptionName, OptionValues } from "./option-table.ts";
import type { Project } from "./project.ts";
import type { World } from "./world.ts";

/** One call of a command, parsed. */
export interface Invocation {
  readonly command: string;
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  /** The project, where it was asked for while the command was loaded. */
  readonly project?: Promise<Project>;
}

/** Runs one call and gives the exit code; failures are thrown as `CliError`. */
export type RunCommand = (invocation: Invocation, world: World) => Promise<number>;

export interface CommandSpec {
  /** The arguments as help shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  readonly options: readonly OptionName[];
  readonly arity: readonly [least: number, most: number];
  /** Whether it works on a project with a commit: git is asked for that while the command's code is loaded. */
  readonly isWorking?: boolean;
  load(): Promise<RunCommand>;
}

const page = ["port", "host", "plain-host", "no-open"] as const;
const safety = ["trust", "unsafe-no-sandbox"] as const;
const running = ["approve", "workers", "max-usd", "land", "serve", ...safety, ...page] as const;

const leverDetails = "Goes through the running server when there is one, and works on the log when there is none.";

export const commandTable: Readonly<Record<string, CommandSpec>> = {
  serve: {
    usage: "",
    summary: "serve the web page and print its address (also without a command)",
    details: "Continues what a crash left. The default port is 4747.",
    options: [...page, ...safety],
    arity: [0, 0],
    isWorking: true,
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  init: {
    usage: "",
    summary: "set conductor/ up for this project; never overwrites a file",
    options: ["yes"],
    arity: [0, 0],
    load: async () => (await import("./commands/init.ts")).init,
  },
  plan: {
    usage: '"GOAL"',
    summary: "propose tracks for a goal, and write the approved ones under conductor/tracks/",
    options: ["approve", "max-usd", ...safety],
    arity: [1, 1],
    isWorking: true,
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  run: {
    usage: "[TRACK ...]",
    summary: "carry tracks, or a goal, to merged code",
    details:
      "Without a track: every track under conductor/tracks/ that is not finished. With --epic: plan, then every track.",
    options: ["epic", ...running],
    arity: [0, 1_000],
    isWorking: true,
    load: async () => (await import("./commands/run.ts")).run,
  },
  resume: {
    usage: "",
    summary: "continue what was unfinished",
    options: running,
    arity: [0, 0],
    isWorking: true,
    load: async () => (await import("./commands/resume.ts")).resume,
  },
  status: {
    usage: "",
    summary: "tracks, tickets, open gates, spend",
    options: [],
    arity: [0, 0],
    load: async () => (await import("./commands/status.ts")).status,
  },
  gates: {
    usage: "[approve ID [--payload FILE|-] | decline ID --reason TEXT]",
    summary: "list the open gates, approve or decline one",
    details: leverDetails,
    options: ["payload", "reason"],
    arity: [0, 2],
    load: async () => (await import("./commands/gates.ts")).gates,
  },
  pause: {
    usage: "",
    summary: "start nothing new until unpause",
    details: leverDetails,
    options: [],
    arity: [0, 0],
    load: async () => (await import("./commands/pause.ts")).pause,
  },
  unpause: {
    usage: "",
    summary: "go on after pause",
    details: leverDetails,
    options: [],
    arity: [0, 0],
    load: async () => (await import("./commands/unpause.ts")).unpause,
  },
  cancel: {
    usage: "TICKET",
    summary: "give a ticket up; what depends on it is blocked",
    details: leverDetails,
    options: ["reason"],
    arity: [1, 1],
    load: async () => (await import("./commands/cancel.ts")).cancel,
  },
  retry: {
    usage: "TICKET",
    summary: "try a blocked or cancelled ticket again",
    details: leverDetails,
    options: [],
    arity: [1, 1],
    load: async () => (await import("./commands/retry.ts")).retry,
  },
  skip: {
    usage: "TICKET",
    summary: "say that a ticket is not needed; what depends on it goes on",
    details: leverDetails,
    options: ["reason"],
    arity: [1, 1],
    load: async () => (await import("./commands/skip.ts")).skip,
  },
  log: {
    usage: "",
    summary: "the event log",
    options: ["follow", "since", "type"],
    arity: [0, 0],
    load: async () => (await import("./commands/log.ts")).log,
  },
  export: {
    usage: "FILE",
    summary: "write the event log to a new file, one JSON event a line",
    details:
      "Of a damaged log: every event before the first that cannot be trusted. The last line says where it ends, and why.",
    options: [],
    arity: [1, 1],
    load: async () => (await import("./commands/export.ts")).exportLog,
  },
  comms: {
    usage: "",
    summary: "the traffic with the provider",
    options: ["stream", "full"],
    arity: [0, 0],
    load: async () => (await import("./commands/comms.ts")).comms,
  },
  usage: {
    usage: "",
    summary: "tokens and money by tier, model, track, ticket and attempt",
    options: [],
    arity: [0, 0],
    load: async () => (await import("./commands/usage.ts")).usage,
  },
  context: {
    usage: "STREAM",
    summary: "what that agent's next request holds, part by part",
    options: [],
    arity: [1, 1],
    load: async () => (await import("./commands/context.ts")).context,
  },
  simulate: {
    usage: "",
    summary: "serve the simulator: a Messages API on loopback",
    details: `SPEC: KIND[:COUNT][:KEY=VALUE]..., several with commas. KIND is an HTTP status (400 to 599), slow:TOKENS_A_SECOND,
latency:MS, limit:REQUESTS:per=SECONDS, or one of
  hang stall pings slow_loris cut reset empty no_content no_stop
  html html_200 redirect gzip_garbage malformed_json deep_json error_mid_stream error_after_content two_starts unknown_event
  endless huge_text
  truncated_tool early_end unknown_reason no_reason refusal pause_turn context_full blank only_thinking duplicate_ids
  many_calls unknown_tool wrong_types usage_missing usage_negative usage_text usage_huge usage_late
COUNT: how many requests it hits, 1 unless told, * for all. KEY: retry-after (a number, date+SECONDS, garbage), after (requests
to let by), model (a part of its name), times, per.
Requests that nothing answers are named on stderr. --follow shows every request, with --json --full all that it holds.`,
    options: ["port", "scenario", "cassette", "fault", "follow", "full"],
    arity: [0, 0],
    load: async () => (await import("./commands/simulate.ts")).simulate,
  },
  demo: {
    usage: "",
    summary: "take a sample repository through all four tiers: no key, no network",
    options: ["headless", "keep", ...page],
    arity: [0, 0],
    load: async () => (await import("./commands/demo.ts")).demo,
  },
  url: {
    usage: "",
    summary: "print a fresh one-time address of the running server",
    options: [],
    arity: [0, 0],
    load: async () => (await import("./commands/url.ts")).url,
  },
  doctor: {
    usage: "",
    summary: "check git, sandbox, config, keys and endpoints; say how to mend what is missing",
    options: ["trust", "unsafe-no-sandbox", "port"],
    arity: [0, 0],
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  record: {
    usage: "CASSETTE [TRACK ...]",
    summary: "run, and keep the traffic with the models in a file",
    details:
      "Runs what run would. With nothing left to run it writes what the log holds. An interrupted recording goes on with resume.",
    options: ["epic", "force", ...running],
    arity: [1, 1_000],
    load: async () => (await import("./commands/record.ts")).record,
  },
  replay: {
    usage: "CASSETTE",
    summary: "play a recorded run again: no network, no key, no money",
    details: `In this project while it has no log and stands where the recording began, else in a temporary clone.
The check, rules for commands and the sandbox are this project's own; what a person decided in the recording is decided again.`,
    options: ["on-miss", "land", "keep", "approve", "max-usd", ...safety],
    arity: [1, 1],
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  fork: {
    usage: "CASSETTE --from PLACE",
    summary: "play a recorded run up to a place, and go another way from there",
    details: `In a clone, which stays. What the cassette holds costs nothing; what is asked anew goes to the real endpoint.
PLACE: a ticket (with --prompt, --model), a track or the goal's id (with --plan: what propose_tickets or propose_tracks takes),
or STREAM:TURN, such as "Tier 3 (Worker): T-001:2".`,
    options: ["from", "prompt", "model", "plan", "max-usd", ...safety],
    arity: [1, 1],
    load: async () => (await import("./commands/fork.ts")).fork,
  },
};
