/**
 * Control groups, where this user may make them: one for each command, which limits its processes and memory whatever user it
 * runs as, gives it no more than its share of the processor, and finds every process that it started. Versions 1 and 2.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isLeftBehind, ownTag } from "./owner.ts";
import { killProcess } from "./process-group.ts";

export interface GroupLimits {
  readonly processes: number;
  readonly memoryBytes: number;
}

/** A folder below which groups can be made, and the controllers that work there. */
interface Base {
  readonly folder: string;
  readonly controllers: readonly string[];
  readonly isUnified: boolean;
}

const wanted = ["pids", "memory", "cpu"];
const removalMs = 1_000;
let madeCount = 0;

/** The place for groups of this machine; `limits` hold for each group. */
export class ControlGroups {
  readonly #bases: readonly Base[];
  readonly limits: GroupLimits;

  private constructor(bases: readonly Base[], limits: GroupLimits) {
    this.#bases = bases;
    this.limits = limits;
  }

  /**
   * Looks for a place by making a group, and a process that joins it. Null where that is not to be had. Ends what the commands
   * of a killed Signalbox left there.
   */
  static find(limits: GroupLimits): ControlGroups | null {
    if (process.platform !== "linux") return null;
    const groups = new ControlGroups(findBases(), limits);
    groups.#sweep();
    const hasAll = ["pids", "memory"].every((name) => groups.#bases.some((base) => base.controllers.includes(name)));
    if (!hasAll) return null;
    try {
      const group = groups.make();
      const { exitCode } = Bun.spawnSync([...group.join, "true"], { env: {}, stdio: ["ignore", "ignore", "ignore"] });
      group.removeNow();
      return exitCode === 0 ? groups : null;
    } catch {
      // No right to make groups here, which is usual for a plain user: the limits that need them are said to be missing.
      return null;
    }
  }

  /** The same place with other limits. */
  withLimits(limits: GroupLimits): ControlGroups {
    return new ControlGroups(this.#bases, limits);
  }

  /** A new group. The caller removes it. */
  make(): ControlGroup {
    madeCount += 1;
    const name = `${ownTag()}${madeCount}`;
    return ControlGroup.make(this.#bases, name, this.limits);
  }

  /** Ends what the commands of a killed Signalbox left running. */
  #sweep(): void {
    const left = this.#bases.flatMap(({ folder }) =>
      readdirSync(folder)
        .filter((name) => isLeftBehind(name))
        .map((name) => join(folder, name)),
    );
    for (const folder of left) {
      endAll(folder);
      remove(folder);
    }
  }
}

/** The group of one command. */
export class ControlGroup {
  readonly #folders: readonly string[];
  /** In front of a command line it makes the process join before it becomes the program. It fails where it cannot join. */
  readonly join: readonly string[];

  private constructor(folders: readonly string[]) {
    this.#folders = folders;
    const joining = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 > "$1" || exit 125; shift; n=$((n-1)); done';
    const script = `{ echo 500 > /proc/$$/oom_score_adj; } 2>/dev/null; ${joining}; exec "$@"`;
    const files = folders.map((folder) => join(folder, "cgroup.procs"));
    this.join = ["/bin/sh", "-c", script, "sh", String(files.length), ...files];
  }

  static make(bases: readonly Base[], name: string, limits: GroupLimits): ControlGroup {
    const made: string[] = [];
    try {
      for (const base of bases) {
        const folder = join(base.folder, name);
        mkdirSync(folder);
        made.push(folder);
        for (const [file, value, isNeeded] of settingsOf(base, limits)) set(join(folder, file), value, isNeeded);
      }
      return new ControlGroup(made);
    } catch (error) {
      for (const folder of made) remove(folder);
      throw error;
    }
  }

  /** What the limits did, in words for the output; null when they were not reached. */
  hint(limits: GroupLimits): string | null {
    const memory = this.#counter("memory.events", "oom_kill") + this.#counter("memory.oom_control", "oom_kill");
    if (memory > 0)
      return `The command reached its limit of ${gibibytes(limits.memoryBytes)} GiB of memory, and processes of it were ended.`;
    if (this.#counter("pids.events", "max") > 0)
      return `The command reached its limit of ${limits.processes} processes, and more could not be started.`;
    return null;
  }

  #counter(file: string, name: string): number {
    for (const folder of this.#folders) {
      const text = read(join(folder, file));
      const value = new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1];
      if (value !== undefined) return Number(value);
    }
    return 0;
  }

