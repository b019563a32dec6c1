/**
 * From argv to one parsed call, by the tables. Every fault is one sentence with a hint, and exit 2. Reads nothing but its
 * arguments, and loads almost nothing: `--version` and `--help` pass through here.
 */
import { parseArgs } from "node:util";
import { usageError } from "./cli-error.ts";
import { type CommandSpec, commandTable, type Invocation } from "./command-table.ts";
import { everywhere, type OptionName, optionName, optionSpec, optionTable, parseOptionValue } from "./option-table.ts";

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

/** Parses the arguments after the program's name. Without a command it is `serve`. */
export function parseArguments(argv: readonly string[]): Invocation {
  const tokens = tokensOf(argv);
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const command = words[0] ?? "serve";
  const spec = commandSpec(command);
  const options = optionsOf(tokens, command, spec);
  const positionals = words.slice(1);
  if (!options.help && !options.version) checkArity(command, spec, positionals);
  return { command, positionals, options };
}

function tokensOf(argv: readonly string[]): readonly Token[] {
  const known = Object.keys(optionTable).map((name) => {
    const isFlag = optionName(name) !== null && optionSpec(optionName(name) ?? "help").kind === "flag";
    const short = name === "help" ? { short: "h" } : {};
    return [name, { type: isFlag ? ("boolean" as const) : ("string" as const), ...short }] as const;
  });
  const parsed = parseArgs({
    args: [...argv],
    options: Object.fromEntries(known),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  return parsed.tokens;
}

function commandSpec(command: string): CommandSpec {
  const spec = Object.hasOwn(commandTable, command) ? commandTable[command] : undefined;
  if (spec) return spec;
  const near = nearest(command, Object.keys(commandTable));
  const hint = near ? ` Did you mean "${near}"?` : "";
  throw usageError(`There is no command "${command}".${hint} Run "signalbox --help" for the list.`);
}

function optionsOf(tokens: readonly Token[], command: string, spec: CommandSpec): Invocation["options"] {
  const allowed: readonly OptionName[] = [...everywhere, ...spec.options];
  const values: Partial<Record<OptionName, string | number | boolean>> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const name = optionName(token.name);
    if (!name || !allowed.includes(name)) throw unknownOption(token.rawName, command, allowed);
    values[name] = optionValue(name, token, command);
  }
  // Holds because `optionValue` gives each name the type of its kind.
  return values as Invocation["options"];
}

function optionValue(name: OptionName, token: Token & { kind: "option" }, command: string): string | number | boolean {
  const spec = optionSpec(name);
  if (spec.kind === "flag") {
    if (token.value !== undefined) throw usageError(`${token.rawName} takes no value. ${helpHint(command)}`);
    return true;
  }
  // Without "=", a word that looks like the next option is not meant as this one's value; "-" alone is stdin, "-1" a number.
  const isMissing = token.value === undefined || (!token.inlineValue && /^-[^\d]/.test(token.value));
  if (isMissing)
    throw usageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value}. ${helpHint(command)}`);
  const parsed = parseOptionValue(name, token.value ?? "");
  if ("value" in parsed) return parsed.value;
  throw usageError(`${token.rawName} is "${token.value}"; allowed is ${parsed.allowed}.`);
}

function unknownOption(rawName: string, command: string, allowed: readonly string[]) {
  const near = nearest(rawName.replace(/^-+/, ""), allowed);
  const hint = near ? ` Did you mean "--${near}"?` : "";
  return usageError(`"${rawName}" is not an option of "signalbox ${command}".${hint} ${helpHint(command)}`);
}

function checkArity(command: string, spec: CommandSpec, positionals: readonly string[]): void {
  const [least, most] = spec.arity;
  if (positionals.length < least) throw usageError(`"signalbox ${command}" needs ${spec.usage}. ${helpHint(command)}`);
  if (positionals.length <= most) return;
  const extra = positionals[most] ?? "";
  const takes = most === 0 ? "takes no argument" : `takes ${spec.usage}`;
  throw usageError(`"signalbox ${command}" ${takes}, but was given "${extra}". ${helpHint(command)}`);
}

function helpHint(command: string): string {
  return `See "signalbox ${command} --help".`;
}

/** The candidate that a typing slip away from `word` is: at most two edits, and less than half of the word. */
function nearest(word: string, candidates: readonly string[]): string | null {
  const scored = candidates.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }));
  scored.sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best && best.distance <= 2 && best.distance * 2 < word.length ? best.candidate : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
