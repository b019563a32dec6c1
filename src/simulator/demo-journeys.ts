/** The demo's second track: four tickets that find the fastest journey, beside the first track and apart from its files. */
import { journeysCode as code } from "./demo-journeys-code.ts";
import { type DemoTrack, editCall, writeCall } from "./demo-track.ts";

/** The track, its tickets in an order in which each comes after what it needs. */
export const journeysTrack: DemoTrack = {
  key: "journeys",
  title: "Fastest journey planner",
  goal: "Travellers ask for the fastest journey between two stations and get it with its changes.",
  criteria: ["Finds the earliest arrival, changes included", "A change takes at least four minutes"],
  modules: ["src/timetable.ts", "src/time.ts"],
  thinking:
    "Cutting trains into rides and wording a journey are independent. The search needs both shapes; the command line needs the search.",
  tickets: [
    {
      key: "rides",
      title: "Cut trains into rides",
      phase: "Parts",
      description: "Turn trains into rides from stop to stop, sorted by departure: the form that a search wants.",
      criteria: ["Rides are sorted by departure", "A ride that ends tomorrow is left out"],
      targets: ["src/connections.ts", "test/connections.test.ts"],
      context: ["src/timetable.ts"],
      needs: [],
      opening: "Let me see what a train looks like here.",
      reads: ["src/timetable.ts"],
      steps: [
        {
          text: "Each pair of neighbouring stops is a ride.",
          calls: [writeCall("src/connections.ts", code.connections)],
        },
        {
          text: "Tests for the order, and for the night train.",
          calls: [writeCall("test/connections.test.ts", code.connectionsTest)],
        },
      ],
      closing: "Done: `connectionsOf` gives the day's rides in order.",
      verdict: "Order and the ride past midnight are both tested; all tests pass.",
      review: "The right shape for a scan. Accepted.",
    },
    {
      key: "words",
      title: "Put a journey into words",
      phase: "Parts",
      description: "Describe the legs of a journey, the time for each change, and how long the whole takes.",
      criteria: ["Names trains, times and changes", "Says so when there is no journey"],
      targets: ["src/itinerary.ts", "test/itinerary.test.ts"],
      context: ["src/time.ts"],
      needs: [],
      opening: "The times come from `time.ts`; a quick look.",
      reads: ["src/time.ts"],
      steps: [
        {
          text: "A line for each leg, an indented one for each change.",
          calls: [writeCall("src/itinerary.ts", code.itinerary)],
        },
        {
          text: "One test for the whole text, one for no journey.",
          calls: [writeCall("test/itinerary.test.ts", code.itineraryTest)],
        },
      ],
      closing: "Done: `describeJourney` tells legs, changes and the total.",
      verdict: "Trains, times, changes and the empty journey are asserted word for word.",
      review: "Clear words for travellers, as the guidelines ask. Accepted.",
    },
    {
      key: "search",
      title: "Find the earliest arrival",
      phase: "Search",
      description:
        "Search the rides for the journey that arrives first. A change takes four minutes, staying seated none.",
      criteria: ["Prefers a change that arrives earlier", "Never misses the four minutes of a change"],
      targets: ["src/planner.ts", "test/planner.test.ts"],
      context: ["src/connections.ts", "src/itinerary.ts"],
      needs: ["rides", "words"],
      opening: "Rides are sorted by departure, so one pass is enough: a connection scan.",
      reads: ["src/connections.ts", "src/itinerary.ts"],
      steps: [
        {
          text: "Scan once, remember where each train was boarded.",
          calls: [writeCall("src/planner.ts", code.planner)],
        },
        {
          text: "A missed change is the case that matters.",
          calls: [writeCall("test/planner.test.ts", code.plannerTest)],
        },
      ],
      command: "verify",
      closing: "Done: the scan finds the earliest arrival, and the whole suite is green here.",
      verdict: "The missed change at four minutes and the through train are both covered and green.",
      review: "A textbook connection scan in thirty lines. Accepted.",
    },
    {
      key: "ask",
      title: "Ask for a journey",
      phase: "Search",
      description:
        "A program that answers FROM, TO and a time with the fastest journey, and names the stations if one is unknown.",
      criteria: ["Answers with legs and changes", "Names the stations when one is unknown"],
      targets: ["src/journey.ts", "test/journey.test.ts", "README.md"],
      context: ["src/planner.ts", "src/itinerary.ts", "src/connections.ts"],
      needs: ["search"],
      opening: "Search and words are there; a traveller needs a way in.",
      reads: ["src/planner.ts", "README.md"],
      steps: [
        {
          text: "The answer is a function, so that it can be tested; the program only prints it.",
          calls: [writeCall("src/journey.ts", code.journey), writeCall("test/journey.test.ts", code.journeyTest)],
        },
        {
          text: "And a line in the README.",
          calls: [editCall("README.md", code.readmeOld, code.readmeNew)],
        },
      ],
      closing: "Done: `bun src/journey.ts Riverside Summit 07:00` answers with the fastest journey.",
      verdict: "The answer holds legs and changes; an unknown station lists those that exist.",
      review: "Useful errors and a thin program. Accepted.",
    },
  ],
};
