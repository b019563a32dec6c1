/** A small git project, a home folder and a foreign provider: what one end-to-end run of the binary needs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryPath, type Finished, type Launched, launch, type Surroundings } from "./e2e-binary.ts";
import { type Ask, type ForeignProvider, type Reply, type Style, startForeignProvider } from "./foreign-provider.ts";
import { makeTempRepository, type TempRepository } from "./temp-repository.ts";

/** TOML sections by their heads; each takes the place of the default of the same head. */
export type Config = Readonly<Record<string, string>>;

export interface Site {
  readonly repository: TempRepository;
  readonly provider: ForeignProvider;
  readonly home: string;
  start(args: readonly string[], more?: Partial<Surroundings>): Launched;
  run(args: readonly string[], more?: Partial<Surroundings>): Promise<Finished>;
}

export interface SiteOptions {
  readonly config?: Config;
  readonly files?: Readonly<Record<string, string>>;
  readonly style?: Style;
}

export const secretKey = "sk-test-0123456789-never-shown";

/** The arguments of a headless run that asks nothing. */
export const runAll = ["run", "--epic", "Reach the goal", "--approve", "all", "--trust", "--json"] as const;

/** The check of a project that has tests: Bun's test runner inside the binary itself. */
export function bunCheck(): string {
  return `BUN_BE_BUN=1 "${binaryPath()}" test`;
}

const open: Site[] = [];

/** Makes a project whose config names a new provider that answers with `answer`. */
export async function makeSite(
  answer: (ask: Ask) => Reply | Promise<Reply>,
  { config = {}, files = {}, style }: SiteOptions = {},
): Promise<Site> {
  const provider = startForeignProvider(answer, style);
  const repository = await makeTempRepository({
    "readme.md": "A sample.\n",
    "package.json": '{"name":"sample","type":"module"}\n',
    "src/base.ts": "export const base = 1;\n",
    "conductor/signalbox.toml": configText(provider.url, config),
    ...files,
  });
  const home = await mkdtemp(join(tmpdir(), "signalbox-home-"));
  const env = { ANTHROPIC_API_KEY: secretKey };
  const start = (args: readonly string[], more: Partial<Surroundings> = {}) =>
    launch(args, { cwd: repository.root, home, env, ...more });
  const site = {
    repository,
    provider,
    home,
    start,
    run: (...call: Parameters<typeof start>) => start(...call).finished,
  };
  open.push(site);
  return site;
}

/** Ends what `makeSite` made; call it after each file's tests. */
export async function removeSites(): Promise<void> {
  for (const { repository, provider, home } of open.splice(0)) {
    await provider.stop();
    await repository.remove();
    await rm(home, { recursive: true, force: true });
  }
}

function configText(url: string, config: Config): string {
  const sections: Config = {
    provider: `base_url = "${url}"`,
    "tiers.orchestrator": 'model = "one"',
    "tiers.tech_lead": 'model = "two"',
    "tiers.worker": 'model = ["three-a", "three-b", "three-c"]',
    "tiers.qa": 'model = "four"',
    verify: 'command = "true"',
    ...config,
  };
  return Object.entries(sections)
    .map(([head, body]) => `[${head}]\n${body}\n`)
    .join("\n");
}
