/** The escape suite: what a confined command tries. Each prints ESCAPED when it worked, or leaves a trace that the driver sees. */

/** What the partial tier by design lets through; the sentence with which it is told is checked by the proof. */
export type Gap = "metadata" | "names" | "processes" | "scheduling";

export interface Canary {
  readonly name: string;
  readonly command: string;
  readonly gap?: Gap;
}

const seen = (command: string) => `(${command}) 2>/dev/null | grep -aq SECRET && echo ESCAPED`;
const done = (command: string) => `(${command}) >/dev/null 2>&1 && echo ESCAPED`;
/** The driver sees what changed; the command itself cannot know. */
const tried = (command: string) => `(${command}) >/dev/null 2>&1; true`;

const reads: Readonly<Record<string, string>> = {
  "the home folder's key": 'cat "$home/.ssh/id_rsa"',
  "a file of the home folder": 'cat "$home/secret"',
  "the home folder through a link": 'ln -sfn "$home" l && cat l/secret',
  "a link to a file": 'ln -sf "$home/secret" m && cat m',
  "a chain of links": 'ln -sfn "$home" n1; ln -sfn n1 n2; cat n2/secret',
  "copying what a link leads to": 'ln -sfn "$home" o; cp -rL o copied; cat copied/secret',
  "the token": 'cat "$state/token"',
  "the log": 'cat "$state/signalbox.db"',
  "another ticket's worktree": 'cat "$other/file"; cat ../T-002/file',
  "the project's own files": 'cat "$project/secret.txt"',
  "the project's .env": 'cat "$project/.env"',
  "password hashes": "sed s/^root:.*/SECRET/ /etc/shadow",
  "process 1's root": 'cat "/proc/1/root$home/secret"',
  "the engine's root": 'cat "/proc/$ENGINE/root$home/secret"',
  "the engine's folder": 'cat "/proc/$ENGINE/cwd/secret.txt"; cat "/proc/$VICTIM/cwd/secret.txt"',
  "the engine's environment": 'cat "/proc/$ENGINE/environ"',
  "a program's environment": 'cat "/proc/$VICTIM/environ"',
  "every environment": "cat /proc/[0-9]*/environ | grep -a SECRET_OF",
  "the engine's memory": 'dd if="/proc/$ENGINE/mem" bs=1 count=16 skip="$ENGINE_ADDRESS"',
  "the engine's open files": 'cat "/proc/$ENGINE/fd/$ENGINE_FD"; cat /proc/$ENGINE/fd/*',
  "the engine's map of memory": 'sed s/.*/SECRET/ "/proc/$ENGINE/maps"',
  "the engine's system calls": 'sed s/.*/SECRET/ "/proc/$ENGINE/syscall"; sed s/.*/SECRET/ "/proc/$ENGINE/stack"',
  "an inherited descriptor":
    'for fd in /proc/self/fd/*; do n=$(basename $fd); [ "$n" -gt 2 ] && [ "$n" -lt 10 ] && cat <&"$n"; done',
  "our own environment": 'env | grep "^SECRET_OF"',
  "a hard link to a secret": 'ln "$home/secret" h && cat h',
  "a mount": 'mkdir -p mnt; mount --bind "$home" mnt && cat mnt/secret',
  "a mount in a new namespace": 'mkdir -p mnt; unshare -Urm sh -c "mount --bind \\"$home\\" mnt; cat mnt/secret"',
  "a sandbox in the sandbox": 'bwrap --dev-bind / / cat "$home/secret"',
  "the engine's namespaces": 'nsenter -t "$ENGINE" -a cat "$home/secret"; nsenter -t 1 -m cat "$home/secret"',
  "another root": 'chroot /proc/$ENGINE/root cat "$home/secret"',
  "the way up from the current folder": "cat ../../../secret.txt ../../../../home/secret /proc/self/cwd/../../token",
  "a disk":
    "head -c 4096 /dev/vda | sed s/.*/SECRET/; head -c 4096 /dev/sda | sed s/.*/SECRET/; head -c 4096 /dev/nvme0n1 | sed s/.*/SECRET/",
  "the machine's memory": "head -c 64 /dev/mem | sed s/.*/SECRET/; head -c 64 /proc/kcore | sed s/.*/SECRET/",
  "a device of its own":
    "mknod disk b 254 0 && head -c 64 disk | sed s/.*/SECRET/; mknod mem c 1 1 && head -c 64 mem | sed s/.*/SECRET/",
  "a program with another user's rights":
    'sudo -n cat "$home/secret"; su -c "cat $home/secret"; pkexec cat "$home/secret"',
  "the shell's history and settings": 'cat "$home/.bashrc" ~root/.bashrc ~root/.bash_history | grep SECRET',
};

