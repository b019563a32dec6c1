/**
 * A served project, the simulator behind it, and a Chromium in front of it: what the browser tests share. Everything is on
 * loopback, in temporary folders, and ends with `close`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { z } from "zod";
import type { ScenarioInput } from "../../src/simulator/scenario.ts";
import { findBrowser } from "./browser.ts";
import { check } from "./browser-scenario.ts";
import { type Launched, launch } from "./e2e-binary.ts";
import { makeTempRepository, type TempRepository } from "./temp-repository.ts";

const Listening = z.object({ url: z.url(), apiUrl: z.url().optional(), pid: z.number() });

// Without these a browser is three more processes, and draws for a screen that nobody has.
const lighter = ["--disable-software-rasterizer", "--in-process-gpu", "--enable-features=NetworkServiceInProcess2"];

/** Starts the browser that the tests and the pictures use, with more arguments where somebody needs them. */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: await findBrowser(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", ...lighter, ...more],
  });
}

/** Where a program says that it listens, in the first line of its `--json` output. */
export async function listening(program: Launched): Promise<z.infer<typeof Listening>> {
  return Listening.parse(await program.line((line) => line.type === "listening"));
}

/** Notes what a page should never do: an error in its console, a thrown error, a request to another origin. */
export function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (asked !== origin && protocol !== "data:") complaints.push(`a request to ${request.url()}`);
  });
  return complaints;
}

export class BrowserScene {
  readonly repository: TempRepository;
  readonly browser: Browser;
  readonly #home: string;
  readonly #simulator: Launched;
  #server: Launched;
  #address: z.infer<typeof Listening>;

  static async start(scenario: ScenarioInput): Promise<BrowserScene> {
    const home = await mkdtemp(join(tmpdir(), "signalbox-browser-"));
    await Bun.write(join(home, "scenario.json"), JSON.stringify(scenario));
    const simulate = ["simulate", "--json", "--port", "0", "--scenario", join(home, "scenario.json")];
    const simulator = launch(simulate, { cwd: home, home });
    const { url } = await listening(simulator);
    const repository = await makeTempRepository({ "conductor/signalbox.toml": config(url) });
    const server = serve(repository, home, "0");
    const [address, browser] = await Promise.all([listening(server), startBrowser()]);
    return new BrowserScene({ repository, browser, home, simulator, server, address });
  }

  private constructor(parts: {
    repository: TempRepository;
    browser: Browser;
    home: string;
    simulator: Launched;
    server: Launched;
    address: z.infer<typeof Listening>;
  }) {
    this.repository = parts.repository;
    this.browser = parts.browser;
    this.#home = parts.home;
    this.#simulator = parts.simulator;
    this.#server = parts.server;
    this.#address = parts.address;
  }

  get origin(): string {
    return new URL(this.#address.url).origin;
  }

  /** A one-time address, as `signalbox url` prints it. */
  async freshUrl(): Promise<string> {
    const printed = launch(["url"], { cwd: this.repository.root, home: this.#home });
    return (await printed.finished).out.trim();
  }

  /** A browser profile of its own, logged in. */
  async visitor(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ reducedMotion: "reduce", ...options });
    // It only ends a test that hangs: on a busy machine with two cores a page has taken more than ten seconds to load.
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(await this.freshUrl());
    await page.getByLabel("Goal", { exact: true }).waitFor();
    await page.close();
    return context;
  }

  /** Ends the server as Ctrl-C does, and starts it again at the same port; `between` sees the time without it. */
  async restart(between: () => Promise<void>): Promise<void> {
    this.#server.kill("SIGINT");
    await this.#server.finished;
    await between();
    this.#server = serve(this.repository, this.#home, new URL(this.origin).port);
    this.#address = await listening(this.#server);
  }

  async close(): Promise<void> {
    await this.browser.close();
    for (const program of [this.#server, this.#simulator]) {
      program.kill("SIGINT");
      await program.finished;
    }
    await this.repository.remove();
    await rm(this.#home, { recursive: true, force: true });
  }
}

function serve(repository: TempRepository, home: string, port: string): Launched {
  const options = ["--port", port, "--no-open", "--json", "--trust", "--unsafe-no-sandbox"];
  return launch(["serve", ...options], { cwd: repository.root, home });
}

function config(simulatorUrl: string): string {
  const price = (model: string) => `[prices.${model}]\ninput = 1.0\noutput = 5.0\ncache_read = 0.1\ncache_write = 1.25`;
  return `[provider]
base_url = "${simulatorUrl}"
api_key_env = ""
[tiers.orchestrator]
model = "one"
[tiers.tech_lead]
model = "two"
[tiers.worker]
model = ["three", "three-b"]
[tiers.qa]
model = "four"
[verify]
command = ${JSON.stringify(check)}
${["one", "two", "three", "three-b", "four"].map(price).join("\n")}
`;
}
