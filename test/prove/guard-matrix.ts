/**
 * Every combination of what a request can say of itself, against the running binary, judged by one line of specification
 * that is written here anew. It fails when a check is missing, when one comes in another order, when a route stands outside
 * the guard, or when an answer carries a CORS header. The paths are all that the application has. The short form tries an
 * evenly spread sample; the long one also every combination over one path of each kind.
 */
import { makeSite } from "../support/e2e-project.ts";
import { Served } from "../support/e2e-server.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { appPaths } from "./app-paths.ts";
import { inLanes, type Proof, type Tally } from "./proof.ts";

/** How many combinations a sample has, about. */
const sampleSize = 25_000;
const laneCount = 24;
/** One path of each kind. */
const kinds = [
  "/",
  "/gates",
  "/gates?at=1",
  "/nothing/here",
  "/api/state",
  "/api/engine",
  "/api/events?after=0",
  "/live?page=/",
  "/actions/engine",
  "/assets/client.js",
  "/healthz",
  "/assets/style.css",
];
const openPaths = ["/healthz", "/assets/style.css"];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const fetchSites = [undefined, "same-origin", "none", "same-site", "cross-site", "SAME-ORIGIN"];

interface Visit {
  readonly host: string;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly bearer: string | undefined;
  readonly cookie: string | undefined;
  readonly headerToken: string | undefined;
  readonly method: string;
  readonly path: string;
}

type Dimensions = { readonly [Name in keyof Visit]: readonly Visit[Name][] };

export const guardMatrix: Proof = {
  name: "guard",
  promise: "Whoever may not come in does not, by Host, Origin, Sec-Fetch-Site, cookie, token and route.",
  async prove(tally, { isLong }) {
    const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
    const served = await Served.start(site);
    try {
      const known = await knownOf(served);
      const paths = [...new Set([...kinds, ...appPaths()])];
      if (isLong) await tryAll(tally, served, known, { paths: kinds, isSample: false });
      await tryAll(tally, served, known, { paths, isSample: true });
      if (paths.length < 60) tally.fail(`Only ${paths.length} paths were found: the application has more.`);
    } finally {
      served.process.kill("SIGKILL");
      await served.process.finished;
    }
  },
};

/** Every combination over these paths, or a sample of them. */
async function tryAll(
  tally: Tally,
  served: Served,
  known: Known,
  { paths, isSample }: { readonly paths: readonly string[]; readonly isSample: boolean },
): Promise<void> {
  const dimensions = dimensionsOf(known, paths);
  const sizes = Object.values(dimensions).map((values) => values.length);
  const count = sizes.reduce((product, size) => product * size, 1);
  const stride = isSample ? strideOf(count / sampleSize, sizes) : 1;
  const indices = Array.from({ length: Math.ceil(count / stride) }, (_unset, at) => at * stride);
  tally.note = `${paths.length} paths, of ${count} combinations`;
  let passedCount = 0;
  await inLanes(indices, laneCount, async (index) => {
    const visit = visitAt(dimensions, index);
    const expected = specified(visit, known);
    const faults = await faultsOf(served, visit, expected);
    if (expected === "passes") passedCount += 1;
    tally.trial(JSON.stringify(visit), faults);
  });
  if (passedCount === 0) tally.fail("No combination should have passed: the proof would not notice a closed door.");
}

/** The next number without a common divisor with any size, so that a sample meets every value of each with every other's. */
function strideOf(least: number, sizes: readonly number[]): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.ceil(least));
  while (sizes.some((size) => divisor(stride, size) !== 1)) stride += 1;
  return stride;
}

interface Known {
  readonly hosts: readonly string[];
  readonly cookie: string;
  readonly headerToken: string;
  readonly bearer: string;
}

