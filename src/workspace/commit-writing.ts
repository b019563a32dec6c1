/** Writes commit objects: by a git that stays where their text is surely the one that git would write, else by `git commit-tree`. */
import { unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitFacts } from "./commit-walk.ts";
import type { Taker } from "./git-conversation.ts";
import { findObject } from "./git-objects.ts";
import type { Place } from "./place.ts";
import { lastingPlace, lineAt, stateFolder } from "./private-git.ts";

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Dated by its youngest parent, so that making it again after a crash gives the same commit. */
  readonly isRepeatable?: boolean;
  /** The date in seconds, where the caller knows it. */
  readonly dateSeconds?: number;
}

/** Writes a commit object as the user, or as Signalbox where git does not know the user. No ref moves. */
export async function writeCommit(place: Place, commit: NewCommit): Promise<string> {
  const seconds = await secondsOf(place, commit);
  const text = commitText(place.identity, commit, seconds);
  // Of a tree that is not there any more git speaks in its own words.
  const isPlain = text !== null && !/["\n]/.test(place.root) && (await findObject(place, commit.tree)) !== null;
  return isPlain ? await hashObject(place, text) : await commitTree(place, commit, seconds);
}

let writtenCount = 0;

/** Hands git the text in a file, which is how a git that stays takes it. */
async function hashObject(place: Place, text: string): Promise<string> {
  writtenCount += 1;
  const path = join(stateFolder(place.root), `commit-${process.pid}-${writtenCount}`);
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  try {
    return await place.talks.commits.ask(lastingPlace(place), `${path}\n`, takeHash);
  } finally {
    unlinkSync(path);
  }
}

const takeHash: Taker<string> = (bytes) => {
  const [line, rest] = bytes.toString("latin1").split("\n");
  return rest === undefined || line === undefined ? null : { answer: line };
};

function commitTree(place: Place, { tree, parents, message }: NewCommit, seconds: number | null): Promise<string> {
  const date = `@${seconds} +0000`;
  const env = seconds === null ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const named = parents.flatMap((parent) => ["-p", parent]);
  return lineAt(place, ["commit-tree", tree, ...named, "-F", "-"], { env, input: `${message}\n` });
}

/** Names and addresses of which git takes nothing away. */
const plainName = /^[\p{L}\p{N}]([\p{L}\p{N} ._'-]*[\p{L}\p{N}])?$/u;
const plainAddress = /^[A-Za-z0-9]([A-Za-z0-9._%+@-]*[A-Za-z0-9])?$/;

/** The text of a commit as git writes it; null where git might write another. `seconds`: null for now, in the local time zone. */
function commitText(
  { GIT_AUTHOR_NAME: name = "", GIT_AUTHOR_EMAIL: address = "" }: Place["identity"],
  { tree, parents, message }: NewCommit,
  seconds: number | null,
): string | null {
  if (!plainName.test(name) || !plainAddress.test(address) || message.includes("\0")) return null;
  const date = seconds === null ? `${Math.floor(Date.now() / 1000)} ${zoneNow()}` : `${seconds} +0000`;
  const person = `${name} <${address}> ${date}`;
  const heads = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${person}`,
    `committer ${person}`,
  ];
  return `${heads.join("\n")}\n\n${message}\n`;
}

/** The local time zone as git writes it, such as +0200. */
function zoneNow(): string {
  const minutes = -new Date().getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const digits = [hours, rest].map((part) => String(part).padStart(2, "0")).join("");
  return `${minutes < 0 ? "-" : "+"}${digits}`;
}

/** When the commit is dated, in seconds since 1970; null for now. */
async function secondsOf(place: Place, commit: NewCommit): Promise<number | null> {
  if (commit.dateSeconds !== undefined) return commit.dateSeconds;
  if (commit.isRepeatable !== true) return null;
  const facts = await Promise.all(commit.parents.map((parent) => commitFacts(place, parent)));
  return Math.max(...facts.map(({ dateSeconds }) => dateSeconds));
}
