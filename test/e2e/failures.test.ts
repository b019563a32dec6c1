/** Checks that fail, workers that give up, providers that misbehave: mended where it can be, told where it cannot. */
import { afterAll, describe, expect, test } from "bun:test";
import { type Summary, summaryOf } from "../support/e2e-binary.ts";
import { bunCheck, makeSite, removeSites, runAll, type SiteOptions, secretKey } from "../support/e2e-project.ts";
import { type CrewParts, call, crew, ticketPlan, trackPlan, work } from "../support/foreign-crew.ts";
import type { Ask, Reply } from "../support/foreign-provider.ts";

afterAll(removeSites);

const one = [trackPlan("alpha", [ticketPlan("ant")])];
const chain = [
  trackPlan("alpha", [
    ticketPlan("ant"),
    ticketPlan("ape", { depends_on: ["ant"] }),
    ticketPlan("asp", { depends_on: ["ape"] }),
    ticketPlan("elk"),
  ]),
];
const diagnosis = "src/ant.ts:1: the constant holds the wrong word, so the comparison in the check is false.";

async function ran(tracks: typeof one, parts: CrewParts, options: SiteOptions = {}) {
  const site = await makeSite(crew(tracks, parts), options);
  const run = await site.run(runAll);
  const asked = site.provider.answered.map(({ ask }) => ask);
  return { site, run, summary: summaryOf(run), asked };
}

const byKey = ({ tickets }: Summary, key: string) => tickets.find(({ title }) => title.includes(`part ${key}.`));

// It waits half a minute between its tries: all others run meanwhile.
test.concurrent("a provider that is not there ends the run with its address", async () => {
  const site = await makeSite(crew(one));
  await site.provider.stop();
  const run = await site.run(runAll);
  expect(run.exitCode).toBe(1);
  expect(run.err).toContain(site.provider.url.replace("http://", ""));
}, 120_000);

describe.concurrent("a failing check", () => {
  test("is diagnosed without tools, and the next model mends it with the diagnosis in its first message", async () => {
    const check =
      'import { expect, test } from "bun:test";\nimport { existsSync } from "node:fs";\ntest("ant", async () => {\n  if (!existsSync("src/ant.ts")) return;\n  const path = "../src/ant.ts";\n  const { ant } = await import(path);\n  expect(ant).toBe("ant");\n});\n';
    const { run, summary, asked, site } = await ran(
      one,
      {
        worker: (ask, ticket) =>
          ask.first.includes(diagnosis) || ask.turn > 0
            ? undefined
            : work(ask, ticket, 'export const ant = "wrong";\n'),
        diagnosis: () => ({ text: diagnosis }),
      },
      { config: { verify: `command = '${bunCheck()}'` }, files: { "test/ant.test.ts": check } },
    );
    expect(run.exitCode).toBe(0);
    expect(byKey(summary, "ant")).toMatchObject({ status: "completed", attemptCount: 2 });
    const judged = asked.filter(({ role }) => role === "diagnosis");
    expect(judged.map(({ tools, turn }) => ({ tools, turn }))).toEqual([{ tools: [], turn: 0 }]);
    expect(judged[0]?.first).toContain("wrong");
    const firsts = asked.filter(({ role, turn }) => role === "worker" && turn === 0);
    expect(firsts.map(({ model }) => model)).toEqual(["three-a", "three-b"]);
    expect(firsts[1]?.first).toContain(diagnosis);
    const usage = JSON.parse((await site.run(["usage", "--json"])).out);
    const attempts = usage.byAttempt.filter((row: { ticketId: string | null }) => row.ticketId === "T-001");
    expect(attempts).toHaveLength(2);
    for (const attempt of attempts) expect(attempt.outputTokens).toBeGreaterThan(0);
  });

  test("that nobody mends blocks the ticket and all that depend on it, and nothing else", async () => {
    const { run, summary, asked } = await ran(
      chain,
      {},
      { config: { verify: "command = 'if test -f src/ant.ts; then echo ant is wrong; exit 3; fi'" } },
    );
    expect(run.exitCode).toBe(1);
    expect(summary.outcome).toBe("blocked");
    expect(byKey(summary, "ant")).toMatchObject({ status: "blocked", attemptCount: 3 });
    for (const key of ["ape", "asp"]) {
      expect(byKey(summary, key)).toMatchObject({ status: "blocked", attemptCount: 0 });
      expect(byKey(summary, key)?.reason).toMatch(/T-00\d/);
    }
    expect(byKey(summary, "elk")?.status).toBe("completed");
    const models = asked.filter((ask) => ask.role === "worker" && ask.turn === 0 && ask.first.includes("part ant."));
    expect(models.map(({ model }) => model)).toEqual(["three-a", "three-b", "three-c"]);
  });
});

