/**
 * Whose state `.signalbox/` is. A clone, a pull or an archive can bring a state folder along, with approved gates, sessions
 * and the address of somebody's server in it; it looks like ours to the last hash. Nothing starts from a state that this
 * user did not make on this machine, and nobody is asked whom it names.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, type Stats } from "node:fs";
import { join } from "node:path";
import { gitLine } from "../workspace/git.ts";
import { CliError } from "./cli-error.ts";
import { claim, lookAt, type Place, unclaimed } from "./state-claim.ts";
import type { World } from "./world.ts";

/** A state that may be looked at and adopted (`foreign`), or that is not even read (`unsafe`), and why. */
export interface Strange {
  readonly kind: "foreign" | "unsafe";
  readonly found: string;
}

export type StateVerdict = { readonly kind: "fresh" | "ours" } | Strange;

/** Nothing in them is acted on: what `doctor` or a start that was cut off leaves behind. `git` is made anew when it is claimed. */
const emptyNames = /^(\.gitignore|git|probe-.*)$/;
/** What an adopted state keeps; the rest would let somebody in, or is made anew. */
const keptNames = /^(\.gitignore|signalbox\.db(-wal|-shm|-head)?|worktrees|aside-.*)$/;

/** Judges the state folder of a project by names, owners and claims; opens nothing in it but the id. */
export async function judgeState(place: Place, world: World): Promise<StateVerdict> {
  const folder = lookAt(place.stateDir);
  if (!folder) return { kind: "fresh" };
  if (!folder.isDirectory()) return { kind: "unsafe", found: "it is a link or a file" };
  const entries = readdirSync(place.stateDir, { withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) return { kind: "unsafe", found: `"${odd.name}" in it is a link or a special file` };
  const names = entries.map(({ name }) => name);
  if (names.every((name) => emptyNames.test(name) || isEmptyFolder(place, name))) return { kind: "fresh" };
  const found = strangerIn(place.stateDir, folder, names) ?? unclaimed(place, world) ?? (await trackedIn(place.root));
  return found === null ? { kind: "ours" } : { kind: "foreign", found };
}

/** Before anything is written: makes a fresh state this user's, keeps up with one that was moved; else throws (exit 2). */
export async function claimState(place: Place, world: World): Promise<void> {
  const verdict = await judgeState(place, world);
  if ("found" in verdict) throw refused(place, verdict);
  mkdirSync(place.stateDir, { recursive: true, mode: 0o700 });
  if (verdict.kind === "fresh") {
    chmodSync(place.stateDir, 0o700);
    // It may have come along: a git folder inside it could name a configuration of its own.
    rmSync(join(place.stateDir, "git"), { recursive: true, force: true });
  }
  claim(place, world);
}

function isEmptyFolder({ stateDir }: Place, name: string): boolean {
  return name === "worktrees" && readdirSync(join(stateDir, name)).length === 0;
}

/** Lets a start go on only with a state that is ours, or new, or adopted: by `--trust`, or a yes on the terminal. */
export async function ensureOwnState(place: Place, hasTrustOption: boolean, world: World): Promise<void> {
  const verdict = await judgeState(place, world);
  if (!("found" in verdict)) return;
  const isAdopted =
    verdict.kind === "foreign" && (hasTrustOption || (await isAdoptedOnTerminal(place, verdict, world)));
  if (!isAdopted) throw refused(place, verdict);
  adopt(place, world);
}

/** What people are told who only look; throws (exit 2) for a state that is not safe to read. */
export function lookingNote(place: Place, strange: Strange): string {
  if (strange.kind === "unsafe") throw refused(place, strange);
  return `Shown from a log that is not known as yours (${place.stateDir}: ${strange.found}). No server is asked.\n`;
}

/** The refusal, with what was found and what to do. */
export function refused({ stateDir }: Place, { kind, found }: Strange): CliError {
  const aside = `move it aside: mv ${stateDir} ${stateDir}.aside`;
  const adopted = `If it is yours (a copy, or made by an earlier version), "signalbox resume --trust" adopts its log. If not, ${aside}`;
  const what = `The state folder ${stateDir} is not known as yours: ${found}. Nothing was started.`;
  return new CliError("foreign_state", 2, `${what} ${kind === "foreign" ? adopted : `Look what it is, and ${aside}`}`);
}

/** Somebody else who made or could have changed the folder, by name; null when there is nobody. */
function strangerIn(stateDir: string, folder: Stats, names: readonly string[]): string | null {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  if (folder.uid !== uid) return `it belongs to another user (number ${folder.uid})`;
  if ((folder.mode & 0o022) !== 0) return "other users may write to it";
  // One that has gone meanwhile is nobody's.
  const other = names.find((name) => (lookAt(join(stateDir, name))?.uid ?? uid) !== uid);
  return other === undefined ? null : `"${other}" in it belongs to another user`;
}

/** Says so when git knows files of `.signalbox`. The index is searched for the bytes; only a find is worth a process. */
async function trackedIn(root: string): Promise<string | null> {
  if (plainIndex(join(root, ".git"))?.includes(".signalbox/") === false) return null;
  const env = { GIT_LITERAL_PATHSPECS: "0", GIT_ICASE_PATHSPECS: "1" };
  const tracked = await gitLine(root, ["ls-files", "--", ".signalbox"], { env });
  return tracked === "" ? null : "git tracks files in it, so a pull could have changed them";
}

/** An index that holds whole paths in one file (not split, not of version 4), where names differ in case; else null. */
function plainIndex(gitDir: string): Buffer | null {
  const path = join(gitDir, "index");
  if (process.platform !== "linux" || !lookAt(path)?.isFile()) return null;
  if (readdirSync(gitDir).some((name) => name.startsWith("sharedindex."))) return null;
  const index = readFileSync(path);
  return index.length > 8 && index.readUInt32BE(4) < 4 ? index : null;
}

async function isAdoptedOnTerminal({ stateDir }: Place, { found }: Strange, world: World): Promise<boolean> {
  if (!world.isInteractive) return false;
  world.note(`The state folder ${stateDir} is not known as yours: ${found}.\n`);
  world.note("Its log may hold approvals that you never gave.\n");
  return /^y(es)?$/i.test(await world.ask("Adopt its log and go on from there? [y/N] "));
}

/** Takes the log over as ours; whatever could let somebody in is put where nothing reads it. */
function adopt(place: Place, world: World): void {
  const aside = join(place.stateDir, `aside-${randomBytes(4).toString("hex")}`);
  mkdirSync(aside, { mode: 0o700 });
  chmodSync(place.stateDir, 0o700);
  for (const name of readdirSync(place.stateDir).filter((name) => !keptNames.test(name)))
    renameSync(join(place.stateDir, name), join(aside, name));
  claim(place, world);
  world.note(`The log in ${place.stateDir} is adopted as yours. What else was there lies in ${aside}.\n`);
}
