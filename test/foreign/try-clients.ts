/**
 * Drives agents that this project did not write, each through one true task against the compiled simulator: read a file, write
 * a script, run it. They are installed by whoever wants to try them (`npm run clients -- FOLDER`), so this is no part of the
 * suite. Prints a line for each; the exit code is 1 when one of them failed or none is there.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { launch } from "../support/e2e-binary.ts";

const goal = "Double the number in note.txt";
const key = "none";
const model = "claude-sonnet-4-5";

/** One program: its package, its arguments, and the files that point it at a base URL, by their paths below its home folder. */
interface Client {
  readonly packageName: string;
  readonly command: string;
  readonly args: readonly string[];
  files(baseUrl: string): Readonly<Record<string, object>>;
}

const clients: readonly Client[] = [
  {
    packageName: "@anthropic-ai/claude-code",
    command: "claude",
    args: ["-p", goal, "--allowedTools", "Read,Write,Bash"],
    files: () => ({}),
  },
  {
    packageName: "@mariozechner/pi-coding-agent",
    command: "pi",
    args: ["--provider", "anthropic", "--model", model, "--no-session", "--offline", "-p", goal],
    files: (baseUrl) => ({ ".pi/agent/models.json": { providers: { anthropic: { baseUrl } } } }),
  },
  {
    packageName: "opencode-ai",
    command: "opencode",
    args: ["run", "--model", `anthropic/${model}`, goal],
    files: (baseUrl) => ({
      "work/opencode.json": {
        autoupdate: false,
        provider: { anthropic: { options: { baseURL: `${baseUrl}/v1`, apiKey: key }, models: { [model]: {} } } },
      },
    }),
  },
];

const folder = resolve(process.argv[2] ?? ".");
const Package = z.object({ version: z.string() });
const Listening = z.object({ url: z.string() });
const home = mkdtempSync(join(tmpdir(), "signalbox-clients-"));
try {
  const found = clients.filter(({ command }) => existsSync(join(folder, "node_modules/.bin", command)));
  const results: boolean[] = [];
  for (const client of found) results.push(await tryClient(client));
  const names = clients.map(({ packageName }) => packageName).join(" ");
  if (found.length === 0)
    console.error(`No client is in ${folder}. Put them there: npm install --prefix ${folder} ${names}`);
  process.exitCode = results.length > 0 && results.every((isGood) => isGood) ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Whether the client came to the task's end, which its own answer and the script that it wrote show. */
async function tryClient(client: Client): Promise<boolean> {
  const own = join(home, client.command);
  const work = join(own, "work");
  mkdirSync(work, { recursive: true });
  const scenario = resolve(import.meta.dir, "double.json");
  const simulator = launch(["simulate", "--scenario", scenario, "--json", "--follow"], { cwd: work, home: own });
  const { url } = Listening.parse(await simulator.line(({ type }) => type === "listening"));
  writeFileSync(join(work, "note.txt"), "The answer is 42.\n");
  for (const [path, content] of Object.entries(client.files(url))) {
    mkdirSync(dirname(join(own, path)), { recursive: true });
    writeFileSync(join(own, path), JSON.stringify(content));
  }
  const said = await run(client, { work, own, url });
  simulator.kill("SIGINT");
  const { lines, err } = await simulator.finished;
  const rules = lines.filter(({ type }) => type === "request").map(({ ruleName, path }) => ruleName ?? path);
  const isGood = said.includes("It is 84.") && existsSync(join(work, "double.sh"));
  const { version } = Package.parse(
    await Bun.file(join(folder, "node_modules", client.packageName, "package.json")).json(),
  );
  console.log(`${isGood ? "ok    " : "FAILED"} ${client.packageName} ${version}: ${rules.join(", ")}`);
  if (!isGood) console.log(`${said}\n${err}`);
  return isGood;
}

async function run({ command, args }: Client, { work, own, url }: { work: string; own: string; url: string }) {
  const env = { PATH: process.env.PATH ?? "", HOME: own, ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key };
  const child = Bun.spawn([join(folder, "node_modules/.bin", command), ...args], {
    cwd: work,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 120_000,
  });
  return (await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])).join("\n");
}
