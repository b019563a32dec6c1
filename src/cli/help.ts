/** Help texts, made from the tables. */
import { commandTable } from "./command-table.ts";
import { everywhere, type OptionName, optionSpec } from "./option-table.ts";

/** The help of one command, or of the program when `command` is null. */
export function helpText(command: string | null): string {
  const spec = command === null ? undefined : commandTable[command];
  if (command === null || !spec) return programHelp();
  const lines = [
    `signalbox ${[command, spec.usage, "[OPTIONS]"].filter(Boolean).join(" ")}`,
    "",
    `${sentence(spec.summary)}${spec.details ? ` ${spec.details}` : ""}`,
    "",
    "Options:",
    ...optionLines([...spec.options, ...everywhere]),
  ];
  return `${lines.join("\n")}\n`;
}

function programHelp(): string {
  const rows = Object.entries(commandTable);
  const lines = [
    "signalbox [COMMAND] [OPTIONS]",
    "",
    "Turns a goal into merged, tested code through four tiers of agents, with your hand on every lever.",
    "",
    "Commands:",
    ...rows.map(([name, spec]) => `  ${name.padEnd(10)} ${spec.summary}`),
    "",
    "Options of every command:",
    ...optionLines(everywhere),
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 stopped at a gate, 4 budget reached, 130 interrupted.",
    'Run "signalbox COMMAND --help" for the options of a command.',
  ];
  return `${lines.join("\n")}\n`;
}

function optionLines(names: readonly OptionName[]): string[] {
  return names.map((name) => {
    const spec = optionSpec(name);
    const short = name === "help" ? "-h, " : "";
    return `  ${`${short}--${name}${spec.value ? ` ${spec.value}` : ""}`.padEnd(22)} ${spec.help}`;
  });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
