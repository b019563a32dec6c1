/**
 * One config file: read, parsed as TOML, checked key by key. Every message of a leaf is what is allowed there, so that each
 * fault reads "file: key is found; allowed is ...". Knows nothing of defaults or of other files.
 */
import { readFile } from "node:fs/promises";
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { GateLevel } from "../../domain/settings.ts";
import { configError } from "../cli-error.ts";

const text = z.string("a text in quotes").min(1, "a text that is not empty");
const toggle = z.boolean("true or false");
const fromOne = z.int("a whole number of 1 or more").min(1, "a whole number of 1 or more");
const fromZero = z.int("a whole number of 0 or more").min(0, "a whole number of 0 or more");
const money = z.number("an amount in US dollars, 0 or more").min(0, "an amount in US dollars, 0 or more");
const address = z
  .string("an http:// or https:// address")
  .refine(isWebAddress, "an http:// or https:// address without a user name, such as http://127.0.0.1:11434");
const envName = z
  .string('the name of an environment variable, or "" to send no key')
  .regex(
    /^([A-Za-z_][A-Za-z0-9_]*)?$/,
    'the name of an environment variable (not the key itself), or "" to send no key',
  );
const modelWords = 'a model\'s name, or a list of names such as ["small", "large"]';
const models = z.union([text, z.array(text).min(1, modelWords)], modelWords);

const provider = table({ base_url: address, api_key_env: envName, stall_s: fromOne, patience_s: fromZero });
const tier = table({ model: models, provider: text, max_tokens: fromOne });
const price = table({ input: money, output: money, cache_read: money, cache_write: money });

/** A config file's tables and keys; every one is optional, an unknown one is a fault. */
export const ConfigFile = table({
  provider,
  providers: namedTables(provider),
  tiers: table({ orchestrator: tier, tech_lead: tier, worker: tier, qa: tier }),
  workers: table({ max: fromOne, retries: fromZero, max_turns: fromOne, threads: fromOne }),
  verify: table({ command: text, timeout_s: fromOne }),
  review: table({ qa: toggle, tech_lead: toggle }),
  gates: table({
    level: z.enum(GateLevel.options, '"manual", "guarded" or "all"'),
    allow: z.array(text, 'a list of command patterns such as ["bun test *"]'),
  }),
  budget: table({ run_usd: money, track_usd: money, ticket_usd: money, day_usd: money, run_tokens: fromZero }),
  context: table({ history_tokens: fromOne }),
  sandbox: table({ mode: z.enum(["auto", "required"], '"auto" or "required"'), network: toggle }),
  prices: namedTables(price),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** Reads a config file. Null when there is none; a fault is a `CliError` (exit 2) that names file, key, found and allowed. */
export async function readConfigFile(path: string, shownPath: string): Promise<ConfigFile | null> {
  const source = await readConfigText(path, shownPath);
  return source === null ? null : parseConfigFile(source, shownPath);
}

/** Parses a config file's text; `shownPath` is how messages call the file. */
export function parseConfigFile(source: string, shownPath: string): ConfigFile {
  const raw = parseToml(source, shownPath);
  const parsed = ConfigFile.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${shownPath}: ${faultSentence(issue, raw)}`);
  throw configError(faults.join("\n"));
}

/** The faults of values as sentences, each with key, what was found, and what is allowed; empty when there are none. */
export function configFaultsOf(values: unknown): readonly string[] {
  const parsed = ConfigFile.safeParse(values);
  return parsed.success ? [] : parsed.error.issues.map((issue) => faultSentence(issue, values));
}

/** The text of a config file; null when there is none. */
export async function readConfigText(path: string, shownPath: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw configError(`${shownPath} cannot be read. Check that it is a plain file and that you may read it.`, {
      cause: error,
    });
  }
}

function parseToml(source: string, shownPath: string): unknown {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "");
    throw configError(`${shownPath}, line ${error.line}, column ${error.column}: this is not valid TOML: ${reason}.`, {
      cause: error,
    });
  }
}

function faultSentence(issue: z.core.$ZodIssue, raw: unknown): string {
  const key = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys.map((name) => `"${[...key, name].join(".")}"`).join(", ");
    const place = key.length === 0 ? "at the top" : `in [${key.join(".")}]`;
    return `the key ${unknown} is unknown; allowed ${place}: ${issue.message}.`;
  }
  return `"${key.join(".")}" is ${found(valueAt(raw, issue.path))}; allowed is ${issue.message}.`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = raw;
  for (const part of path) {
    // Holds because only objects are indexed, and what comes out stays unknown.
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }
  return value;
}

function found(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** Whether a text is an address to call: with a user name or a password in it, it would end up in the log and on the page. */
export function isWebAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

/** A table whose keys are all optional; its message for unknown keys is the list of known ones. */
function table<T extends Record<string, z.ZodType>>(shape: T) {
  const keys = Object.keys(shape).join(", ");
  const message = (issue: { readonly code?: string }) => (issue.code === "unrecognized_keys" ? keys : "a table");
  return z.strictObject(shape, { error: message }).partial();
}

function namedTables<T extends z.ZodType>(value: T) {
  return z.record(z.string().min(1), value, "tables, each with a name of its own");
}
