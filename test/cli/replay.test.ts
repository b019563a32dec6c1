/** Recording and replaying through the command line, in this process: where it is played, what may differ, and what may not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { treeDifference } from "../../src/cli/cassette/tree-difference.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { readTape } from "../../src/simulator/cassette-tape.ts";
import { parseScenario } from "../../src/simulator/scenario.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { sceneFiles, scenes } from "../cassettes/scenes.ts";
import { type TestWorld, testWorld } from "../support/cli-world.ts";
import { makeTempRepository, type TempRepository } from "../support/temp-repository.ts";

const canary = "sk-test-0123456789-canary-of-ours";
const recordedFolder = join(import.meta.dir, "../cassettes");
const open: { remove(): unknown }[] = [];
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startWords();
});
afterAll(async () => {
  for (const each of open) await each.remove();
  await simulator.stop();
});

function startWords(): Promise<Simulator> {
  const scene = scenes.find(({ name }) => name === "answered-gates");
  return startSimulator({ scenario: parseScenario(scene?.scenario) });
}

interface Place {
  readonly repository: TempRepository;
  readonly world: TestWorld;
  signalbox(...argv: readonly string[]): Promise<number>;
}

async function place(env: Record<string, string> = {}): Promise<Place> {
  const repository = await makeTempRepository(sceneFiles);
  const world = testWorld({ env });
  open.push(repository, world);
  const signalbox = async (...argv: readonly string[]) => {
    world.said.note = "";
    world.said.out = "";
    return await runCli([...argv, "--project", repository.root], world);
  };
  return { repository, world, signalbox };
}

/** A cassette of the folder, changed as text. */
async function changed(name: string, world: TestWorld, change: (text: string) => string): Promise<string> {
  const path = join(world.cwd, "changed.jsonl");
  const text = await Bun.file(join(recordedFolder, `${name}.jsonl`)).text();
  const now = change(text);
  expect(now).not.toBe(text);
  await Bun.write(path, now);
  return path;
}

describe.concurrent("a run that nobody has seen", () => {
  test("is recorded without a secret, and played again in a clone, which leaves the project as it is", async () => {
    const own = startWords();
    open.push({ remove: async () => (await own).stop() });
    const here = await place({ ANTHROPIC_BASE_URL: (await own).url, ANTHROPIC_API_KEY: canary });
    const { world, repository, signalbox } = here;
    const path = join(world.cwd, "mine.jsonl");
    const goal = `Write the words, and never say ${canary}.`;
    const record = ["record", path, "--epic", goal, "--approve", "all", "--land", "--trust"];
    expect([await signalbox(...record), world.said.note]).toEqual([0, expect.stringContaining("exchanges are in")]);
    const text = await Bun.file(path).text();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect([text.includes(canary), text.includes(repository.root)]).toEqual([false, false]);
    expect(text).toContain("never say [secret].");
    expect(await signalbox(...record)).toBe(2);
    expect(world.said.note).toContain("is there already, and is not overwritten");

    const before = await repository.fingerprint();
    const branches = await repository.git("for-each-ref");
    const asked = (await own).requests.length;
    expect([await signalbox("replay", path), world.said.note]).toEqual([
      0,
      expect.stringContaining("played in a clone"),
    ]);
    expect(world.said.note).toContain("landed on main");
    const clone = /played in a clone: (\S+)/.exec(world.said.note)?.[1] ?? "";
    expect([existsSync(clone), await repository.fingerprint(), await repository.git("for-each-ref")]).toEqual([
      false,
      before,
      branches,
    ]);
    expect((await own).requests.length).toBe(asked);

    const fromLog = join(world.cwd, "log.jsonl");
    expect(await signalbox("record", fromLog)).toBe(0);
    const hashes = (source: string) => readTape(source, "x").exchanges.map(({ form }) => form.hash);
    expect(hashes(await Bun.file(fromLog).text())).toEqual(hashes(text));
  });
});

