/** The demo's first track: four tickets that put live delays on the board. One fails its first check. */
import { delaysCode as code } from "./demo-delays-code.ts";
import { type DemoTrack, editCall, writeCall } from "./demo-track.ts";

/** The track, its tickets in an order in which each comes after what it needs. */
export const delaysTrack: DemoTrack = {
  key: "delays",
  title: "Live delays on the board",
  goal: "The board shows delays and cancellations with their reasons, in aligned columns.",
  criteria: ["A late train shows when it is expected", "A cancelled train stays on the board and says so"],
  modules: ["src/board.ts", "src/main.ts", "src/timetable.ts"],
  thinking:
    "Messages, the arithmetic of delays and drawing do not depend on each other's files. Messages and drawing can start at once; the board comes last.",
  tickets: [
    {
      key: "messages",
      title: "Read delay messages",
      phase: "Parts",
      description:
        "Parse the control centre's messages into `Delay` values: minutes late or cancelled, and the reason.",
      criteria: ["Reads minutes, cancellations and reasons", "Names the message that it cannot read"],
      targets: ["src/delay.ts", "test/delay.test.ts"],
      context: ["data/delays.txt"],
      needs: [],
      opening: "A look at the real messages first, then the parser.",
      reads: ["data/delays.txt"],
      steps: [
        { text: "One regular expression covers both forms.", calls: [writeCall("src/delay.ts", code.delay)] },
        {
          text: "Now its tests, with a line that must be refused.",
          calls: [writeCall("test/delay.test.ts", code.delayTest)],
        },
      ],
      closing: "Done: `parseDelays` reads both kinds of message and names a line that it cannot read.",
      verdict: "Both message forms and the unreadable line are covered by tests that pass.",
      review: "A small parser with honest errors. Accepted.",
    },
    {
      key: "panel",
      title: "Draw aligned columns",
      phase: "Parts",
      description: "Draw a titled panel whose columns are as wide as their widest cell, with box-drawing characters.",
      criteria: ["Every line of a panel is equally long", "Missing cells are left blank"],
      targets: ["src/panel.ts", "test/panel.test.ts"],
      context: [],
      needs: [],
      opening: "The board that exists shows how rows are made today.",
      reads: ["src/board.ts"],
      steps: [
        {
          text: "Widths first, then every line from the same function.",
          calls: [writeCall("src/panel.ts", code.panel)],
        },
        { text: "A drawing is best tested as a drawing.", calls: [writeCall("test/panel.test.ts", code.panelTest)] },
      ],
      closing: "Done: `drawPanel` aligns all columns; the tests compare whole lines.",
      verdict: "Equal line lengths and blank cells are both asserted; the check is green.",
      review: "Pure, short, and it does one thing. Accepted.",
    },
    {
      key: "live",
      title: "Work out expected departure times",
      phase: "Live board",
      description: "Join timetable and delays into `Departure` values. Night trains may be late past midnight.",
      criteria: ["A delay moves the expected time, past midnight too", "A cancelled train has no expected time"],
      targets: ["src/live.ts", "test/live.test.ts"],
      context: ["src/delay.ts", "src/time.ts", "src/timetable.ts"],
      needs: ["messages"],
      opening: "Reading how times and trains are kept.",
      reads: ["src/time.ts", "src/timetable.ts"],
      steps: [
        { text: "Planned time plus delay; null when cancelled.", calls: [writeCall("src/live.ts", code.wrongLive)] },
        { text: "Tests, the night train among them.", calls: [writeCall("test/live.test.ts", code.liveTest)] },
      ],
      closing: "Done: every departure has its planned and its expected time.",
      failure: {
        sign: "carries a late train past midnight",
        diagnosis:
          "src/live.ts adds the delay without wrapping at midnight: 23:50 plus 20 minutes is shown as 24:10, where the test expects 00:10.",
        phrase: "without wrapping at midnight",
        opening: "The diagnosis is clear: the sum leaves the day. How does a time get its text?",
        reads: ["src/time.ts"],
        steps: [
          { text: "The sum must stay within one day.", calls: [writeCall("src/live.ts", code.rightLive)] },
          {
            text: "The same tests, the night train among them.",
            calls: [writeCall("test/live.test.ts", code.liveTest)],
          },
        ],
        closing: "Mended: expected times wrap at midnight, so 23:50 plus 20 minutes is 00:10.",
      },
      verdict: "The night train leaves at 00:10 as demanded; cancelled trains have no time.",
      review: "The wrap at midnight is in one place and tested. Accepted.",
    },
    {
      key: "board",
      title: "Show the live board",
      phase: "Live board",
      description: "Let `board` draw live departures in a panel, and let the program read `data/delays.txt`.",
      criteria: ["Late and cancelled trains show their status and reason", "`bun src/main.ts` prints the live board"],
      targets: ["src/board.ts", "src/main.ts", "test/board.test.ts"],
      context: ["src/live.ts", "src/panel.ts"],
      needs: ["live", "panel"],
      opening: "All parts are there; the board only has to put them together.",
      reads: ["src/board.ts", "src/main.ts"],
      steps: [
        {
          text: "The board draws live departures, and its tests say what a traveller must see.",
          calls: [writeCall("src/board.ts", code.board), writeCall("test/board.test.ts", code.boardTest)],
        },
        {
          text: "The program reads the messages too.",
          calls: [
            editCall("src/main.ts", code.importOld, code.importNew),
            editCall("src/main.ts", code.mainOld, code.mainNew),
          ],
        },
      ],
      command: "git diff --stat",
      closing: "Done: the board shows what is late, why, and what is cancelled.",
      verdict: "Status and reason of late and cancelled trains appear on the board; the tests show both.",
      review: "It reads well and nothing else changed. Accepted; nothing more to ask for.",
    },
  ],
};
