/** The sandbox in the compiled binary, which confines itself. */
import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedTiers, makeProject } from "./scratch-project.ts";

const project = makeProject();
afterAll(() => project.remove());

test("the compiled binary confines itself, and serves as the test runner inside", () => {
  if (process.platform !== "linux") return;
  const binary = join(project.stateDir, "program");
  const source = join(import.meta.dir, "confined-program.ts");
  const build = ["build", "--compile", "--bytecode", "--format=esm", source, "--outfile", binary];
  expect(Bun.spawnSync([process.execPath, ...build], { stderr: "ignore", stdout: "ignore" }).exitCode).toBe(0);
  writeFileSync(join(project.worktree, "sum.ts"), "export const sum = (a: number, b: number) => a + b;\n");
  writeFileSync(
    join(project.worktree, "sum.test.ts"),
    'import { expect, test } from "bun:test";\nimport { sum } from "./sum.ts";\ntest("sums", () => expect(sum(1, 2)).toBe(3));\n',
  );
  for (const tier of expectedTiers()) {
    const run = Bun.spawnSync([binary, tier, project.root, project.stateDir, project.worktree], { cwd: "/" });
    const result: unknown = JSON.parse(run.stdout.toString());
    expect(result).toMatchObject({ tier, exitCode: 0, output: expect.stringContaining("1 pass") });
  }
});
