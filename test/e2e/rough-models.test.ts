/** Models that answer as nobody hoped: unknown tools, endless turns, ways out of the worktree. Every run still ends. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll, type SiteOptions } from "../support/e2e-project.ts";
import { type CrewParts, call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

const one = [trackPlan("alpha", [ticketPlan("ant")])];

async function ran(parts: CrewParts, options: SiteOptions = {}, tracks = one) {
  const site = await makeSite(crew(tracks, parts), options);
  const run = await site.run([...runAll, "--land"]);
  return { site, run, summary: summaryOf(run), asked: site.provider.answered.map(({ ask }) => ask) };
}

describe.concurrent("a worker", () => {
  test("that calls tools wrongly is told so, and can go on", async () => {
    const wrong = [
      call("fly", { to: "the moon" }),
      call("write", { content: "no path" }),
      call("bash", { command: 7 }),
      call("read", { file_path: "src/not-there.ts" }),
      call("edit", { file_path: "src/base.ts", old_string: "not in there", new_string: "x" }),
    ];
    const { run, asked, site } = await ran({
      worker: ({ turn }, { target_files = [] }) =>
        wrong[turn] ??
        (turn === wrong.length
          ? call("write", { file_path: target_files[0], content: "export const ant = 1;\n" })
          : { text: "Finished." }),
    });
    expect(run.exitCode).toBe(0);
    const told = asked.filter(({ role, turn }) => role === "worker" && turn > 0 && turn <= wrong.length);
    expect(told).toHaveLength(wrong.length);
    for (const ask of told) expect(ask.body).toContain('"is_error":true');
    expect(await site.repository.read("src/ant.ts")).toBe("export const ant = 1;\n");
  });

  test("reaches no file outside its worktree", async () => {
    const tries = [
      call("read", { file_path: "/etc/passwd" }),
      call("read", { file_path: "../../../conductor/signalbox.toml" }),
      call("write", { file_path: "../../../escaped.txt", content: "out" }),
      call("write", { file_path: ".git/hooks/pre-commit", content: "out" }),
      call("grep", { pattern: "root", path: "/etc" }),
      call("bash", { command: "ln -s / out" }),
      call("write", { file_path: "out/tmp/signalbox-escaped.txt", content: "out" }),
      call("bash", { command: "rm out; echo out > ../../../escaped.txt" }),
      call("bash", { command: "cat ../../token ../../signalbox.db | head -c 100" }),
    ];
    const { asked, site } = await ran({ worker: ({ turn }) => tries[turn] });
    const bodies = asked.filter(({ role }) => role === "worker").map(({ last }) => last);
    expect(bodies.join("\n")).not.toMatch(/root:.*:0:0|base_url|SQLite format/);
    expect(existsSync(join(site.repository.root, "escaped.txt"))).toBe(false);
    expect(existsSync("/tmp/signalbox-escaped.txt")).toBe(false);
  });

  test("that never ends is ended by the limit of turns, and its ticket blocked", async () => {
    const { run, summary, asked } = await ran(
      { worker: () => call("glob", { pattern: "**/*.ts" }) },
      { config: { workers: "max_turns = 4\nretries = 1" } },
    );
    expect(run.exitCode).toBe(1);
    expect(summary.tickets).toMatchObject([{ status: "blocked", attemptCount: 2 }]);
    expect(summary.tickets[0]?.reason).toMatch(/turns/);
    expect(asked.filter(({ role }) => role === "worker")).toHaveLength(8);
  });

  test("that changes nothing ends somehow, with words", async () => {
    const { run, summary } = await ran({ worker: () => ({ text: "There is nothing to do." }) });
    expect([0, 1]).toContain(run.exitCode);
    expect(summary.tickets[0]?.status).toMatch(/completed|blocked/);
    if (run.exitCode === 1) expect(summary.tickets[0]?.reason).toBeTruthy();
  });

  test("that says nothing at all does not hang the run", async () => {
    const { run } = await ran({ worker: () => ({}) });
    expect([0, 1]).toContain(run.exitCode);
  });
});

describe.concurrent("a judge", () => {
  test("that gives its verdict in plain text, and a reviewer that only talks, end with a reason", async () => {
    const verdict = await ran({ verdict: () => ({ text: '{"verdict":"pass","diagnosis":"All there."}' }) });
    expect(verdict.run.exitCode).toBe(0);
    const talk = await ran({ verdict: () => ({ text: "I like it." }) });
    expect(talk.run.exitCode).toBe(1);
    expect(talk.summary.tickets[0]?.reason).toMatch(/verdict/i);
    const reviewer = await ran({ review: () => ({ text: "Looks fine to me." }) });
    expect(reviewer.run.exitCode).toBe(1);
    expect(reviewer.summary.tickets[0]?.reason).toBeTruthy();
  });

  test("that never accepts ends in a blocked ticket", async () => {
    const { run, summary } = await ran({ review: () => call("request_rework", { reason: "Not yet." }) });
    expect(run.exitCode).toBe(1);
    expect(summary.tickets).toMatchObject([{ status: "blocked", attemptCount: 3 }]);
    expect(summary.tickets[0]?.reason).toContain("Not yet.");
  });
});

describe.concurrent("tickets that touch the same file", () => {
  const same = [
    trackPlan("alpha", [
      ticketPlan("ant", { target_files: ["src/shared.ts"] }),
      ticketPlan("ape", { target_files: ["src/shared.ts"] }),
    ]),
  ];

  test("wait for each other, so that the later sees what the earlier wrote", async () => {
    const { run, asked } = await ran({}, {}, same);
    expect(run.exitCode).toBe(0);
    const firsts = asked.filter(({ role, turn }) => role === "worker" && turn === 0);
    expect(firsts[1]?.first).toContain('export const ant = "ant"');
  });

  test("by surprise, in two tracks, end in a landing or in words, never in a broken tree", async () => {
    const two = [
      trackPlan("alpha", [ticketPlan("ant", { target_files: ["src/shared.ts"] })]),
      trackPlan("beta", [ticketPlan("ape", { target_files: ["src/shared.ts"] })]),
    ];
    const { run, site } = await ran({}, {}, two);
    expect(await site.repository.git("status", "--porcelain", "--", ":!conductor")).toBe("");
    expect(await site.repository.read("src/shared.ts")).not.toContain("<<<<");
    if (run.exitCode !== 0) expect(run.err.trimEnd().split("\n").at(-1)).toMatch(/conflict|shared\.ts/i);
  });
});

test.concurrent("a check that never ends is stopped at its limit, and the ticket blocked with that reason", async () => {
  const { run, summary } = await ran(
    {},
    { config: { verify: 'command = "sleep 1000"\ntimeout_s = 1', workers: "retries = 0" } },
  );
  expect(run.exitCode).toBe(1);
  expect(summary.tickets[0]).toMatchObject({ status: "blocked" });
});
