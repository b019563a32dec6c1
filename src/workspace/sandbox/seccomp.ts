/**
 * A filter of system calls for what Landlock does not judge: sockets other than plain TCP, ways around its rules, and powers
 * over the rest of the machine that no build or test needs. Gives the program as the kernel takes it (linux/filter.h).
 */

/** Numbers of the calls: x86-64, arm64. */
const calls = {
  socket: [41, 198],
  sendto: [44, 206],
  sendmsg: [46, 211],
  sendmmsg: [307, 269],
  ioctl: [16, 29],
  clone: [56, 220],
  unshare: [272, 97],
  clone3: [435, 435],
  addKey: [248, 217],
  requestKey: [249, 218],
  keyctl: [250, 219],
  syslog: [103, 116],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  openByHandle: [304, 265],
  ioUringSetup: [425, 425],
} as const;
type Call = keyof typeof calls;

/** Keys of the session, the kernel's log, programs for the kernel, and a queue of calls that no filter sees. */
const refused: readonly Call[] = [
  "addKey",
  "requestKey",
  "keyctl",
  "syslog",
  "bpf",
  "userfaultfd",
  "openByHandle",
  "ioUringSetup",
];
const family = { inet: 2, inet6: 10, netlink: 16 };
const type = { mask: 0xf, stream: 1 };
const tcp = [0, 6];
const fastOpen = 0x20000000;
const newUserNamespace = 0x10000000;
/** Typing into a terminal, and into the console. */
const typing = [0x5412, 0x541c];
const errno = { notPermitted: 1, access: 13, noSuchCall: 38 };
/** Where `struct seccomp_data` holds the call's number, the architecture, and the low half of each argument. */
const at = { number: 0, architecture: 4, argument: (index: number) => 16 + 8 * index };
const op = { load: 0x20, and: 0x54, ifEqual: 0x15, ifAtLeast: 0x35, ifAnyBit: 0x45, give: 0x06 };

type Instruction = readonly [op: number, yes: number, no: number, value: number];

/** `own network`: a network namespace of its own already keeps every socket in. */
export type SocketRule = "no network" | "network" | "own network";

/** The program for this processor; null where its numbers are not known. */
export function seccompProgram(sockets: SocketRule, architecture: string = process.arch): Uint8Array | null {
  const column = architecture === "x64" ? 0 : architecture === "arm64" ? 1 : null;
  if (column === null) return null;
  const only = (name: Call, rule: Instruction[]) => whenEqual(calls[name][column], rule);
  return encoded([
    [op.load, 0, 0, at.architecture],
    // Calls of another architecture have other numbers: none of them is served.
    [op.ifEqual, 1, 0, column === 0 ? 0xc000003e : 0xc00000b7],
    give(errno.noSuchCall),
    [op.load, 0, 0, at.number],
    [op.ifAtLeast, 0, 1, 0x40000000],
    give(errno.noSuchCall),
    ...refused.flatMap((name) => only(name, [give(errno.notPermitted)])),
    // Its flags lie in memory, where no filter can look; libraries go on with `clone` when it is missing.
    ...only("clone3", [give(errno.noSuchCall)]),
    ...only("clone", refuseBits(0, newUserNamespace)),
    ...only("unshare", refuseBits(0, newUserNamespace)),
    ...only("ioctl", [load(1), ...typing.flatMap((value) => whenEqual(value, [give(errno.notPermitted)])), allow]),
    ...(sockets === "no network" ? (["sendto", "sendmsg", "sendmmsg"] as const) : []).flatMap((name) =>
      // It connects without being asked whether it may.
      only(name, refuseBits(name === "sendmsg" ? 2 : 3, fastOpen)),
    ),
    ...(sockets === "own network" ? [] : only("socket", socketRule(sockets === "network"))),
    allow,
  ]);
}

/** TCP, which Landlock judges, and questions to the kernel; with the network open every kind of Internet socket. */
function socketRule(hasNetwork: boolean): Instruction[] {
  const internet: Instruction[] = hasNetwork
    ? [allow]
    : [
        load(1),
        [op.and, 0, 0, type.mask],
        [op.ifEqual, 1, 0, type.stream],
        give(errno.access),
        load(2),
        ...tcp.flatMap((protocol) => whenEqual(protocol, [allow])),
        give(errno.access),
      ];
  return [
    load(0),
    ...whenEqual(family.netlink, [allow]),
    ...whenEqual(family.inet, internet),
    // The rule before has taken another argument in hand only where it decided.
    ...whenEqual(family.inet6, internet),
    give(errno.access),
  ];
}

const allow: Instruction = [op.give, 0, 0, 0x7fff0000];

function give(error: number): Instruction {
  return [op.give, 0, 0, 0x00050000 | error];
}

function load(argument: number): Instruction {
  return [op.load, 0, 0, at.argument(argument)];
}

function whenEqual(value: number, rule: Instruction[]): Instruction[] {
  return [[op.ifEqual, 0, rule.length, value], ...rule];
}

function refuseBits(argument: number, bits: number): Instruction[] {
  return [load(argument), [op.ifAnyBit, 0, 1, bits], give(errno.notPermitted), allow];
}

/** `struct sock_filter`: a word for the operation, two bytes for the jumps, and the value. */
function encoded(program: readonly Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, [operation, yes, no, value]] of program.entries()) {
    bytes.setUint16(index * 8, operation, true);
    bytes.setUint8(index * 8 + 2, yes);
    bytes.setUint8(index * 8 + 3, no);
    bytes.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return new Uint8Array(bytes.buffer);
}