describe.concurrent("a recording", () => {
  test("of another day, whose agents answered in another order, comes to the same files", async () => {
    const { world, signalbox } = await place();
    const path = await changed("two-tracks", world, (text) =>
      neighboursSwapped(text.replaceAll(/_20\d{6}\b/g, "_20200229").split("\n")).join("\n"),
    );
    expect([await signalbox("replay", path, "--trust", "--land"), world.said.note]).toEqual([
      0,
      expect.stringContaining("landed on main"),
    ]);
  });

  test("that differs from what is asked stops the run with the difference; live goes on from there, and is in it then", async () => {
    const { world, signalbox } = await place({ ANTHROPIC_BASE_URL: simulator.url });
    const path = await changed("answered-gates", world, (text) =>
      text
        .split("\n")
        .map((line) => (line.includes('"role":"worker"') ? line.replaceAll("Keep it short.", "Keep it long.") : line))
        .join("\n"),
    );
    expect(await signalbox("replay", path, "--trust")).toBe(1);
    expect(world.said.note).toContain("The request of Tier 3 (Worker): T-001, turn 1, differs from the recorded one");
    expect(world.said.note).toContain("    -Keep it long.\n    +Keep it short.");
    expect([await signalbox("replay", path, "--on-miss", "live"), world.said.note]).toEqual([
      0,
      expect.stringMatching(/\d calls went to the real endpoint, and are in /),
    ]);
    expect([await signalbox("replay", path), world.said.note]).toEqual([0, expect.stringContaining("cost nothing")]);
  }, 90_000);

  test("that is interrupted says how it goes on: a clone begins again, a project would ask the real endpoint", async () => {
    const { world, repository, signalbox } = await place();
    const path = join(recordedFolder, "answered-gates.jsonl");
    const interrupted = async () => {
      const ended = signalbox("replay", path, "--trust");
      while (!world.said.note.includes("G-0001")) await new Promise((resolve) => setImmediate(resolve));
      world.interrupt();
      return [await ended, world.said.note];
    };
    const asks = 'Interrupted. "signalbox resume" goes on from here, and asks the real endpoint.';
    expect(await interrupted()).toEqual([130, expect.stringContaining(asks)]);
    expect(existsSync(join(repository.root, ".signalbox/signalbox.db"))).toBe(true);
    const again = 'Interrupted. "signalbox replay" begins it again.';
    expect(await interrupted()).toEqual([130, expect.stringContaining(again)]);
  });

  test("whose lever is refused here ends with the reason", async () => {
    const { world, signalbox } = await place();
    const path = await changed("retried-ticket", world, (text) =>
      text.replace(/("type":"lever","command":\{"type":"retry_ticket","ticketId":")T-\d+/, "$1T-099"),
    );
    expect(await signalbox("replay", path, "--trust")).toBe(1);
    expect(world.said.note).toMatch(
      /A person's retry_ticket of the recording is refused here: There is no ticket T-\d+/,
    );
  });

  test("decides only what it was shown: another payload stops at its gate", async () => {
    const { world, signalbox } = await place();
    const path = await changed("answered-gates", world, (text) =>
      text.replace('"kind":"tickets","subject":"alpha', '"kind":"tickets","subject":"other'),
    );
    expect(await signalbox("replay", path, "--trust")).toBe(3);
    expect(world.said.note).toContain("The recording holds no decision at a tickets gate of alpha");
  });

  test("brings no rules: a command that nobody decided about there waits, and its reason says so", async () => {
    const { world, signalbox } = await place();
    const path = await changed("answered-gates", world, (text) =>
      text
        .split("\n")
        .filter((line) => !line.startsWith('{"type":"decision","kind":"command"'))
        .join("\n"),
    );
    expect(await signalbox("replay", path, "--trust")).toBe(3);
    expect(world.said.note).toContain("rules are this project's own, so write it here, too.");
  });

  test("at the level all goes on by itself where nothing confines commands, but for the commands of agents", async () => {
    const { signalbox } = await place();
    const path = join(recordedFolder, "two-tracks.jsonl");
    expect(await signalbox("replay", path, "--trust", "--unsafe-no-sandbox")).toBe(0);
  });

  test("decides about no command where nothing confines it", async () => {
    const { world, signalbox } = await place();
    const path = join(recordedFolder, "answered-gates.jsonl");
    expect(await signalbox("replay", path, "--trust", "--unsafe-no-sandbox")).toBe(3);
    expect(world.said.note).toContain("Stopped at the command gate");
    expect(world.said.note).toContain(
      "what the recording decided about one is not taken. --approve all lets them run.",
    );
  });

  test("that names providers without end starts none of them", async () => {
    const { world, signalbox } = await place();
    const path = await changed("changed-settings", world, (text) => {
      const lever = text.split("\n").find((line) => line.startsWith('{"type":"lever"')) ?? "";
      const levers = Array.from({ length: 40 }, (_unset, at) => lever.replace('"default"', `"p${at}"`));
      return text.replace(lever, levers.join("\n"));
    });
    expect(await signalbox("replay", path, "--trust")).toBe(2);
    expect(world.said.note).toContain("its settings name 41 providers, at most 32 are played");
  });

  test("of a commit that is not there says which", async () => {
    const { world, repository, signalbox } = await place();
    await repository.commit({ "more.txt": "more\n" });
    expect(await signalbox("replay", join(recordedFolder, "two-tracks.jsonl"), "--trust")).toBe(1);
    expect(world.said.note).toContain("The recording began at the commit");
    expect(world.said.note).toContain("Fetch that commit");
  });
});

test("other files than the recorded ones are told, by track", () => {
  const merged = { type: "merged" as const, track: "alpha_20260101", ticket: "T-001", tree: "a".repeat(40) };
  const fact = {
    type: "merge.completed" as const,
    ticketId: "T-001",
    trackId: "alpha_20270101",
    attempt: 1,
    commit: "c",
  };
  const merge = (treeHash: string) => [{ ...fact, treeHash, position: 1, at: "" }];
  expect(treeDifference([merged], merge(merged.tree))).toBeNull();
  expect(treeDifference([merged], merge("b".repeat(40)))).toContain("The replay of alpha ends with other files");
  expect(treeDifference([merged], [])).toContain("merged work into alpha, and this replay did not");
});

/** Exchanges of different agents that stand side by side change places: each might as well have been first. */
function neighboursSwapped(lines: readonly string[]): string[] {
  const agentOf = (line: string | undefined) =>
    /^\{"type":"exchange".*?"role":"worker".*?"agent":"(A-\d+)"/.exec(line ?? "")?.[1];
  const swapped = [...lines];
  let count = 0;
  for (let at = 0; at + 1 < swapped.length; at += 1) {
    const [one, other] = [swapped[at] ?? "", swapped[at + 1] ?? ""];
    const [first, second] = [agentOf(one), agentOf(other)];
    if (first === undefined || second === undefined || first === second) continue;
    swapped.splice(at, 2, other, one);
    count += 1;
    at += 1;
  }
  expect(count).toBeGreaterThan(0);
  return swapped;
}