const writes: Readonly<Record<string, string>> = {
  "a new file in the project": 'echo x > "$project/new"',
  "a file of the project": 'echo x > "$project/secret.txt"; sed -i s/S/x/ "$project/secret.txt"',
  "the token": 'echo x >> "$state/token"',
  "a file of the state folder": 'echo x > "$state/new"; mkdir "$state/worktrees/T-003"',
  "another ticket's worktree": 'echo x > "$other/file"; echo x > ../T-002/new',
  "the home folder": 'echo x >> "$home/.bashrc"; mkdir "$home/new"',
  "what a link leads to": 'ln -sf "$project/secret.txt" w && echo x > w; ln -sfn "$project" v && echo x > v/new',
  "truncating through a link": 'ln -sf "$home/secret" t && truncate -s 0 t; : > t',
  "renaming out": 'echo x > in; mv in "$project/new"; mv in ../T-002/in',
  "a hard link out": 'echo x > in; ln in "$project/new"; ln in "$home/new"',
  "a link outside": 'ln -s /etc "$project/new"; ln -s /etc ../new',
  removing: 'rm -f "$project/secret.txt" "$home/secret"; rm -rf ../T-002 "$home/.ssh"; rmdir "$project/.git/hooks"',
  "swapping its own folder": 'mv "$worktree" "$worktree-moved"; mv ../T-001 ../T-009',
  "git's hooks": 'echo x > "$project/.git/hooks/pre-commit"',
  "git's settings": 'git config --file "$project/.git/config" core.pager evil; echo x >> "$project/.git/config"',
  "a rewritten .git file":
    'printf "gitdir: %s\\n" "$project/.git" > .git; git config core.pager evil; git commit --allow-empty -m x',
  "temporary folders": "touch /tmp/signalbox-escaped /var/tmp/signalbox-escaped",
  "shared memory": "touch /dev/shm/signalbox-escaped",
  "system folders":
    "touch /etc/signalbox-escaped /usr/bin/signalbox-escaped /root/signalbox-escaped /run/signalbox-escaped",
  "through the engine's root": 'echo x > "/proc/$ENGINE/root$project/new"; echo x > "/proc/$ENGINE/cwd/new"',
  "removing by a link in a tree": 'mkdir -p d; ln -sfn "$other" d/link; rm -rf d/link/; find -L d -type f -delete',
};

