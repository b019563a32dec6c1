/**
 * A program for the escape suite: it stands for Signalbox, as whatever user it is started. It makes what must not be reached,
 * probes a tier, runs each command of its input in it, and prints what each printed and what changed outside.
 */
import { dlopen, FFIType, ptr } from "bun:ffi";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "../../src/workspace/command-runner.ts";
import { confineAndExec } from "../../src/workspace/sandbox/confine.ts";
import { probeSandbox } from "../../src/workspace/sandbox/probe.ts";

if (process.argv[2] === "__confine") confineAndExec(process.argv.slice(3));

const Input = z.object({
  base: z.string(),
  tier: z.enum(["bubblewrap", "landlock"]),
  program: z.string(),
  canaries: z.array(z.object({ name: z.string(), command: z.string() })),
});
const { base, tier, program, canaries } = Input.parse(await Bun.stdin.json());
const place = makePlace(base);
const reached: string[] = [];
const tcp = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: { open: () => void reached.push("a TCP port"), data: () => undefined },
});
const udp = await Bun.udpSocket({ hostname: "127.0.0.1", socket: { data: () => void reached.push("a UDP port") } });
const abstract = `signalbox-canary-${process.pid}`;
for (const unix of [`\0${abstract}`, join(place.project, "service.sock")])
  Bun.listen({ unix, socket: { open: () => void reached.push("a Unix socket"), data: () => undefined } });
const victim = Bun.spawn(["sleep", "3000"], { env: { SECRET_OF_VICTIM: "SECRET" }, cwd: place.project });
const descriptor = openSync(join(place.home, "secret"), "r");
const kept = Buffer.from("SECRET-IN-MEMORY");
addKey();

process.env.HOME = place.home;
process.env.SECRET_OF_ENGINE = "SECRET";
const projectRoot = place.project;
const stateDir = join(place.project, ".signalbox");
const sandbox = await probeSandbox({
  mode: "auto",
  network: false,
  isUnsafe: false,
  projectRoot,
  stateDir,
  tiers: [tier],
});
writeFileSync(join(place.worktree, "canary.ts"), program);
const env = {
  VICTIM: String(victim.pid),
  ENGINE: String(process.pid),
  ENGINE_FD: String(descriptor),
  ENGINE_ADDRESS: String(ptr(kept)),
  TCP_PORT: String(tcp.port),
  UDP_PORT: String(udp.port),
  ABSTRACT: abstract,
  UNIX_PATH: join(place.project, "service.sock"),
  SECRET_FILE: join(place.home, "secret"),
  KEY_NAME: "signalbox-canary",
  IS_ROOT: process.getuid?.() === 0 ? "1" : "",
  HAS_OWN_NETWORK: tier === "bubblewrap" ? "1" : "",
  HAS_OPEN_KERNEL_LOG: "",
  SELF: process.execPath,
  ...place,
};
const results = [];
for (const { name, command } of canaries) {
  const before = outside();
  reached.length = 0;
  const words = await runCommand({ command, cwd: place.worktree, timeoutMs: 20_000, sandbox, env }).then(
    ({ output }) => output,
    (error: unknown) => `not started: ${String(error)}`,
  );
  const evidence = [...new Set(reached), ...differences(before, outside())];
  if (victim.exitCode !== null || victim.signalCode !== null) evidence.push("a process outside was ended");
  results.push({ name, words: words.slice(0, 2_000), evidence });
}
victim.kill("SIGKILL");
console.log(JSON.stringify({ tier: sandbox.tier, description: sandbox.describe(), results }));
process.exit(0);

function makePlace(folder: string) {
  const project = join(folder, "project");
  const state = join(project, ".signalbox");
  const found = {
    project,
    home: join(folder, "home"),
    worktree: join(state, "worktrees", "T-001"),
    other: join(state, "worktrees", "T-002"),
    state,
  };
  for (const made of [
    found.home,
    found.worktree,
    found.other,
    join(project, ".git", "hooks"),
    join(found.home, ".ssh"),
  ])
    mkdirSync(made, { recursive: true });
  const files = [
    "home/secret",
    "home/.ssh/id_rsa",
    "home/.bashrc",
    "project/secret.txt",
    "project/.env",
    "project/.git/config",
  ];
  const more = ["project/.git/hooks/sample", ".git/HEAD", "token", "signalbox.db", "worktrees/T-002/file"];
  for (const path of files) writeFileSync(join(folder, path), "SECRET\n");
  for (const path of more)
    writeFileSync(
      path.startsWith("project") ? join(folder, path) : join(state, path.replace(/^\.git\//, "git-")),
      "SECRET\n",
    );
  writeFileSync(join(found.worktree, ".git"), `gitdir: ${join(project, ".git")}\n`);
  chmodSync(join(found.home, ".ssh", "id_rsa"), 0o600);
  return found;
}

/** Everything that may not change: names, kinds, rights, times, texts. The worktree itself is left out. */
function outside(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder)) {
      const path = join(folder, entry);
      // The canaries of a start come and go in their own folders.
      if (path === place.worktree || entry.startsWith("probe-") || entry.startsWith(".signalbox-probe-")) continue;
      const stats = lstatSync(path);
      const digest = stats.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
      found.set(path, [stats.mode, stats.uid, stats.isDirectory() ? 0 : stats.mtimeMs, digest].join(" "));
      if (stats.isDirectory()) visit(path);
    }
  };
  visit(base);
  for (const path of ["/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr/bin", "/root", "/run"])
    for (const name of ["signalbox-escaped"]) found.set(join(path, name), exists(join(path, name)));
  found.set("core_pattern", readFileSync("/proc/sys/kernel/core_pattern", "utf8"));
  return found;
}

function exists(path: string): string {
  try {
    lstatSync(path);
    return "there";
  } catch {
    return "not there"; // Absent, as it should be, or not for this user to see.
  }
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).map((path) => `${path} changed`);
}

/** A key in the session's keyring, as a login leaves there; a kernel without keyrings has none to lose. */
function addKey(): void {
  const { i64 } = FFIType;
  const libc = dlopen("libc.so.6", { syscall: { args: [i64, i64, i64, i64, i64, i64], returns: i64 } }).symbols;
  const number = process.arch === "arm64" ? 217n : 248n;
  const texts = ["user\0", "signalbox-canary\0", "SECRET"].map((text) => Buffer.from(text));
  const [type, name, value] = texts.map((text) => BigInt(ptr(text)));
  for (const ring of [-3n, -4n]) libc.syscall(number, type ?? 0n, name ?? 0n, value ?? 0n, 6n, ring);
}
