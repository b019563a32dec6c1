/**
 * A person is logged in, and opens the page of an attacker in the same browser: on another port of the machine, of another
 * site, under a name that was pointed at our server, in a sandbox, from a file, as a data address. It fails when a request of
 * such a page is answered with anything but a refusal, when the page can read something, or when the log has moved.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";
import { startBrowser } from "../support/browser-scene.ts";
import { makeSite, type Site } from "../support/e2e-project.ts";
import { Served, type ServedGate } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { attackDocument, attackWays, sandboxDocument, wayParameter } from "./attack-page.ts";
import type { Proof, Tally } from "./proof.ts";

const boundMs = 20_000;
/** The browser's own wall around this machine is down: ours has to stand without it. */
const browserArguments = [
  "--host-resolver-rules=MAP *.example 127.0.0.1",
  "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
];
const ReadThings = z.array(z.tuple([z.string(), z.string()]));

/** What one attack needs to know. */
interface Scene {
  readonly served: Served;
  readonly context: BrowserContext;
  readonly gate: ServedGate;
  readonly folder: string;
  /** A server that gives the attacking page under every name that it is asked for. */
  readonly attacker: { document: string; readonly port: number };
}

interface Attack {
  readonly from: string;
  /** The origin that the requests go to. */
  readonly target: string;
  /** Where the attacking page is opened. */
  readonly address: (scene: Scene) => string;
}

export const browserAttacks: Proof = {
  name: "browser-attacks",
  promise: `A logged-in browser opens an attacker's page: none of ${attackWays.length} ways of sending a request is let in.`,
  async prove(tally, { isLong }) {
    const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
    const served = await Served.start(site);
    const folder = mkdtempSync(join(tmpdir(), "signalbox-attack-"));
    const browser = await startBrowser(browserArguments);
    const attacker = { document: "", port: 0 };
    const answer = ({ url }: Request) => {
      const text = new URL(url).pathname === "/holder" ? sandboxDocument : attacker.document;
      return new Response(text, { headers: { "content-type": "text/html" } });
    };
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
    attacker.port = server.port ?? 0;
    try {
      const gate = await openGate(served);
      const context = await browser.newContext();
      await logIn(site, served, context);
      const attacks = attacksOn(served).filter(({ target }) => isLong || !target.includes("127.0.0.1"));
      for (const attack of attacks) await tryAttack(tally, { served, context, gate, folder, attacker }, attack);
      await tryOwnPage(tally, served, context);
      tally.note = `${attacks.length} places, Chromium ${browser.version()}`;
    } finally {
      await browser.close();
      await server.stop(true);
      rmSync(folder, { recursive: true, force: true });
      served.process.kill("SIGKILL");
      await served.process.finished;
    }
  },
};

async function openGate(served: Served): Promise<ServedGate> {
  const feed = await served.feed();
  await served.send("POST", "/api/epics", { goal: "Reach the goal" });
  const gate = await served.gate(feed, "tracks");
  await feed.close();
  return gate;
}

/** Under every name that the page can be opened at, so that no cookie is missing anywhere. */
async function logIn(site: Site, served: Served, context: BrowserContext): Promise<void> {
  for (const host of [new URL(served.listening.url).host, new URL(served.listening.apiUrl).host]) {
    const address = new URL((await site.run(["url"])).out.trim());
    address.host = host;
    const page = await context.newPage();
    await page.goto(address.href);
    await page.getByLabel("Goal", { exact: true }).waitFor({ timeout: boundMs });
    await page.close();
  }
}

