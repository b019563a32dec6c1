/** The code that the workers of the demo's journeys track write. It is real: the check runs it. */

const connections = `import type { Train } from "./timetable.ts";

/** One train's ride from a stop to the next; times in minutes after midnight. */
export interface Connection {
  train: string;
  from: string;
  to: string;
  departs: number;
  arrives: number;
}

/** Every ride from stop to stop of a day's trains, by departure. Rides past midnight are left to tomorrow. */
export function connectionsOf(trains: Train[]): Connection[] {
  return trains
    .flatMap((train) =>
      train.stops.slice(1).map((stop, at) => ({
        train: train.name,
        from: train.stops[at]!.station,
        to: stop.station,
        departs: train.stops[at]!.time,
        arrives: stop.time,
      })),
    )
    .filter((ride) => ride.arrives >= ride.departs)
    .sort((a, b) => a.departs - b.departs);
}
`;

const connectionsTest = String.raw`import { expect, test } from "bun:test";
import { connectionsOf } from "../src/connections.ts";
import { parseTimetable } from "../src/timetable.ts";

test("cuts trains into rides, sorted by departure", () => {
  const rides = connectionsOf(
    parseTimetable(
      "IC 204, platform 1\n  06:50 Harbour\n  07:20 Riverside\n  08:05 Summit\n" +
        "RB 9, platform 2\n  07:05 Riverside\n  07:40 Mill Lane\n",
    ),
  );
  expect(rides.map((ride) => ride.from + " " + ride.to)).toEqual([
    "Harbour Riverside",
    "Riverside Mill Lane",
    "Riverside Summit",
  ]);
});

test("leaves out a ride that ends tomorrow", () => {
  expect(connectionsOf(parseTimetable("NX 1, platform 4\n  23:50 Riverside\n  00:45 Summit\n"))).toEqual([]);
});
`;

const itinerary = String.raw`import { formatTime } from "./time.ts";

/** A part of a journey without a change; times in minutes after midnight. */
export interface Leg {
  train: string;
  from: string;
  to: string;
  departs: number;
  arrives: number;
}

/** A journey in words: a line for each leg, the changes between them, and how long it takes. */
export function describeJourney(legs: Leg[]): string {
  const first = legs[0];
  const last = legs.at(-1);
  if (!first || !last) return "There is no journey today.";
  const lines = legs.flatMap((leg, at) => {
    const next = legs[at + 1];
    const change = next ? ["      change at " + leg.to + ", " + (next.departs - leg.arrives) + " min"] : [];
    return [legLine(leg), ...change];
  });
  return [...lines, "Total: " + duration(last.arrives - first.departs)].join("\n");
}

function legLine(leg: Leg): string {
  return formatTime(leg.departs) + " " + leg.from + " → " + formatTime(leg.arrives) + " " + leg.to + "  " + leg.train;
}

function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? minutes + " min" : hours + " h " + (minutes % 60) + " min";
}
`;

const itineraryTest = String.raw`import { expect, test } from "bun:test";
import { describeJourney } from "../src/itinerary.ts";

const leg = (train: string, from: string, departs: number, to: string, arrives: number) => ({
  train,
  from,
  to,
  departs,
  arrives,
});

test("tells legs, changes and the whole time", () => {
  const text = describeJourney([
    leg("RB 9", "Riverside", 425, "Mill Lane", 460),
    leg("RB 11", "Mill Lane", 472, "Lakeside", 490),
  ]);
  expect(text.split("\n")).toEqual([
    "07:05 Riverside → 07:40 Mill Lane  RB 9",
    "      change at Mill Lane, 12 min",
    "07:52 Mill Lane → 08:10 Lakeside  RB 11",
    "Total: 1 h 5 min",
  ]);
});

test("says so when there is no journey", () => {
  expect(describeJourney([])).toBe("There is no journey today.");
});
`;

