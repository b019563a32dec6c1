/**
 * What names and objects are in the repository's object database, asked of one lasting `git cat-file`. It looks every name
 * up anew, so no answer about a ref is ever an old one.
 */
import type { Taker } from "./git-conversation.ts";
import { GitError } from "./git-error.ts";
import type { Place } from "./place.ts";
import { isPrivateGitThere, lastingPlace } from "./private-git.ts";

export interface ObjectInfo {
  readonly hash: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** What a name such as `refs/heads/x^{commit}` or `<commit>:<path>` stands for; null when there is no such object. */
export async function findObject(place: Place, name: string): Promise<ObjectInfo | null> {
  // The question is one line, and no ref may hold such a character.
  if (/[\0\r\n]/.test(name) || name === "") return null;
  return askTwice(place, `info ${name}\n`, takeInfo);
}

/** An object with its bytes, whole: ask for its size first where it may be large. Null when there is no such object. */
export async function readObject(place: Place, hash: string): Promise<(ObjectInfo & { bytes: Buffer }) | null> {
  return askTwice(place, `contents ${hash}\n`, takeContents);
}

/** A question changes nothing, so it is put once more where git died, or its folder went away under it. */
async function askTwice<T>(place: Place, question: string, take: Taker<T | null>): Promise<T | null> {
  const ask = () => place.talks.objects.ask(lastingPlace(place), question, take);
  try {
    const answer = await ask();
    if (answer !== null || isPrivateGitThere(place)) return answer;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
  }
  return ask();
}

const takeInfo: Taker<ObjectInfo | null> = (bytes) => {
  const end = bytes.indexOf(10);
  return end < 0 ? null : { answer: parseInfo(bytes.toString("utf8", 0, end)) };
};

const takeContents: Taker<(ObjectInfo & { bytes: Buffer }) | null> = (bytes) => {
  const end = bytes.indexOf(10);
  if (end < 0) return null;
  const info = parseInfo(bytes.toString("utf8", 0, end));
  if (info === null) return { answer: null };
  const start = end + 1;
  const stop = start + info.sizeBytes;
  return bytes.length <= stop ? null : { answer: { ...info, bytes: bytes.subarray(start, stop) } };
};

/** `<hash> <type> <size>`, or the name with "missing" or "ambiguous" behind it. */
function parseInfo(line: string): ObjectInfo | null {
  const [, hash = "", type = "", size] = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/.exec(line) ?? [];
  return size === undefined ? null : { hash, type, sizeBytes: Number(size) };
}
