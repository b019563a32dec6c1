/** Paths that try to lead out of a folder, generated: steps upward in every spelling, absolute ones, links, odd characters. */
import { basename } from "node:path";

export interface Traversal {
  readonly text: string;
  /** Whether it can only lead to files that the caller made, so that writing through it harms nothing. */
  readonly isOurs: boolean;
}

const dots = [
  "..",
  "%2e%2e",
  "%252e%252e",
  ".%2e",
  "%c0%ae%c0%ae",
  "．．",
  "․․",
  "。。",
  "\u2025",
  "..\u200b",
  "\u202e..",
  "..;",
  "...",
  "....",
  ".. ",
  " ..",
  "..\t",
  "..\n",
  "..%00",
  "..\u0001",
  "../.",
  "./..",
  "..//..",
  "x/../..",
];
const separators = ["/", "//", "/./", "\\", "\\\\", "%2f", "%252f", "%5c", "%c0%af", "／", "∕", "⁄", "\u29f8"];
const starts = [
  "",
  "./",
  "/",
  "//",
  "src/",
  "src/deep/",
  "src/a.ts/",
  "~/",
  "$HOME/",
  "$PWD/",
  "file://",
  "file:///",
  "\\\\?\\",
  "C:\\",
  "\u0000",
  " ",
  "-",
  "@/",
];
const ends = ["", " ", ".", "/", "/.", "%00", "\u0000.ts", ";.ts", "#.md", "?a=1", "\r\n", "\u202e"];
const links = [
  "out",
  "abs",
  "leaf.txt",
  "dangling.txt",
  "src/deep/up/up",
  "src/deep/up/deep/up/../..",
  "proc-cwd",
  "gitlink",
  "out/../outside",
  "abs/../outside",
];

/** Every string once. `root` is the folder; files called `secret.txt` lie beside it, in `outside` and in `<root>-secret`. */
export function traversals({ root, outside, base }: { root: string; outside: string; base: string }): Traversal[] {
  const own = new Set<string>();
  const foreign = new Set<string>();
  for (const dot of dots)
    for (const separator of separators)
      for (const depth of [1, 3]) {
        const climb = (dot + separator).repeat(depth);
        for (const goal of ["secret.txt", "outside/secret.txt", "outside", `${basename(root)}-secret/secret.txt`])
          own.add(climb + goal.replaceAll("/", separator));
        foreign.add(`${climb.repeat(4)}etc${separator}passwd`);
      }
  for (const start of starts)
    for (const goal of [
      "../secret.txt",
      "../outside/secret.txt",
      "../../secret.txt",
      `..${outside}/secret.txt`,
      "secret.txt",
    ])
      for (const end of ends) own.add(start + goal + end);
  for (const link of links)
    for (const tail of [
      "",
      "/secret.txt",
      "/made/new.txt",
      "/../secret.txt",
      "/./secret.txt",
      "//secret.txt",
      "/ secret.txt",
      "/secret.txt/",
      "/outside/secret.txt",
    ])
      for (const end of ends) own.add(link + tail + end);
  for (const path of [
    `${outside}/secret.txt`,
    `${base}/secret.txt`,
    `${root}-secret/secret.txt`,
    `${root}/../secret.txt`,
    `${root}/out/secret.txt`,
    `/proc/self/root${outside}/secret.txt`,
    `/proc/self/cwd/../..${outside}/secret.txt`,
    `proc-root${outside}/secret.txt`,
    `/dev/fd/../../..${outside}/secret.txt`,
    `/proc/thread-self/root${outside}/secret.txt`,
  ])
    for (const end of ends) own.add(path + end);
  for (const name of [
    ".git/config",
    ".GIT/config",
    ".git ./config",
    ".signalbox/token",
    ".Signalbox/token",
    "src/.git/hooks/x",
  ])
    own.add(name);
  for (const length of [254, 255, 256, 1_000, 4_095, 5_000, 70_000])
    own.add(`../${"n".repeat(length)}`).add("../".repeat(length));
  for (const path of [
    "/etc/passwd",
    "/etc/shadow",
    "proc-root/etc/passwd",
    "/proc/self/environ",
    "/proc/1/root/etc/passwd",
    "/dev/stdin",
    "/dev/fd/0",
    "/proc/self/fd/0",
    "proc-root/proc/self/environ",
  ])
    for (const end of ends) foreign.add(path + end);
  return [
    ...[...own].map((text) => ({ text, isOurs: true })),
    ...[...foreign].map((text) => ({ text, isOurs: false })),
  ];
}
