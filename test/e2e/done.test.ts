/** Done means proven: what is merged is exactly what was checked, and what was found is said where people look. */
import { afterAll, expect, test } from "bun:test";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll } from "../support/e2e-project.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

afterAll(removeSites);

test("what a check writes is no part of what is merged, whether it is green or red", async () => {
  const check = 'echo left > left-$$.txt; echo "// edited" >> src/base.ts; test -f src/second.ts';
  const plan = trackPlan("alpha", [ticketPlan("ant", { target_files: ["src/*.ts"] })]);
  let attempt = 0;
  const site = await makeSite(
    crew([plan], {
      worker: ({ turn }) => {
        if (turn > 0) return { text: "Done." };
        attempt += 1;
        const file_path = attempt === 1 ? "src/first.ts" : "src/second.ts";
        return call("write", { file_path, content: "export const word = 1;\n" });
      },
    }),
    { config: { verify: `command = ${JSON.stringify(check)}` } },
  );
  const run = await site.run([...runAll, "--land"]);
  expect(summaryOf(run)).toMatchObject({ outcome: "done", tickets: [{ status: "completed", attemptCount: 2 }] });
  const names = await site.repository.git("ls-tree", "-r", "--name-only", "main");
  expect(names).toContain("src/first.ts");
  expect(names).toContain("src/second.ts");
  expect(names).not.toContain("left-");
  expect(await site.repository.git("show", "main:src/base.ts")).toBe("export const base = 1;");
  const merged = run.lines.findLast(({ type }) => type === "merge.completed");
  const checked = run.lines.findLast(({ type, subject }) => type === "check.completed" && subject === "merged");
  expect(merged?.treeHash).toBe(checked?.treeHash);
  expect(await site.repository.git("rev-parse", `${String(merged?.commit)}^{tree}`)).toBe(String(merged?.treeHash));
});

test("a ticket that only claims success ends blocked, with its evidence and where its work lies", async () => {
  const plan = trackPlan("alpha", [ticketPlan("ant", { verify: "echo not yet; exit 3" })]);
  const site = await makeSite(crew([plan]), { config: { workers: "retries = 1" } });
  const run = await site.run(runAll);
  const { tickets } = summaryOf(run);
  expect(run.exitCode).toBe(1);
  expect(tickets).toMatchObject([{ status: "blocked", attemptCount: 2 }]);
  const status = await site.run(["status"]);
  expect(status.out).toContain("exit code 3");
  const state = JSON.parse((await site.run(["status", "--json"])).out);
  expect(state.tickets[0].attempts).toHaveLength(2);
  for (const { branch, worktree, checks } of state.tickets[0].attempts) {
    expect(branch).toStartWith("signalbox/");
    expect(worktree).toContain("T-001");
    expect(checks).toMatchObject([
      { command: "echo not yet; exit 3", exitCode: 3, treeHash: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
    expect(checks[0].durationMs).toBeGreaterThanOrEqual(0);
  }
  expect(await site.repository.git("rev-parse", "--verify", state.tickets[0].attempts[1].branch)).not.toBe("");
});
