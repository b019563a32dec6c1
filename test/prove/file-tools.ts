/**
 * The file tools against paths that lead elsewhere: a generated list of traversals through every tool, a process that swaps a
 * folder and an outward link while they work, and files that are no files. It fails when a text from outside is given, a byte
 * outside changes, or a tool hangs; and when the same race does not beat a plain check (then it would prove nothing).
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { editTool, readTool, skeletonTool, writeTool } from "../../src/agents/tools/file-tools.ts";
import { globTool, grepTool } from "../../src/agents/tools/search-tools.ts";
import { type Tool, ToolFault } from "../../src/agents/tools/tool.ts";
import { diskReader } from "../../src/context/source-reader.ts";
import type { Json } from "../../src/domain/gate.ts";
import { traversals } from "../support/traversals.ts";
import type { Proof, Tally } from "./proof.ts";

const marker = "TEXT-FROM-OUTSIDE-71c3";
const unnamed = "never-named-by-a-path.txt";
const passwordLine = /^root:[^:]*:0:0/m;
const controlTries = 4_000;
const specialMs = 100;

export const fileTools: Proof = {
  name: "file-tools",
  promise: "No path, link or race leads an agent's file tool out of its worktree, to read, write or create.",
  async prove(tally, { isLong }) {
    if (process.platform !== "linux") return tally.fail("Only Linux has what this proof needs.");
    const place = makePlace();
    try {
      const stringCount = await tryTraversals(tally, place);
      const raceTries = isLong ? 100_000 : 20_000;
      const beatenCount = await race(tally, place, raceTries);
      await trySpecialFiles(tally, place);
      tally.note = `${stringCount} strings, ${raceTries} tries in a race that beats a plain check ${beatenCount} times in ${controlTries}`;
    } finally {
      rmSync(place.top, { recursive: true, force: true });
    }
  },
};

interface Place {
  /** High enough above `base` that no string of the list climbs over it. */
  readonly top: string;
  readonly base: string;
  readonly root: string;
  readonly outside: string;
}

/** `base/project` is the root; beside it lie a folder with its name as a prefix, and texts that nobody may see. */
function makePlace(): Place {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "signalbox-files-")));
  const base = join(top, "1", "2", "3", "4");
  const place = { top, base, root: join(base, "project"), outside: join(base, "outside") };
  for (const folder of [place.root, place.outside, join(base, "project-secret"), join(place.root, "src", "deep")])
    mkdirSync(folder, { recursive: true });
  for (const folder of [base, place.outside, join(base, "project-secret")])
    for (const name of ["secret.txt", unnamed]) writeFileSync(join(folder, name), `${marker}\n`);
  writeFileSync(join(place.root, "src", "a.ts"), "export const inside = 1;\n");
  symlinkSync("../outside", join(place.root, "out"));
  symlinkSync(place.outside, join(place.root, "abs"));
  symlinkSync("../outside/secret.txt", join(place.root, "leaf.txt"));
  symlinkSync("../outside/made.txt", join(place.root, "dangling.txt"));
  symlinkSync("..", join(place.root, "src", "deep", "up"));
  symlinkSync("/proc/self/root", join(place.root, "proc-root"));
  symlinkSync("/proc/self/cwd", join(place.root, "proc-cwd"));
  symlinkSync(".git", join(place.root, "gitlink"));
  return place;
}

async function tryTraversals(tally: Tally, place: Place): Promise<number> {
  const before = outsideOf(place);
  const strings = traversals(place);
  for (const [index, { text, isOurs }] of strings.entries()) {
    const uses: [Tool, Json][] = [
      [readTool, { file_path: text }],
      [skeletonTool, { file_path: text }],
      [grepTool, { pattern: `${marker}|^root:`, path: text }],
      [globTool, { pattern: "**", path: text }],
    ];
    // What names a file of the system is only read: a tool that failed here must not break the machine.
    if (isOurs) {
      uses.push([writeTool, { file_path: text, content: "taken" }]);
      uses.push([editTool, { file_path: text, old_string: marker, new_string: "taken" }]);
    }
    const faults: string[] = [];
    for (const [tool, input] of uses) faults.push(...leaks(tool.name, await used(tool, input, place.root)));
    const context = await diskReader(place.root).read(text);
    if (context !== null && leaks("context", context).length > 0) faults.push("its text came into a prompt");
    tally.trial(JSON.stringify(text), faults);
    if (index % 500 === 0) tally.trial(`outside after ${index} strings`, changes(before, outsideOf(place)));
  }
  tally.trial("outside after every string", changes(before, outsideOf(place)));
  return strings.length;
}

/** A process exchanges `box` (a folder) and `door` (a link out of the root) all the time, while each tool goes through `box`. */
async function race(tally: Tally, place: Place, tries: number): Promise<number> {
  mkdirSync(join(place.root, "box"));
  writeFileSync(join(place.root, "box", "secret.txt"), "inside\n");
  symlinkSync("../outside", join(place.root, "door"));
  const program = join(import.meta.dir, "..", "support", "swap-folders.ts");
  const swapper = Bun.spawn([process.execPath, program, ...["box", "door"].map((name) => join(place.root, name))], {
    stdin: "pipe",
    stdout: "pipe",
  });
  try {
    await swapper.stdout.getReader().read();
    const beatenCount = await beaten(place.root);
    if (beatenCount === 0) tally.fail("The race never beat a plain check, so it says nothing about the tools.");
    const before = outsideOf(place);
    for (let index = 0; index < tries; index++) {
      const [tool, input] = raceUse(index);
      tally.trial(`race ${index}, ${tool.name}`, leaks(tool.name, await used(tool, input, place.root)));
    }
    const reader = diskReader(place.root);
    for (let index = 0; index < tries / 20; index++) {
      const text = (await reader.read("box/secret.txt")) ?? "";
      tally.trial(`race ${index}, context`, leaks("context", text));
    }
    tally.trial("outside after the race", changes(before, outsideOf(place)));
    return beatenCount;
  } finally {
    swapper.kill("SIGKILL");
    await swapper.exited;
  }
}

