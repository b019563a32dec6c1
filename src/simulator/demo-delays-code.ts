/** The code that the workers of the demo's delays track write. It is real: the check runs it. */

const delay = String.raw`/** What the control centre says about a train. */
export interface Delay {
  train: string;
  /** Minutes late; null when the train is cancelled. */
  minutes: number | null;
  reason: string;
}

/** Reads live messages, such as "IC 204 +12 signal failure" or "RB 9 cancelled". Lines that start with # are notes. */
export function parseDelays(text: string): Delay[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(parseDelay);
}

function parseDelay(line: string): Delay {
  const match = /^(.+?) (?:\+(\d+)|cancelled)(?: (.+))?$/.exec(line.trim());
  if (!match) throw new Error('Cannot read the message "' + line + '"');
  return { train: match[1]!, minutes: match[2] === undefined ? null : Number(match[2]), reason: match[3] ?? "" };
}
`;

const delayTest = String.raw`import { expect, test } from "bun:test";
import { parseDelays } from "../src/delay.ts";

test("reads minutes and reason", () => {
  expect(parseDelays("IC 204 +12 signal failure\n")).toEqual([
    { train: "IC 204", minutes: 12, reason: "signal failure" },
  ]);
});

test("reads a cancellation, with or without a reason", () => {
  expect(parseDelays("# notes\nRB 9 cancelled\nRB 11 cancelled driver unavailable")).toEqual([
    { train: "RB 9", minutes: null, reason: "" },
    { train: "RB 11", minutes: null, reason: "driver unavailable" },
  ]);
});

test("names the message that it cannot read", () => {
  expect(() => parseDelays("IC 204 late")).toThrow('"IC 204 late"');
});
`;

const live = (expected: string) => `import type { Delay } from "./delay.ts";
import type { Train } from "./timetable.ts";

export interface Departure {
  train: string;
  to: string;
  platform: string;
  /** Minutes after midnight. */
  planned: number;
  /** Minutes after midnight; null when the train is cancelled. */
  expected: number | null;
  reason: string;
}

/** The departures of a station in planned order, each with the time at which it really leaves. */
export function liveDepartures(trains: Train[], station: string, delays: Delay[]): Departure[] {
  const byTrain = new Map(delays.map((delay) => [delay.train, delay]));
  const departures = trains.flatMap((train) => {
    const stop = train.stops.slice(0, -1).find((stop) => stop.station === station);
    if (!stop) return [];
    const delay = byTrain.get(train.name);
    return [
      {
        train: train.name,
        to: train.stops.at(-1)!.station,
        platform: train.platform,
        planned: stop.time,
        expected: expectedTime(stop.time, delay),
        reason: delay?.reason ?? "",
      },
    ];
  });
  return departures.sort((a, b) => a.planned - b.planned);
}

function expectedTime(planned: number, delay: Delay | undefined): number | null {
  if (delay?.minutes === null) return null;
  return ${expected};
}
`;

const wrongSum = "planned + (delay?.minutes ?? 0)";
const rightSum = "(planned + (delay?.minutes ?? 0)) % (24 * 60)";

const liveTest = `import { expect, test } from "bun:test";
import { liveDepartures } from "../src/live.ts";
import { formatTime, parseTime } from "../src/time.ts";

const train = (name: string, time: string) => ({
  name,
  platform: "1",
  stops: [
    { station: "Riverside", time: parseTime(time) },
    { station: "Summit", time: parseTime("12:00") },
  ],
});

test("adds the delay to the planned time", () => {
  const [late] = liveDepartures([train("IC 204", "07:20")], "Riverside", [
    { train: "IC 204", minutes: 12, reason: "signal failure" },
  ]);
  expect(formatTime(late!.expected!)).toBe("07:32");
  expect(late!.reason).toBe("signal failure");
});

test("carries a late train past midnight", () => {
  const [night] = liveDepartures([train("NX 1", "23:50")], "Riverside", [{ train: "NX 1", minutes: 20, reason: "" }]);
  expect(formatTime(night!.expected!)).toBe("00:10");
});

test("keeps a cancelled train, without a time", () => {
  const [gone] = liveDepartures([train("RB 9", "07:05")], "Riverside", [{ train: "RB 9", minutes: null, reason: "" }]);
  expect(gone!.expected).toBeNull();
});
`;