const planner = `import type { Connection } from "./connections.ts";
import type { Leg } from "./itinerary.ts";

/** What a change of trains takes, in minutes. */
export const changeMinutes = 4;

interface Ride {
  enter: Connection;
  exit: Connection;
}

/**
 * The legs of the journey that arrives first; none when there is no way. A connection scan: rides come by departure, so
 * one pass settles the earliest arrival at every station.
 */
export function fastestJourney(rides: Connection[], from: string, to: string, notBefore: number): Leg[] {
  const arrival = new Map<string, number>([[from, notBefore - changeMinutes]]);
  const boarded = new Map<string, Connection>();
  const best = new Map<string, Ride>();
  for (const ride of rides) {
    const isCatchable = (arrival.get(ride.from) ?? Infinity) + changeMinutes <= ride.departs;
    const enter = boarded.get(ride.train) ?? (isCatchable ? ride : undefined);
    if (!enter) continue;
    boarded.set(ride.train, enter);
    if (ride.arrives >= (arrival.get(ride.to) ?? Infinity)) continue;
    arrival.set(ride.to, ride.arrives);
    best.set(ride.to, { enter, exit: ride });
  }
  return legsTo(to, from, best);
}

function legsTo(to: string, from: string, best: Map<string, Ride>): Leg[] {
  const legs: Leg[] = [];
  for (let station = to; station !== from; ) {
    const ride = best.get(station);
    if (!ride) return [];
    const { enter, exit } = ride;
    legs.unshift({ train: enter.train, from: enter.from, to: exit.to, departs: enter.departs, arrives: exit.arrives });
    station = enter.from;
  }
  return legs;
}
`;

const plannerTest = `import { expect, test } from "bun:test";
import type { Connection } from "../src/connections.ts";
import { fastestJourney } from "../src/planner.ts";

const ride = (train: string, from: string, departs: number, to: string, arrives: number): Connection => ({
  train,
  from,
  to,
  departs,
  arrives,
});

const rides = [
  ride("slow", "A", 100, "D", 200),
  ride("fast", "A", 105, "B", 120),
  ride("missed", "B", 123, "D", 130),
  ride("fast", "B", 124, "C", 140),
  ride("link", "C", 144, "D", 160),
];

test("prefers a change to a slow train", () => {
  expect(fastestJourney(rides, "A", "D", 100).map((leg) => leg.train)).toEqual(["fast", "link"]);
});

test("does not leave before the traveller can", () => {
  expect(fastestJourney(rides, "A", "D", 106)).toEqual([]);
});

test("needs four minutes to change, and none to stay seated", () => {
  const [leg] = fastestJourney(rides, "A", "C", 100);
  expect(leg).toEqual({ train: "fast", from: "A", to: "C", departs: 105, arrives: 140 });
});
`;

const journey = `import { connectionsOf } from "./connections.ts";
import { describeJourney } from "./itinerary.ts";
import { fastestJourney } from "./planner.ts";
import { parseTime } from "./time.ts";
import { parseTimetable } from "./timetable.ts";

/** Answers "FROM TO HH:MM" from a timetable. */
export function answerJourney(timetable: string, [from, to, time]: string[]): string {
  if (!from || !to) return "Usage: bun src/journey.ts FROM TO [HH:MM]";
  const rides = connectionsOf(parseTimetable(timetable));
  const stations = new Set(rides.flatMap((ride) => [ride.from, ride.to]));
  const unknown = [from, to].find((station) => !stations.has(station));
  if (unknown) return "No train stops at " + unknown + ". Stations: " + [...stations].sort().join(", ") + ".";
  return describeJourney(fastestJourney(rides, from, to, parseTime(time ?? "00:00")));
}

if (import.meta.main) {
  const timetable = await Bun.file(new URL("../data/timetable.txt", import.meta.url)).text();
  console.log(answerJourney(timetable, process.argv.slice(2)));
}
`;

const journeyTest = String.raw`import { expect, test } from "bun:test";
import { answerJourney } from "../src/journey.ts";

const timetable =
  "RB 9, platform 2\n  07:05 Riverside\n  07:40 Mill Lane\n" + "RB 11, platform 3\n  07:52 Mill Lane\n  08:30 Summit\n";

test("answers with the fastest journey", () => {
  expect(answerJourney(timetable, ["Riverside", "Summit", "07:00"])).toContain("change at Mill Lane, 12 min");
});

test("names the stations when one is unknown", () => {
  expect(answerJourney(timetable, ["Riverside", "Moon"])).toBe(
    "No train stops at Moon. Stations: Mill Lane, Riverside, Summit.",
  );
});

test("says so when it is too late", () => {
  expect(answerJourney(timetable, ["Riverside", "Summit", "09:00"])).toBe("There is no journey today.");
});
`;

const readmeOld = "Prints a station's departures: `bun src/main.ts Riverside`.";
const readmeNew =
  "Prints a station's departures: `bun src/main.ts Riverside`. The fastest way to get there: `bun src/journey.ts Riverside Summit 07:00`.";

/** The files' contents, by a short name. */
export const journeysCode = {
  connections,
  connectionsTest,
  itinerary,
  itineraryTest,
  planner,
  plannerTest,
  journey,
  journeyTest,
  readmeOld,
  readmeNew,
};