function raceUse(index: number): [Tool, Json] {
  switch (index % 8) {
    case 0:
      return [writeTool, { file_path: `box/new-${index % 64}.txt`, content: "taken" }];
    case 1:
      return [writeTool, { file_path: `box/made-${index % 40}/deep/new.txt`, content: "taken" }];
    case 2:
      return [editTool, { file_path: "box/secret.txt", old_string: "s", new_string: "ss" }];
    case 3:
      return [writeTool, { file_path: "box/secret.txt", content: "inside\n" }];
    case 4:
      return index % 80 === 4 ? [globTool, { pattern: "*", path: "box" }] : [readTool, { file_path: "box/secret.txt" }];
    case 5:
      return index % 80 === 5
        ? [grepTool, { pattern: marker, path: "box" }]
        : [readTool, { file_path: "box/secret.txt" }];
    default:
      return [readTool, { file_path: "box/secret.txt" }];
  }
}

/** How often the swapper beats what many programs do: resolve, check, then open by path. */
async function beaten(root: string): Promise<number> {
  let count = 0;
  for (let index = 0; index < controlTries; index++) {
    const path = join(root, "box", "secret.txt");
    const real = await realpath(path).catch(() => "");
    if (!real.startsWith(`${root}/`)) continue;
    const handle = await open(path).catch(() => null);
    if ((await handle?.readFile("utf8"))?.includes(marker)) count += 1;
    await handle?.close();
  }
  return count;
}

async function trySpecialFiles(tally: Tally, { root }: Place): Promise<void> {
  Bun.spawnSync(["mkfifo", join(root, "pipe")]);
  Bun.spawnSync(["truncate", "-s", "20G", join(root, "sparse.bin")]);
  const socket = Bun.listen({ unix: join(root, "socket"), socket: { data: () => undefined } });
  const links = {
    zero: "/dev/zero",
    tty: "/dev/tty",
    kmsg: "/proc/kmsg",
    environ: "/proc/self/environ",
    mem: "/proc/self/mem",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
  // Device nodes can be made by root only; elsewhere the links above stand for them.
  const isNode = Bun.spawnSync(["mknod", join(root, "node"), "c", "1", "5"], { stderr: "ignore" }).exitCode === 0;
  const names = ["pipe", "sparse.bin", "socket", ...Object.keys(links), ...(isNode ? ["node"] : [])];
  for (const name of names)
    for (const [tool, input] of [
      [readTool, { file_path: name }],
      [skeletonTool, { file_path: name }],
      [editTool, { file_path: name, old_string: "a", new_string: "b" }],
      [grepTool, { pattern: "a", path: name }],
    ] satisfies [Tool, Json][]) {
      const times: number[] = [];
      let words = "";
      for (let turn = 0; turn < 3; turn++) {
        const startMs = performance.now();
        words = await used(tool, input, root);
        times.push(performance.now() - startMs);
      }
      const isRefused = words.startsWith("fault: ") || (tool === grepTool && words === "no line matches");
      const slow = Math.min(...times) > specialMs ? [`it took ${Math.round(Math.min(...times))} ms`] : [];
      tally.trial(`${tool.name} of ${name}`, [
        ...(isRefused ? [] : [`it was not refused: ${words.slice(0, 80)}`]),
        ...slow,
      ]);
    }
  socket.stop(true);
}

async function used(tool: Tool, input: Json, root: string): Promise<string> {
  try {
    const outcome = await tool.run(input, { root, targetFiles: ["**"], access: "worktree" });
    return outcome.kind === "result" ? outcome.text : JSON.stringify(outcome.input);
  } catch (error) {
    if (error instanceof ToolFault) return `fault: ${error.message}`;
    // A file that goes while it is used is told to the model by its system call; anything else is a defect.
    if (error instanceof Error && "syscall" in error) return `fault: ${error.message}`;
    throw error;
  }
}

function leaks(name: string, text: string): string[] {
  if (text.startsWith("fault: ")) return [];
  if (text.includes(unnamed)) return [`${name} listed a folder outside`];
  return text.includes(marker) || passwordLine.test(text.replaceAll(/^\s*\d+\t/gm, ""))
    ? [`${name} gave a text from outside`]
    : [];
}

/** Everything outside the root, and the text of what is a file. */
function outsideOf({ top, root }: Place): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (path === root) continue;
      found.set(path, entry.isFile() ? readFileSync(path, "utf8") : "");
      if (entry.isDirectory()) visit(path);
    }
  };
  visit(top);
  return found;
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const made = [...after.keys()].filter((path) => !before.has(path)).map((path) => `${path} was made`);
  const other = [...before].filter(([path, text]) => after.get(path) !== text).map(([path]) => `${path} was changed`);
  return [...made, ...other].slice(0, 3);
}