function attacksOn({ listening }: Served): readonly Attack[] {
  const own = new URL(listening.url).origin;
  const { origin: plain, port } = new URL(listening.apiUrl);
  const label = new URL(own).hostname;
  const at = (from: string, name: string, path = "/attack") =>
    [own, plain].map((target) => ({
      from,
      target,
      address: ({ attacker }: Scene) => `http://${name}:${attacker.port}${path}`,
    }));
  return [
    ...at("another port", "127.0.0.1"),
    ...at("another port of the project's own name", label),
    ...at("another site", "evil.example"),
    ...at("a sandbox", "127.0.0.1", "/holder"),
    ...[own, plain].flatMap((target) => [
      { from: "a file", target, address: ({ folder }: Scene) => `file://${join(folder, "attack.html")}` },
      {
        from: "a data address",
        target,
        address: ({ attacker }: Scene) => `data:text/html,${encodeURIComponent(attacker.document)}`,
      },
    ]),
    // Its own requests go to our server, as they do once the name has been pointed at it.
    ...[`http://rebound.example:${port}`, own, plain].map((target) => ({
      from: "a name that points at us",
      target,
      address: () => `http://rebound.example:${port}/attack`,
    })),
  ];
}

async function tryAttack(tally: Tally, scene: Scene, attack: Attack): Promise<void> {
  const { served, context, gate, folder, attacker } = scene;
  const before = await served.get("/api/state");
  attacker.document = attackDocument({ origin: attack.target, gateId: gate.gateId, payloadHash: gate.payloadHash });
  writeFileSync(join(folder, "attack.html"), attacker.document);
  const page = await context.newPage();
  await page.route("http://rebound.example:*/attack", (route) =>
    route.fulfill({ body: attacker.document, contentType: "text/html" }),
  );
  const { sent, statuses, read } = await resultsOf(context, page, attack.address(scene));
  for (const way of attackWays) {
    const letIn = (statuses.get(way) ?? []).filter((status) => status < 400);
    tally.trial(`${way} from ${attack.from} to ${attack.target}`, [
      ...letIn.map((status) => `answered ${status}`),
      ...(read.get(way) && !isRefusal(read.get(way) ?? "") ? [`read ${read.get(way)?.slice(0, 80)}`] : []),
    ]);
  }
  const after = await served.get("/api/state");
  const isSame = after.position === before.position && after.gates.length === before.gates.length && !after.isPaused;
  tally.trial(`the log after ${attack.from} to ${attack.target}`, isSame ? [] : ["it has moved"]);
  if (sent.size < attackWays.length / 2) tally.fail(`From ${attack.from} only ${[...sent].join(", ")} were sent.`);
  for (const opened of context.pages()) await opened.close();
}

/** Which ways were sent, what our server answered to each, and what the page could read by it. */
async function resultsOf(context: BrowserContext, page: Page, address: string) {
  const statuses = new Map<string, number[]>();
  const sent = new Set<string>();
  context.on("request", (request) => sent.add(wayOf(request.url())));
  context.on("response", (response) => {
    const way = wayOf(response.url());
    statuses.set(way, [...(statuses.get(way) ?? []), response.status()]);
  });
  await page.goto(address);
  await page.waitForFunction("document.title.startsWith('done')", undefined, { timeout: boundMs });
  const read = new Map(ReadThings.parse(JSON.parse((await page.title()).slice("done ".length))));
  for (const event of ["request", "response"]) context.removeAllListeners(event);
  sent.delete("");
  return { sent, statuses, read };
}

/** The way that a request names; empty for any other request. */
function wayOf(url: string): string {
  return (URL.canParse(url) ? new URL(url).searchParams.get(wayParameter) : null) ?? "";
}

/** Under a name of its own that points at us a page may read our refusal, and nothing else. */
function isRefusal(text: string): boolean {
  return text.includes('"code":"wrong_host"');
}

/** The door is not simply closed: the page itself reads and changes. */
async function tryOwnPage(tally: Tally, served: Served, context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(new URL(served.listening.url).origin);
  const status = await page.evaluate<number>(`fetch("/actions/engine", {
    method: "POST",
    headers: { "x-signalbox-token": document.querySelector('meta[name="signalbox-token"]').content, "hx-request": "true" },
    body: new URLSearchParams({ isPaused: "true" }),
  }).then((answer) => answer.status)`);
  const { isPaused } = await served.get("/api/state");
  if (status !== 200 || !isPaused) tally.fail(`Our own page could not change anything either: ${status}.`);
}