const panel = String.raw`/** Draws rows as a table with a title, each column as wide as its widest cell. */
export function drawPanel(title: string, header: string[], rows: string[][]): string {
  const widths = header.map((cell, at) => Math.max(cell.length, ...rows.map((row) => (row[at] ?? "").length)));
  const line = (cells: string[]) => "│ " + widths.map((width, at) => (cells[at] ?? "").padEnd(width)).join("  ") + " │";
  const inner = line(header).length - 2;
  return [
    "┌─ " + title + " " + "─".repeat(Math.max(0, inner - title.length - 3)) + "┐",
    line(header),
    "├" + "─".repeat(inner) + "┤",
    ...rows.map(line),
    "└" + "─".repeat(inner) + "┘",
  ].join("\n");
}
`;

const panelTest = String.raw`import { expect, test } from "bun:test";
import { drawPanel } from "../src/panel.ts";

test("draws columns of one width", () => {
  expect(drawPanel("Hi", ["Time", "To"], [["07:20", "Summit"]]).split("\n")).toEqual([
    "┌─ Hi ──────────┐",
    "│ Time   To     │",
    "├───────────────┤",
    "│ 07:20  Summit │",
    "└───────────────┘",
  ]);
});

test("every line is equally long", () => {
  const lines = drawPanel("Riverside", ["Time", "Train", "To"], [["07:20", "IC 204", "Summit"], ["07:05"]]).split("\n");
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});
`;

const board = `import type { Delay } from "./delay.ts";
import { type Departure, liveDepartures } from "./live.ts";
import { drawPanel } from "./panel.ts";
import { formatTime } from "./time.ts";
import type { Train } from "./timetable.ts";

/** The live departures of a station as a board. */
export function board(trains: Train[], station: string, delays: Delay[] = []): string {
  const rows = liveDepartures(trains, station, delays).map(boardRow);
  return drawPanel(station, ["Time", "Train", "To", "Plat", "Status"], rows);
}

function boardRow(departure: Departure): string[] {
  return [formatTime(departure.planned), departure.train, departure.to, departure.platform, statusOf(departure)];
}

function statusOf({ planned, expected, reason }: Departure): string {
  if (expected === planned) return "on time";
  const status = expected === null ? "cancelled" : "expected " + formatTime(expected);
  return reason === "" ? status : status + " (" + reason + ")";
}
`;

const boardTest = String.raw`import { expect, test } from "bun:test";
import { board } from "../src/board.ts";
import { parseTimetable } from "../src/timetable.ts";

const trains = parseTimetable(
  "IC 204, platform 1\n  07:20 Riverside\n  08:05 Summit\n" + "RB 9, platform 2\n  07:05 Riverside\n  07:40 Mill Lane\n",
);

test("lists departures, earliest first", () => {
  const lines = board(trains, "Riverside").split("\n");
  expect(lines[3]).toContain("07:05  RB 9");
  expect(lines[4]).toContain("07:20  IC 204");
});

test("does not list a train at its last stop", () => {
  expect(board(trains, "Summit")).not.toContain("IC 204");
});

test("shows what is late and what is cancelled", () => {
  const text = board(trains, "Riverside", [
    { train: "IC 204", minutes: 12, reason: "signal failure" },
    { train: "RB 9", minutes: null, reason: "" },
  ]);
  expect(text).toContain("expected 07:32 (signal failure)");
  expect(text).toContain("cancelled");
});
`;

const mainOld = "console.log(board(parseTimetable(timetable), station));";
const mainNew = `const delays = await Bun.file(new URL("../data/delays.txt", import.meta.url)).text();
console.log(board(parseTimetable(timetable), station, parseDelays(delays)));`;

const importOld = 'import { board } from "./board.ts";';
const importNew = `import { board } from "./board.ts";
import { parseDelays } from "./delay.ts";`;

/** The files' contents, by a short name. */
export const delaysCode = {
  delay,
  delayTest,
  wrongLive: live(wrongSum),
  rightLive: live(rightSum),
  liveTest,
  panel,
  panelTest,
  board,
  boardTest,
  mainOld,
  mainNew,
  importOld,
  importNew,
};
