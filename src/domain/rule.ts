/**
 * Rules that let commands run without a person: what they match, what they are called in the log, and which one a person
 * might write for a command. A rule of the config has its pattern alone; one that was written on the page also has an id.
 */

export interface Rule {
  readonly ruleId: string;
  readonly pattern: string;
  readonly addedAt: string;
  readonly addedBy: string;
  /** The card that it was written on; null where it was written on none. */
  readonly gateId: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

/** The words that stand in the log where a rule decided; without an id a rule of the config. */
export function ruleWords(pattern: string, ruleId: string | null = null): string {
  return ruleId === null ? `rule: ${pattern}` : `rule ${ruleId}: ${pattern}`;
}

/** A command of which a shell makes nothing but a program and its arguments. */
export function isPlainCommand(command: string): boolean {
  return /^[A-Za-z0-9 _./:=@%+,-]*$/.test(command) && !/(^|\s)[A-Za-z_][A-Za-z0-9_]*=/.test(command);
}

/**
 * Whether a command is one that a rule allows: `*` stands for any characters. A command that a shell would take apart
 * (`;`, `&`, `|`, `$`, quotes, redirections, line breaks, ...) matches only a rule that is that command, letter by letter.
 */
export function matchesRule(pattern: string, command: string): boolean {
  if (pattern === command) return true;
  if (!isPlainCommand(command)) return false;
  if (!pattern.endsWith(" *")) return matchesStars(pattern, command);
  // `bun test *` also allows `bun test` alone.
  return matchesStars(pattern, command) || matchesStars(pattern.slice(0, -2), command);
}

/** Each part is looked for once, from left to right: a long command of a model's making costs no more than its length. */
function matchesStars(pattern: string, command: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === command;
  if (!command.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = command.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return command.length - last.length >= from && command.endsWith(last);
}

/** Programs whose next words but one say what is done: `npm run lint`, `bun x tsc`. */
const runners = new Set(["npm", "pnpm", "yarn", "bun", "cargo", "go", "deno", "make"]);
const subcommands = new Set(["run", "exec", "x", "task", "tool"]);

/**
 * The narrowest rule that is still one for commands like this: the words up to the first option or path, then `*`. Where
 * there are not two such words, or a shell takes the command apart, it is the command itself, letter by letter.
 */
export function proposedPattern(command: string): string {
  if (!isPlainCommand(command)) return command;
  const words = command.split(" ");
  const wordCount = runners.has(words[0] ?? "") && subcommands.has(words[1] ?? "") ? 3 : 2;
  const firstArgument = words.findIndex((word) => !/^[A-Za-z][A-Za-z0-9_:-]*$/.test(word));
  const fixedCount = Math.min(wordCount, firstArgument === -1 ? words.length : firstArgument);
  if (fixedCount < wordCount) return command;
  return `${words.slice(0, fixedCount).join(" ")} *`;
}

const maxPatternLength = 4_000;

/** Why a pattern cannot become a rule; null when it can. */
export function patternFault(pattern: string): string | null {
  if (pattern.trim() === "") return "The rule is empty: write the command that it allows, with * for what may differ.";
  if (pattern.length > maxPatternLength)
    return `The rule has ${pattern.length} characters; at most ${maxPatternLength} are taken.`;
  const [program = ""] = pattern.trimStart().split(/\s/);
  if (!program.includes("*")) return null;
  return `The rule "${pattern}" names no program: its first word has to stand without a *, or it would allow any command.`;
}