describe.concurrent("a judgement", () => {
  test("of tier 4 that fails goes back to the worker in words", async () => {
    let judged = 0;
    const { run, summary, asked } = await ran(one, {
      verdict: () =>
        judged++ === 0
          ? call("report_verdict", { verdict: "fail", diagnosis: "The word is not in capitals." })
          : undefined,
    });
    expect(run.exitCode).toBe(0);
    expect(byKey(summary, "ant")?.attemptCount).toBe(2);
    const firsts = asked.filter(({ role, turn }) => role === "worker" && turn === 0);
    expect(firsts[1]?.first).toContain("The word is not in capitals.");
  });

  test("of tier 2 that asks for rework goes back to the worker in words", async () => {
    let reviewed = 0;
    const { run, asked } = await ran(one, {
      review: () => (reviewed++ === 0 ? call("request_rework", { reason: "Name it ANT instead." }) : undefined),
    });
    expect(run.exitCode).toBe(0);
    const firsts = asked.filter(({ role, turn }) => role === "worker" && turn === 0);
    expect(firsts[1]?.first).toContain("Name it ANT instead.");
  });

  test("is not asked for where it is switched off", async () => {
    const { run, asked } = await ran(one, {}, { config: { review: "qa = false\ntech_lead = false" } });
    expect(run.exitCode).toBe(0);
    expect(asked.map(({ role }) => role)).toEqual(["orchestrator", "tech_lead", "worker", "worker"]);
  });
});

test.concurrent("a worker that reports that it is blocked blocks its ticket with its words", async () => {
  const words = "The file that I need belongs to nobody.";
  const { run, summary } = await ran(chain, {
    worker: (_ask, { key }) => (key === "ant" ? call("report_blocked", { reason: words }) : undefined),
  });
  expect(run.exitCode).toBe(1);
  expect(byKey(summary, "ant")).toMatchObject({ status: "blocked" });
  expect(byKey(summary, "ant")?.reason).toContain(words);
  expect(byKey(summary, "asp")?.status).toBe("blocked");
  expect(byKey(summary, "elk")?.status).toBe("completed");
});

describe.concurrent("a provider", () => {
  const onceAt = (role: Ask["role"], fault: Reply): CrewParts => {
    let count = 0;
    const answer = (ask: Ask) => (ask.role === role && count++ === 0 ? fault : undefined);
    return { orchestrator: answer, worker: answer, verdict: answer };
  };

  test("that refuses the key ends the run with a reason that does not hold the key", async () => {
    const { run, asked } = await ran(one, { orchestrator: () => ({ status: 401 }) });
    expect(run.exitCode).toBe(1);
    expect(asked).toHaveLength(1);
    expect(run.err).toMatch(/401 .*by request\. [A-Z]/);
    expect(run.out + run.err).not.toContain(secretKey);
  });

  test.each([
    ["is overloaded once", "orchestrator", { status: 529 }],
    ["limits the rate, and says for how long", "worker", { status: 429, headers: { "retry-after": "0" } }],
    ["fails inside once", "verdict", { status: 500 }],
    ["cuts a stream in the middle", "worker", { text: "I begin with ", ending: "cut" }],
  ] as const)("that %s is asked again", async (_name, role, fault) => {
    const { run, summary, site } = await ran(one, onceAt(role, fault));
    expect(run.exitCode).toBe(0);
    expect(byKey(summary, "ant")).toMatchObject({ status: "completed", attemptCount: 1 });
    const comms = JSON.parse((await site.run(["comms", "--json"])).out);
    expect(comms.filter((entry: { status: string }) => entry.status === "failed")).toHaveLength(1);
  });

  test("that limits one worker is left in peace by all workers of that model for as long", async () => {
    const pair = [trackPlan("alpha", [ticketPlan("ant"), ticketPlan("elk")])];
    const times: number[] = [];
    const { run, summary } = await ran(pair, {
      worker: () => {
        times.push(Date.now());
        return times.length === 1 ? { status: 429, headers: { "retry-after": "2" } } : undefined;
      },
    });
    expect({ exitCode: run.exitCode, outcome: summary.outcome }).toEqual({ exitCode: 0, outcome: "done" });
    const [limitedAt = 0] = times;
    expect(times.filter((time) => time > limitedAt + 400 && time < limitedAt + 1_900)).toEqual([]);
  });
});
