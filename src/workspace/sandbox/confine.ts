/**
 * What runs as `<binary> __confine <policy> <program> <arguments...>`: gives up rights for good with Landlock and a filter of
 * system calls, then becomes the program. Speaks to the kernel by system call through bun:ffi, so no helper program is needed. Numbers and structures
 * are those of linux/landlock.h (kernel 6.12), equal on x86-64 and arm64.
 */
import { dlopen, FFIType, ptr } from "bun:ffi";
import { constants, existsSync, openSync, statSync } from "node:fs";
import { z } from "zod";
import { seccompProgram } from "./seccomp.ts";

/** What `__confine` is told, as JSON in its first argument; the command's own argv follows. */
const ConfinePolicy = z.object({
  cwd: z.string(),
  env: z.record(z.string(), z.string()).readonly(),
  /** Folders whose names may be listed, all the way down. */
  listPaths: z.array(z.string()),
  readPaths: z.array(z.string()),
  writePaths: z.array(z.string()),
  hasNetwork: z.boolean(),
});
export type ConfinePolicy = z.infer<typeof ConfinePolicy>;

const call = { createRuleset: 444, addRule: 445, restrictSelf: 446 };
const fileRights = { execute: 1n << 0n, write: 1n << 1n, read: 1n << 2n, truncate: 1n << 14n, ioctl: 1n << 15n };
const readDir = 1n << 3n;
const readRights = fileRights.execute | fileRights.read | readDir;
const forFiles = fileRights.execute | fileRights.write | fileRights.read | fileRights.truncate | fileRights.ioctl;
const deviceRights = fileRights.read | fileRights.write | fileRights.truncate | fileRights.ioctl;
const devices = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);
/**
 * Runtimes read their own /proc/self, which no rule can name for processes to come, so all of /proc is readable; what it
 * says of processes outside (environment, memory) the kernel refuses to a confined process, and a canary checks that.
 */
const kernelPaths = ["/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage"];
/** Bit 3 onwards of the rights grew with the ABI: 13 rights at first, then moving, truncating, device control. */
const rightCountOfAbi = [0, 13, 14, 15, 15, 16];
const oPath = 0o10000000;
const control = { parentDeathSignal: 1, dropFromBoundingSet: 24, noNewPrivileges: 38, seccomp: 22 };
const capabilityVersion3 = 0x20080522;

type Libc = ReturnType<typeof openLibc>;

/** Confines this process by the policy in `argv[0]` and becomes `argv[1...]`. Comes back never: on a fault it exits 125. */
export function confineAndExec(argv: readonly string[]): never {
  try {
    const policy = ConfinePolicy.parse(JSON.parse(argv[0] ?? ""));
    const program = argv.slice(1);
    const libc = openLibc();
    process.chdir(policy.cwd);
    // Bun ignores SIGPIPE, and a program would inherit that: `yes | head` must end as it does in any shell.
    libc.signal(13, 0);
    libc.prctl(control.parentDeathSignal, 9n, 0n, 0n, 0n);
    confine(libc, policy);
    becomeProgram(libc, program, policy.env);
  } catch (error) {
    process.stderr.write(
      `signalbox could not confine the command: ${error instanceof Error ? error.message : error}\n`,
    );
  }
  process.exit(125);
}

function confine(libc: Libc, policy: ConfinePolicy): void {
  const abi = Number(libc.syscall(call.createRuleset, 0n, 0n, 1n, 0n, 0n));
  if (abi < 3)
    throw new Error("this kernel's Landlock is missing or too old (it needs Linux 6.2, and it must be switched on)");
  if (abi < 4 && !policy.hasNetwork)
    throw new Error("this kernel's Landlock cannot refuse the network (it needs Linux 6.7)");
  const handled = (1n << BigInt(rightCountOfAbi[Math.min(abi, 5)] ?? 13)) - 1n;
  const ruleset = createRuleset(libc, abi, handled, policy.hasNetwork);
  for (const path of policy.listPaths) allowPath(libc, ruleset, path, readDir);
  for (const path of policy.readPaths) allowPath(libc, ruleset, path, readRights & handled);
  for (const path of kernelPaths) allowPath(libc, ruleset, path, readRights & handled);
  for (const path of devices) allowPath(libc, ruleset, path, deviceRights & handled);
  for (const path of policy.writePaths) allowPath(libc, ruleset, path, handled);
  must("prctl", libc.prctl(control.noNewPrivileges, 1n, 0n, 0n, 0n));
  dropCapabilities(libc);
  must("landlock_restrict_self", Number(libc.syscall(call.restrictSelf, BigInt(ruleset), 0n, 0n, 0n, 0n)));
  filterCalls(libc, policy.hasNetwork);
}

