/**
 * The demo's sample repository as it is before the goal: a small library that prints a station's departures, with tests
 * that pass, and its conductor documents. Plain TypeScript without dependencies, so that Bun alone runs it.
 */

/** What the person types into the goal box of the demo. */
export const demoGoal =
  "Make the station board live: show delays and cancellations on it, and let travellers ask for the fastest journey.";

const time = String.raw`/** Minutes after midnight of a time such as "08:05". */
export function parseTime(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (!match) throw new Error('"' + text + '" is not a time such as 08:05');
  return Number(match[1]) * 60 + Number(match[2]);
}

/** The time, such as "08:05", of a number of minutes after midnight. */
export function formatTime(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return String(hours).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
}
`;

const timetable = String.raw`import { parseTime } from "./time.ts";

export interface Stop {
  station: string;
  /** Minutes after midnight. */
  time: number;
}

export interface Train {
  name: string;
  platform: string;
  stops: Stop[];
}

/** Reads a timetable: a line "IC 204, platform 1" for each train, then its stops, such as "  06:50 Harbour". */
export function parseTimetable(text: string): Train[] {
  const trains: Train[] = [];
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) {
    const head = /^(\S.*), platform (\S+)$/.exec(line);
    const stop = /^\s+(\d\d:\d\d) (.+)$/.exec(line);
    if (head) trains.push({ name: head[1]!, platform: head[2]!, stops: [] });
    else if (stop && trains.length > 0) trains.at(-1)!.stops.push({ station: stop[2]!, time: parseTime(stop[1]!) });
    else throw new Error('Cannot read the timetable line "' + line + '"');
  }
  return trains;
}
`;

const board = String.raw`import { formatTime } from "./time.ts";
import type { Train } from "./timetable.ts";

/** The departures of a station as planned, one line each, earliest first. */
export function board(trains: Train[], station: string): string {
  const departures = trains.flatMap((train) => {
    const stop = train.stops.slice(0, -1).find((stop) => stop.station === station);
    return stop ? [{ train, time: stop.time }] : [];
  });
  departures.sort((a, b) => a.time - b.time);
  return departures
    .map(({ train, time }) => formatTime(time) + "  " + train.name + "  to " + train.stops.at(-1)!.station)
    .join("\n");
}
`;

const main = `import { board } from "./board.ts";
import { parseTimetable } from "./timetable.ts";

const station = process.argv[2] ?? "Riverside";
const timetable = await Bun.file(new URL("../data/timetable.txt", import.meta.url)).text();
console.log(board(parseTimetable(timetable), station));
`;

const timeTest = `import { expect, test } from "bun:test";
import { formatTime, parseTime } from "../src/time.ts";

test("reads and writes a time", () => {
  expect(parseTime("08:05")).toBe(485);
  expect(formatTime(485)).toBe("08:05");
});

test("refuses what is no time", () => {
  expect(() => parseTime("24:00")).toThrow("is not a time");
});
`;

const timetableTest = String.raw`import { expect, test } from "bun:test";
import { parseTimetable } from "../src/timetable.ts";

test("reads trains and their stops", () => {
  const [train] = parseTimetable("IC 204, platform 1\n  06:50 Harbour\n  07:20 Riverside\n");
  expect(train).toEqual({
    name: "IC 204",
    platform: "1",
    stops: [
      { station: "Harbour", time: 410 },
      { station: "Riverside", time: 440 },
    ],
  });
});

test("names the line that it cannot read", () => {
  expect(() => parseTimetable("nonsense")).toThrow('"nonsense"');
});
`;

const boardTest = String.raw`import { expect, test } from "bun:test";
import { board } from "../src/board.ts";
import { parseTimetable } from "../src/timetable.ts";

const trains = parseTimetable(
  "IC 204, platform 1\n  07:20 Riverside\n  08:05 Summit\n" + "RB 9, platform 2\n  07:05 Riverside\n  07:40 Mill Lane\n",
);

test("lists departures, earliest first", () => {
  expect(board(trains, "Riverside")).toBe("07:05  RB 9  to Mill Lane\n07:20  IC 204  to Summit");
});

test("does not list a train at its last stop", () => {
  expect(board(trains, "Summit")).toBe("");
});
`;

const data = `IC 204, platform 1
  06:50 Harbour
  07:20 Riverside
  08:05 Summit
RB 9, platform 2
  07:05 Riverside
  07:22 Old Quarry
  07:40 Mill Lane
RB 11, platform 3
  07:52 Mill Lane
  08:10 Lakeside
  08:30 Summit
IC 310, platform 1
  07:31 Riverside
  08:02 Lakeside
  08:40 Border
NX 1, platform 4
  23:50 Riverside
  00:45 Summit
`;

const delays = `# Live messages of the control centre: train, minutes late or "cancelled", reason.
IC 204 +12 signal failure at Harbour
RB 9 cancelled driver unavailable
NX 1 +20 waiting for connection
`;

/** The files of the sample repository by path; `verifyCommand` is the check that the engine runs in it. */
export function demoFiles(verifyCommand: string): Record<string, string> {
  return {
    ".gitignore": "node_modules/\n",
    "README.md": "# Departures\n\nPrints a station's departures: `bun src/main.ts Riverside`. Tests: `bun test`.\n",
    "package.json": `${JSON.stringify({ name: "departures", private: true, type: "module", scripts: { test: "bun test" } }, null, 2)}\n`,
    "data/timetable.txt": data,
    "data/delays.txt": delays,
    "src/time.ts": time,
    "src/timetable.ts": timetable,
    "src/board.ts": board,
    "src/main.ts": main,
    "test/time.test.ts": timeTest,
    "test/timetable.test.ts": timetableTest,
    "test/board.test.ts": boardTest,
    ...conductorFiles(verifyCommand),
  };
}

function conductorFiles(verifyCommand: string): Record<string, string> {
  return {
    "conductor/product.md":
      "# Product\n\nDepartures tells travellers at a small station what leaves when. It reads a timetable and prints a board.\n",
    "conductor/product-guidelines.md":
      "# Product guidelines\n\nSay what happens to the traveller's train in words a traveller uses. Never hide a cancelled train.\n",
    "conductor/tech-stack.md":
      "# Tech stack\n\nTypeScript on Bun, no dependencies. Tests with `bun test`, one test file for each source file.\n",
    "conductor/workflow.md":
      "# Workflow\n\nEvery ticket comes with its tests. The check must be green before a ticket is merged.\n",
    "conductor/tracks.md": "# Project Tracks\n\nThis file tracks all major tracks for the project.\n",
    "conductor/signalbox.toml": settings(verifyCommand),
  };
}

function settings(verifyCommand: string): string {
  return `# The demo's settings. Its models are played by the simulator; their prices are made up.
[tiers.orchestrator]
model = "sim-opus"
[tiers.tech_lead]
model = "sim-sonnet"
[tiers.worker]
model = ["sim-haiku", "sim-sonnet"]
[tiers.qa]
model = "sim-haiku"

[workers]
max = 4
[verify]
command = ${JSON.stringify(verifyCommand)}
timeout_s = 60
[gates]
allow = ["git status *", "git diff *"]

${price("sim-opus", 5)}
${price("sim-sonnet", 3)}
${price("sim-haiku", 1)}`;
}

function price(model: string, input: number): string {
  return `[prices."${model}"]
input = ${input.toFixed(1)}
output = ${(input * 5).toFixed(1)}
cache_read = ${(input / 10).toFixed(2)}
cache_write = ${(input * 1.25).toFixed(2)}
`;
}