const shellAttempts: readonly Canary[] = [
  { name: "a signal to a program", command: done('kill -9 "$VICTIM"') },
  { name: "a signal to the engine", command: done('kill -0 "$ENGINE"') },
  // Only where single signals are held: else it would end whoever runs this.
  {
    name: "a signal to everybody",
    command: 'kill -0 "$VICTIM" 2>/dev/null && echo ESCAPED || (kill -9 -1) 2>/dev/null; true',
  },
  {
    name: "leaving the control group",
    command: done(
      "for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do echo 0 > $f && exit 0; done; exit 1",
    ),
  },
  // Each is given the value that it has: should it be taken, nothing is broken.
  {
    name: "the program for core files",
    command: done('p=/proc/sys/kernel/core_pattern; v=$(cat $p) && echo "$v" > $p'),
  },
  {
    name: "every setting of the kernel",
    command:
      'for p in $(find /proc/sys/kernel /proc/sys/fs /proc/sys/vm -type f 2>/dev/null); do (: >> "$p") 2>/dev/null && echo "ESCAPED $p"; done',
  },
  { name: "the kernel's own keys", command: done("echo h > /proc/sysrq-trigger") },
  {
    name: "settings under /sys",
    command: done("echo 0 > /sys/kernel/mm/transparent_hugepage/defrag || echo x > /sys/kernel/uevent_helper"),
  },
  { name: "the engine's last resort", command: done('echo 1000 > "/proc/$ENGINE/oom_score_adj"') },
  { name: "core files", command: done('ulimit -c unlimited && [ "$(ulimit -c)" = unlimited ]') },
  { name: "larger files than allowed", command: done('ulimit -f unlimited && [ "$(ulimit -f)" = unlimited ]') },
  { name: "rights from set-user-id programs", command: "grep -q '^NoNewPrivs:.1' /proc/self/status || echo ESCAPED" },
  { name: "capabilities", command: "grep -q '^CapEff:.0*$' /proc/self/status || echo ESCAPED" },
  {
    name: "capabilities to come",
    command: "grep -q '^CapBnd:.0*$' /proc/self/status || [ -z \"$IS_ROOT\" ] || echo ESCAPED",
  },
  { name: "a TCP port by the shell", command: done('exec 3<>"/dev/tcp/127.0.0.1/$TCP_PORT"') },
  { name: "a UDP port by the shell", command: tried('echo x > "/dev/udp/127.0.0.1/$UDP_PORT"') },
  { name: "the Internet", command: done("exec 3<>/dev/tcp/1.1.1.1/443") },
  {
    name: "opening a port for others",
    command: done(
      'BUN_BE_BUN=1 "$SELF" -e "Bun.listen({hostname:\\"0.0.0.0\\",port:45999,socket:{data(){}}});process.exit(0)" && [ -z "$HAS_OWN_NETWORK" ]',
    ),
  },
  { name: "a terminal", command: done("exec 3<>/dev/tty") },
  {
    name: "names of files in the project",
    command: 'ls "$project" 2>/dev/null | grep -q secret.txt && echo ESCAPED',
    gap: "names",
  },
  { name: "names of files in the home folder", command: 'ls -a "$home" 2>/dev/null | grep -q bashrc && echo ESCAPED' },
  {
    name: "command lines of other programs",
    command: 'tr "\\0" " " < "/proc/$VICTIM/cmdline" 2>/dev/null | grep -q "sleep 3000" && echo ESCAPED',
    gap: "processes",
  },
  {
    name: "rights of files outside",
    command: tried('chmod 777 "$project/secret.txt"; chmod u+s "$project/secret.txt"'),
    gap: "metadata",
  },
  { name: "times of files outside", command: tried('touch -d 2001-01-01 "$home/secret"'), gap: "metadata" },
  { name: "owners of files outside", command: tried('chown 12345 "$project/secret.txt"; chgrp 12345 "$home/secret"') },
];

const calls: readonly (readonly [name: string, gap?: Gap])[] = [
  ["udp-own-port"],
  ["tcp-connect"],
  ["tcp-fast-open"],
  ["mptcp-connect"],
  ["sctp-connect"],
  ["raw-socket"],
  ["packet-socket"],
  ["vsock-connect"],
  ["abstract-socket"],
  ["path-socket"],
  ["docker-socket"],
  ["system-bus"],
  ["ptrace-victim"],
  ["read-victim-memory"],
  ["steal-descriptor"],
  ["signal-by-descriptor"],
  ["limits-of-victim", "scheduling"],
  ["priority-of-victim", "scheduling"],
  ["compare-processes"],
  ["enter-namespace"],
  ["new-user-namespace"],
  ["mount-something"],
  ["open-a-mount-tree"],
  ["chroot"],
  ["io-uring"],
  ["session-keyring"],
  ["user-keyring"],
  ["load-bpf"],
  ["type-into-terminal"],
  ["open-by-handle"],
  ["program-from-memory"],
  ["become-root"],
  ["set-the-clock"],
  ["set-the-host-name"],
];

export const canaries: readonly Canary[] = [
  ...Object.entries(reads).map(([what, command]) => ({ name: `reading: ${what}`, command: seen(command) })),
  ...Object.entries(writes).map(([what, command]) => ({ name: `writing: ${what}`, command: tried(command) })),
  ...shellAttempts,
  ...calls.map(([name, gap]) => ({
    name: `call: ${name}`,
    command: `BUN_BE_BUN=1 "$SELF" canary.ts ${name} 2>&1`,
    ...(gap ? { gap } : {}),
  })),
];
