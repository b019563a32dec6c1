/**
 * Attempts that a shell cannot make: each is one system call or two, by name, and says ESCAPED when it worked. It is copied into a
 * worktree and runs there, confined. Numbers are those of x86-64 and arm64.
 */
import { dlopen, FFIType, ptr } from "bun:ffi";

const i64 = FFIType.i64;
const libc = dlopen("libc.so.6", { syscall: { args: [i64, i64, i64, i64, i64, i64, i64], returns: i64 } }).symbols;
const isArm = process.arch === "arm64";
const call = (x64: number, arm64: number, ...args: (number | bigint | NodeJS.TypedArray)[]): number => {
  const values = args.map((value) => BigInt(typeof value === "object" ? ptr(value) : value));
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = values;
  return Number(libc.syscall(BigInt(isArm ? arm64 : x64), a, b, c, d, e, f));
};
const text = (words: string) => Buffer.from(`${words}\0`);
const env = (name: string) => process.env[name] ?? "";
const number = (name: string) => Number(env(name));
const socket = (domain: number, type: number, protocol = 0) => call(41, 198, domain, type, protocol);

function inetAddress(port: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(16));
  address.setUint16(0, 2, true);
  address.setUint16(2, port);
  address.setUint32(4, 0x7f000001);
  return new Uint8Array(address.buffer);
}

function unixAddress(name: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + name.length);
  bytes[0] = 1;
  bytes.set(name, 2);
  return bytes;
}

const connects = (descriptor: number, address: Uint8Array) =>
  descriptor >= 0 && call(42, 203, descriptor, address, address.length) === 0;
const sends = (descriptor: number, address: Uint8Array, flags = 0) => {
  const bytes = text("escaped");
  return descriptor >= 0 && call(44, 206, descriptor, bytes, bytes.length, flags, address, address.length) > 0;
};

/** Each gives whether it got out. */
const attempts: Readonly<Record<string, () => boolean>> = {
  // In a network of its own it reaches nobody: whether the port was reached, the driver knows.
  "udp-own-port": () => sends(socket(2, 2), inetAddress(number("UDP_PORT"))) && env("HAS_OWN_NETWORK") === "",
  "tcp-connect": () => connects(socket(2, 1), inetAddress(number("TCP_PORT"))),
  "tcp-fast-open": () => sends(socket(2, 1), inetAddress(number("TCP_PORT")), 0x20000000),
  "mptcp-connect": () => connects(socket(2, 1, 262), inetAddress(number("TCP_PORT"))),
  "sctp-connect": () => connects(socket(2, 1, 132), inetAddress(number("TCP_PORT"))),
  "raw-socket": () => socket(2, 3, 1) >= 0 && sends(socket(2, 3, 1), inetAddress(0)),
  "packet-socket": () => socket(17, 3, 0x0300) >= 0 && env("HAS_OWN_NETWORK") === "",
  "vsock-connect": () => connects(socket(40, 1), new Uint8Array([40, 0, 0, 0, 1, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0])),
  "abstract-socket": () => connects(socket(1, 1), unixAddress(Buffer.from(`\0${env("ABSTRACT")}`))),
  "path-socket": () => connects(socket(1, 1), unixAddress(text(env("UNIX_PATH")))),
  "docker-socket": () => connects(socket(1, 1), unixAddress(text("/var/run/docker.sock"))),
  "system-bus": () => connects(socket(1, 1), unixAddress(text("/run/dbus/system_bus_socket"))),
  "ptrace-victim": () => call(101, 117, 0x4206, number("VICTIM"), 0, 0) === 0,
  "read-victim-memory": () => {
    const room = new Uint8Array(8);
    const local = new BigUint64Array([BigInt(ptr(room)), 8n]);
    const remote = new BigUint64Array([BigInt(env("ENGINE_ADDRESS")), 8n]);
    return call(310, 270, number("ENGINE"), local, 1, remote, 1, 0) > 0;
  },
  "steal-descriptor": () => {
    const handle = call(434, 434, number("ENGINE"), 0);
    return handle >= 0 && call(438, 438, handle, number("ENGINE_FD"), 0) >= 0;
  },
  "signal-by-descriptor": () => {
    const handle = call(434, 434, number("VICTIM"), 0);
    return handle >= 0 && call(424, 424, handle, 0, 0, 0) === 0;
  },
  "limits-of-victim": () => call(302, 261, number("VICTIM"), 7, new BigUint64Array([64n, 64n]), 0) === 0,
  "priority-of-victim": () => call(141, 140, 0, number("VICTIM"), 5) === 0,
  "compare-processes": () => call(312, 272, number("ENGINE"), number("ENGINE"), 0, 0, 1) >= 0,
  "enter-namespace": () => {
    const handle = call(434, 434, number("ENGINE"), 0);
    return handle >= 0 && call(308, 268, handle, 0x00020000) === 0;
  },
  "new-user-namespace": () => call(272, 97, 0x10000000) === 0,
  "mount-something": () => call(165, 40, text("none"), text("/tmp"), text("tmpfs"), 0, 0) === 0,
  "open-a-mount-tree": () => call(428, 428, -100, text("/"), 1) >= 0,
  chroot: () => call(161, 51, text("/proc/self/cwd")) === 0,
  "io-uring": () => call(425, 425, 4, new Uint8Array(120)) >= 0 && env("SECRET_FILE") === "",
  "session-keyring": () => call(250, 219, 10, -3, text("user"), text(env("KEY_NAME")), 0) >= 0,
  "user-keyring": () => call(250, 219, 10, -4, text("user"), text(env("KEY_NAME")), 0) >= 0,
  "load-bpf": () => call(321, 280, 0, new Uint8Array([2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0]), 16) >= 0,
  "kernel-log": () => call(103, 116, 3, new Uint8Array(64), 64) > 0 && env("HAS_OPEN_KERNEL_LOG") === "",
  "type-into-terminal": () => {
    const terminal = call(257, 56, -100, text("/dev/tty"), 2);
    return terminal >= 0 && call(16, 29, terminal, 0x5412, text("x")) === 0;
  },
  "open-by-handle": () =>
    call(304, 265, -100, new Uint8Array([8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]), 0) >= 0,
  "program-from-memory": () => {
    const memory = call(319, 279, text("canary"), 0);
    const script = Buffer.from(`#!/bin/sh\ncat '${env("SECRET_FILE")}'\n`);
    if (memory < 0 || call(1, 64, memory, script, script.length) < 0) return false;
    const ran = Bun.spawnSync([`/proc/${process.pid}/fd/${memory}`], { stderr: "ignore" });
    return ran.stdout.toString().includes("SECRET");
  },
  "become-root": () => call(105, 146, 0) === 0 && env("IS_ROOT") === "",
  "set-the-clock": () => call(227, 112, 0, new BigInt64Array([BigInt(Math.floor(Date.now() / 1000)), 0n])) === 0,
  "set-the-host-name": () => call(170, 161, text("escaped"), 7) === 0,
};

const name = process.argv[2] ?? "";
const attempt = attempts[name];
if (!attempt) throw new Error(`There is no attempt "${name}".`);
console.log(attempt() ? "ESCAPED" : "held");
