/** What a confined command can and cannot reach, probed from inside. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../../src/workspace/command-runner.ts";
import type { SandboxPlan } from "../../../src/workspace/sandbox/plan.ts";
import { expectedTiers, makeProject } from "./scratch-project.ts";

const project = makeProject();
afterAll(() => project.remove());

for (const tier of expectedTiers()) {
  describe(`the ${tier} sandbox`, () => {
    let sandbox: SandboxPlan;
    beforeAll(async () => {
      sandbox = await project.probe({ tiers: [tier] });
    });
    const run = (command: string, plan = sandbox) =>
      runCommand({ command, cwd: project.worktree, timeoutMs: 10_000, sandbox: plan });
    const output = async (command: string) => (await run(command)).output;

    test("passes its canaries, and says what it does and does not enforce", () => {
      const words = sandbox.describe();
      expect(sandbox).toMatchObject({ tier, isConfined: true, hasNetwork: false });
      expect(words.enforced.length).toBeGreaterThan(2);
      expect(words.summary).toEndWith(".");
    });

    test("lets the worktree be written and nothing else", async () => {
      expect(await output("mkdir -p a/b && echo x > a/b/c && mv a/b/c d && cat d")).toBe("x\n");
      const outside = [project.root, project.stateDir, homedir(), "/usr", "/etc", "/var/tmp"];
      for (const folder of outside)
        await run(`echo x > ${folder}/escaped; cp d ${folder}/escaped; ln d ${folder}/escaped`);
      expect(outside.filter((folder) => existsSync(join(folder, "escaped")))).toEqual([]);
    });

    test("hides the project, our state and what links lead to", async () => {
      symlinkSync(join(project.stateDir, "token"), join(project.worktree, `link-${tier}`));
      const command = `cat ${project.root}/secret.txt; cat ${project.stateDir}/token; cat link-${tier}; cat /etc/shadow`;
      const text = await output(command);
      expect(text).not.toContain("the token");
      expect(text).not.toContain("user's own tree");
      expect(text).not.toContain("root:");
    });

    test("cannot change a file outside through a link or by truncating", async () => {
      symlinkSync(join(project.root, "secret.txt"), join(project.worktree, `out-${tier}`));
      await run(`: > out-${tier}; truncate -s 0 out-${tier}; chmod 777 out-${tier}; rm ${project.root}/secret.txt`);
      expect(readFileSync(join(project.root, "secret.txt"), "utf8")).toContain("user's own tree");
    });

    test("reaches no port of this machine, unless the network is allowed", async () => {
      const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
      const connect = `(exec 3<>/dev/tcp/127.0.0.1/${server.port}) 2>/dev/null && echo reached || echo refused`;
      expect(await output(connect)).toBe("refused\n");
      const open = await project.probe({ tiers: [tier], network: true });
      expect((await run(connect, open)).output).toBe("reached\n");
      expect(open.describe().summary).toContain("network open");
      server.stop(true);
    });

    test("cannot write the kernel's settings, not even as root", async () => {
      expect(await output("(: >> /proc/sys/kernel/core_pattern) 2>/dev/null && echo open")).toBe("");
    });

    test("cannot see our environment or end our process", async () => {
      expect(await output(`grep -c PATH /proc/${process.pid}/environ 2>/dev/null`)).toBe("");
      expect(await output(`kill -9 ${process.pid} 2>/dev/null && echo ended`)).toBe("");
    });

    test("lets the project's packages be read and not changed, and found from the worktree", async () => {
      const pack = join(project.root, "node_modules", "sample");
      mkdirSync(pack, { recursive: true });
      writeFileSync(join(pack, "package.json"), '{"name":"sample","main":"index.js"}');
      writeFileSync(join(pack, "index.js"), "module.exports = 42;");
      const plan = await project.probe({ tiers: [tier] });
      writeFileSync(join(project.worktree, "use.test.ts"), useTest);
      const bun = `BUN_BE_BUN=1 ${process.execPath} test ./use.test.ts`;
      const result = await run(`${bun}; echo x > ${pack}/index.js`, plan);
      expect(result.output).toContain("1 pass");
      expect(readFileSync(join(pack, "index.js"), "utf8")).toBe("module.exports = 42;");
    });

    test("leaves nothing behind from its trial", async () => {
      const home = join(project.root, `home-${tier}`);
      mkdirSync(home);
      const before = readdirSync(project.stateDir);
      const plan = await project.probe({ tiers: [tier], env: { ...process.env, HOME: home } });
      expect(plan.tier).toBe(tier);
      expect(readdirSync(project.stateDir)).toEqual(before);
      expect(readdirSync(home)).toEqual([]);
    });
  });
}

const useTest = `import { expect, test } from "bun:test";
import sample from "sample";
test("finds the package", () => expect(sample).toBe(42));
`;

describe("choosing a sandbox", () => {
  test("takes the best tier that holds", async () => {
    const [best] = expectedTiers();
    expect((await project.probe()).tier).toBe(best ?? "none");
  });

  test("obeys the flag for unconfined commands only when the mode lets it", async () => {
    expect((await project.probe({ isUnsafe: true })).tier).toBe("unsafe");
    const required = await project.probe({ isUnsafe: true, mode: "required", tiers: [] });
    expect(required.tier).toBe("none");
    expect(required.describe().summary).toContain("not obeyed");
  });

  test("refuses a tier that cannot be set up, with the reason", async () => {
    if (process.platform !== "linux") return;
    const plan = await project.probe({
      tiers: ["landlock"],
      confineCommand: ["/bin/sh", "-c", "echo no kernel >&2; exit 1"],
    });
    expect(plan.tier).toBe("none");
    expect(plan.describe().summary).toContain("no kernel");
  });

  test("does not use a tier that confines nothing", async () => {
    if (process.platform !== "linux") return;
    const plan = await project.probe({
      tiers: ["landlock"],
      confineCommand: ["/bin/sh", "-c", 'shift; cd "$0"; exec "$@"', project.worktree],
    });
    expect(plan.tier).toBe("none");
  });
});