  /** Ends every process in it. */
  end(): void {
    for (const folder of this.#folders) endAll(folder);
  }

  /** Ends what is in it and takes it away; what cannot be removed in a second is left to the next start's sweep. */
  async remove(): Promise<void> {
    for (const deadline = performance.now() + removalMs; performance.now() < deadline; ) {
      this.end();
      if (this.removeNow()) return;
      await Bun.sleep(10);
    }
  }

  removeNow(): boolean {
    return this.#folders.map(remove).every((isGone) => isGone);
  }
}

/** File, value, and whether the group is of no use without it. */
function settingsOf(base: Base, limits: GroupLimits): (readonly [string, string, boolean])[] {
  const has = (name: string) => base.controllers.includes(name);
  const settings: (readonly [string, string, boolean])[] = [];
  if (has("pids")) settings.push(["pids.max", String(limits.processes), true]);
  if (has("memory") && base.isUnified)
    settings.push(["memory.max", String(limits.memoryBytes), true], ["memory.swap.max", "0", false]);
  if (has("memory") && !base.isUnified) {
    settings.push(["memory.limit_in_bytes", String(limits.memoryBytes), true]);
    settings.push(["memory.memsw.limit_in_bytes", String(limits.memoryBytes), false]);
  }
  // A group has the weight of one process by default: a thousand processes of one command leave the main loop its time.
  return settings;
}

/** No process can start any more, then each is killed: so it ends, however fast they fork. */
function endAll(folder: string): void {
  set(join(folder, "pids.max"), "0", false);
  set(join(folder, "cgroup.kill"), "1", false);
  for (const pid of read(join(folder, "cgroup.procs")).split("\n")) {
    if (pid !== "" && pid !== "0") killProcess(Number(pid));
  }
}

function remove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

function set(file: string, value: string, isNeeded: boolean): void {
  try {
    writeFileSync(file, value, { flag: "r+" });
  } catch (error) {
    if (isNeeded) throw error;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // This version has no such file, or the group is gone.
    return "";
  }
}

function gibibytes(bytes: number): string {
  return String(Math.round((bytes / 1024 ** 3) * 10) / 10);
}

/** Mounts of control groups: where, what part of the hierarchy, and which controllers. */
function findBases(): Base[] {
  const memberships = read("/proc/self/cgroup").split("\n");
  const bases: Base[] = [];
  for (const line of read("/proc/self/mountinfo").split("\n")) {
    const [place = "", type = ""] = line.split(" - ");
    const [, , , root = "/", point = ""] = place.split(" ");
    if (type.startsWith("cgroup2 ")) {
      const unified = unifiedBase(point, folderOf(memberships, "", root, point));
      if (unified) bases.unshift(unified);
    } else if (type.startsWith("cgroup ")) {
      const names = (type.split(" ").at(-1) ?? "").split(",");
      const controllers = wanted.filter((name) => names.includes(name));
      const [first] = controllers;
      const folder = first ? folderOf(memberships, first, root, point) : "";
      if (folder) bases.push({ folder, controllers, isUnified: false });
    }
  }
  const [best] = bases;
  return best?.isUnified ? [best] : bases;
}

/** The folder of the group that this process is in; `controller` is "" for version 2. */
function folderOf(memberships: readonly string[], controller: string, root: string, point: string): string {
  const own = memberships.find((line) => line.split(":")[1]?.split(",").includes(controller)) ?? "::/";
  const path = own.split(":").slice(2).join(":");
  const below = path === root || path.startsWith(root === "/" ? "/" : `${root}/`) ? path.slice(root.length) : "";
  return join(point, root === "/" ? path : below);
}

/** Version 2 gives controllers to the children of groups without processes: the nearest such group above our own. */
function unifiedBase(point: string, own: string): Base | null {
  for (let folder = own; folder.startsWith(point); folder = dirname(folder)) {
    const given = read(join(folder, "cgroup.subtree_control")).trim().split(" ");
    const controllers = wanted.filter((name) => given.includes(name));
    if (controllers.includes("pids") && controllers.includes("memory")) return { folder, controllers, isUnified: true };
  }
  return null;
}
