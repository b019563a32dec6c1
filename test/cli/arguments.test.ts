/** From argv to a parsed call, and the sentence of each fault. */
import { describe, expect, test } from "bun:test";
import { parseArguments } from "../../src/cli/arguments.ts";
import { CliError } from "../../src/cli/cli-error.ts";
import { commandTable } from "../../src/cli/command-table.ts";
import { helpText } from "../../src/cli/help.ts";

function faultOf(...argv: string[]): string {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 2) return error.message;
    throw error;
  }
  throw new Error("no fault");
}

describe("arguments", () => {
  test("without a command it serves", () => {
    expect(parseArguments([])).toEqual({ command: "serve", positionals: [], options: {} });
    expect(parseArguments(["--port", "0", "--no-open"]).options).toEqual({ port: 0, "no-open": true });
  });

  test("parses every kind of option, before and after the command", () => {
    const argv = ["--json", "run", "a_20260101", "--workers=3", "--max-usd", "2.5", "--approve", "all", "--land", "b"];
    expect(parseArguments(argv)).toEqual({
      command: "run",
      positionals: ["a_20260101", "b"],
      options: { json: true, workers: 3, "max-usd": 2.5, approve: "all", land: true },
    });
  });

  test("takes a single dash as stdin, and a goal that starts with a dash with =", () => {
    expect(parseArguments(["run", "--epic", "-"]).options.epic).toBe("-");
    expect(parseArguments(["run", "--epic=- a list"]).options.epic).toBe("- a list");
  });

  test.each([
    [["statu"], 'There is no command "statu". Did you mean "status"? Run "signalbox --help" for the list.'],
    [["frobnicate"], 'There is no command "frobnicate". Run "signalbox --help" for the list.'],
    [["constructor"], 'There is no command "constructor". Run "signalbox --help" for the list.'],
    [["run", "--worker", "3"], '"--worker" is not an option of "signalbox run". Did you mean "--workers"?'],
    [["status", "--land"], '"--land" is not an option of "signalbox status".'],
    [["run", "--workers"], "--workers needs a value: --workers N."],
    [["run", "--epic", "--json"], "--epic needs a value: --epic GOAL."],
    [["run", "--land=yes"], "--land takes no value."],
    [["run", "--workers", "0"], '--workers is "0"; allowed is a whole number from 1 to 1000.'],
    [["run", "--max-usd", "-1"], '--max-usd is "-1"; allowed is an amount in US dollars above 0, such as 2.50.'],
    [["run", "--max-usd=0"], '--max-usd is "0"; allowed is an amount in US dollars above 0, such as 2.50.'],
    [["serve", "--port", "65536"], '--port is "65536"; allowed is a port from 0 to 65535.'],
    [["run", "--approve", "maybe"], '--approve is "maybe"; allowed is manual, guarded or all.'],
    [["log", "--since", "soon"], '--since is "soon"; allowed is a position: a whole number from 0.'],
    [["plan"], '"signalbox plan" needs "GOAL".'],
    [["cancel", "T-1", "T-2"], '"signalbox cancel" takes TICKET, but was given "T-2".'],
    [["status", "now"], '"signalbox status" takes no argument, but was given "now".'],
  ])("%p is refused with a sentence", (argv, sentence) => {
    expect(faultOf(...argv)).toStartWith(sentence);
  });

  test("help and version need no other argument", () => {
    expect(parseArguments(["plan", "--help"]).options.help).toBe(true);
    expect(parseArguments(["-h"]).options.help).toBe(true);
  });
});

describe("help", () => {
  test("lists every command", () => {
    const text = helpText(null);
    const shown = Object.entries(commandTable).filter(([name]) => new RegExp(`^  ${name} `, "m").test(text));
    expect(shown.map(([name]) => name)).toEqual(Object.keys(commandTable));
  });

  test("of a command names each of its options", () => {
    for (const [name, spec] of Object.entries(commandTable)) {
      const text = helpText(name);
      for (const option of [...spec.options, "project", "json", "help", "version"])
        expect(text).toContain(`--${option}`);
    }
  });
});