/** Logs in as the first page does, and reads the header token from the page as its script does. */
async function knownOf({ listening, token }: Served): Promise<Known> {
  const { host, hash } = new URL(listening.url);
  const port = new URL(listening.apiUrl).port;
  const login = await fetch(new URL("/login", listening.apiUrl), {
    method: "POST",
    headers: { host, "content-type": "application/json" },
    body: JSON.stringify({ token: hash.slice("#k=".length) }),
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await (await fetch(listening.apiUrl, { headers: { host, cookie } })).text();
  const headerToken = /name="signalbox-token" content="([^"]+)"/.exec(page)?.[1];
  if (cookie === "" || !headerToken) throw new Error(`There is no login: ${login.status} ${page.slice(0, 300)}`);
  const hosts = [host, ...["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`)];
  return { hosts, cookie, headerToken, bearer: `Bearer ${token}` };
}

function dimensionsOf({ hosts, cookie, headerToken, bearer }: Known, paths: readonly string[]): Dimensions {
  const [own = "", plain = ""] = hosts;
  const [cookieName] = cookie.split("=");
  const port = Number(plain.split(":")[1]);
  return {
    host: [
      ...hosts,
      `evil.example:${port}`,
      `127.0.0.1:${port + 1}`,
      `${own}.evil`,
      `${plain}.`,
      "127.0.0.1",
      `x@${plain}`,
    ],
    origin: [undefined, `http://${own}`, `http://${plain}`, "null", "http://evil.example", `https://${own}`],
    fetchSite: fetchSites,
    bearer: [undefined, bearer, "Bearer wrong", `Basic ${bearer.slice(7)}`],
    cookie: [undefined, cookie, `${cookieName}=old`],
    headerToken: [undefined, headerToken, "wrong"],
    method: methods,
    path: paths,
  };
}

function visitAt(dimensions: Dimensions, index: number): Visit {
  let rest = index;
  const pick = <T>(values: readonly T[]): T => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    // The remainder is an index of the list, and no list is empty; some lists hold undefined on purpose.
    return value as T;
  };
  return {
    path: pick(dimensions.path),
    method: pick(dimensions.method),
    host: pick(dimensions.host),
    origin: pick(dimensions.origin),
    fetchSite: pick(dimensions.fetchSite),
    bearer: pick(dimensions.bearer),
    cookie: pick(dimensions.cookie),
    headerToken: pick(dimensions.headerToken),
  };
}

/** The specification: section 5 of the contract, in its order. */
function specified(visit: Visit, known: Known): 421 | 403 | 401 | "passes" {
  if (!known.hosts.includes(visit.host)) return 421;
  const isOwnOrigin = visit.origin === undefined || known.hosts.some((host) => visit.origin === `http://${host}`);
  if (!isOwnOrigin || ![undefined, "same-origin", "none"].includes(visit.fetchSite)) return 403;
  if (openPaths.includes(visit.path) || visit.bearer === known.bearer) return "passes";
  if (visit.cookie !== known.cookie) return 401;
  return visit.method === "GET" || visit.method === "HEAD" || visit.headerToken === known.headerToken ? "passes" : 403;
}

async function faultsOf(served: Served, visit: Visit, expected: number | "passes"): Promise<string[]> {
  const { host, origin, fetchSite, bearer, cookie, headerToken, method, path } = visit;
  const headers = new Headers({ host });
  const optional = {
    origin,
    "sec-fetch-site": fetchSite,
    authorization: bearer,
    cookie,
    "x-signalbox-token": headerToken,
  };
  for (const [name, value] of Object.entries(optional)) if (value !== undefined) headers.set(name, value);
  const answer = await fetch(new URL(path, served.listening.apiUrl), { method, headers, redirect: "manual" });
  await answer.body?.cancel();
  const { status } = answer;
  const isRefused = status === 401 || status === 403 || status === 421;
  const isRight = expected === "passes" ? !isRefused && status < 500 : status === expected;
  const cors = [...answer.headers.keys()].filter((name) => name.startsWith("access-control"));
  return [...(isRight ? [] : [`${status} instead of ${expected}`]), ...cors.map((name) => `a header ${name}`)];
}