/** `struct sock_fprog`: how many instructions, and where they are. */
function filterCalls(libc: Libc, hasNetwork: boolean): void {
  const program = seccompProgram(hasNetwork ? "network" : "no network");
  if (!program) throw new Error(`there is no filter of system calls for ${process.arch}`);
  const described = new BigUint64Array([BigInt(program.length / 8), BigInt(ptr(program))]);
  must("seccomp", libc.prctl(control.seccomp, 2n, BigInt(ptr(described)), 0n, 0n));
}

/**
 * Gives up root's powers, for good: they would let a command read other processes' memory past Landlock. To a plain user
 * the first part is refused, who has none to give up.
 */
function dropCapabilities(libc: Libc): void {
  for (let capability = 0n; capability < 64n; capability++)
    libc.prctl(control.dropFromBoundingSet, capability, 0n, 0n, 0n);
  const header = new Uint32Array([capabilityVersion3, 0]);
  must("capset", libc.capset(ptr(header), ptr(new Uint32Array(6))));
}

/** `struct landlock_ruleset_attr`: file rights, TCP rights (bind, connect), scopes (abstract sockets, signals). */
function createRuleset(libc: Libc, abi: number, handled: bigint, hasNetwork: boolean): number {
  const attributes = new BigUint64Array([handled, hasNetwork ? 0n : 0b11n, 0b11n]);
  const sizeBytes = abi >= 6 ? 24n : abi >= 4 ? 16n : 8n;
  const made = libc.syscall(call.createRuleset, BigInt(ptr(attributes)), sizeBytes, 0n, 0n, 0n);
  return must("landlock_create_ruleset", Number(made));
}

/** `struct landlock_path_beneath_attr` (packed): the rights, then the descriptor of the path. Absent paths are left out. */
function allowPath(libc: Libc, ruleset: number, path: string, rights: bigint): void {
  if (!existsSync(path)) return;
  const attributes = new DataView(new ArrayBuffer(16));
  attributes.setBigUint64(0, statSync(path).isDirectory() ? rights : rights & forFiles, true);
  attributes.setInt32(8, openSync(path, oPath | constants.O_RDONLY), true);
  const rule = BigInt(ptr(attributes));
  must(`landlock_add_rule for ${path}`, Number(libc.syscall(call.addRule, BigInt(ruleset), 1n, rule, 0n, 0n)));
}

function becomeProgram(libc: Libc, argv: readonly string[], env: Readonly<Record<string, string>>): void {
  const strings = cStrings(argv);
  const variables = cStrings(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const program = Buffer.from(`${argv[0] ?? ""}\0`);
  libc.execve(ptr(program), ptr(strings.pointers), ptr(variables.pointers));
  throw new Error(`${argv[0]} could not be started`);
}

/** A NULL-ended array of C strings; the strings are held with it, so that they outlive the call. */
function cStrings(texts: readonly string[]) {
  const strings = texts.map((text) => Buffer.from(`${text}\0`));
  return { strings, pointers: new BigUint64Array([...strings.map((string) => BigInt(ptr(string))), 0n]) };
}

function must(what: string, result: number): number {
  if (result < 0) throw new Error(`${what} was refused by the kernel`);
  return result;
}

function openLibc() {
  const names = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`, "libc.so"];
  for (const name of names) {
    try {
      return dlopen(name, {
        syscall: {
          args: [FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64],
          returns: FFIType.i64,
        },
        prctl: { args: [FFIType.i32, FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i32 },
        execve: { args: [FFIType.ptr, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
        capset: { args: [FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
        signal: { args: [FFIType.i32, FFIType.i64], returns: FFIType.i64 },
      }).symbols;
    } catch (error) {
      if (name === names.at(-1)) throw new Error("the C library was not found", { cause: error });
    }
  }
  throw new Error("the C library was not found");
}
