/** One process a project: the second is told who holds it, and nothing that ends the first leaves it locked. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LockedError, ProjectLock } from "../../src/log/project-lock.ts";

const me = { pid: 42, command: "run", since: "2026-01-01T00:00:00Z" };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-lock-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Another process that holds the folder's lock. */
async function holder(folder: string) {
  const script = join(import.meta.dir, "hold-lock.ts");
  const child = Bun.spawn([process.execPath, script, folder], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  ends.push(() => child.kill("SIGKILL"));
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toContain("held");
  return child;
}

test("a second process is refused with the holder's name", async () => {
  const folder = newFolder();
  const child = await holder(folder);
  expect(() => ProjectLock.take(folder, me)).toThrow(LockedError);
  expect(() => ProjectLock.take(folder, me)).toThrow(`process ${child.pid} (serve), since 2026-01-01T00:00:00Z`);
});

test("kill -9 of the holder frees the project", async () => {
  const folder = newFolder();
  const child = await holder(folder);
  child.kill("SIGKILL");
  await child.exited;
  ProjectLock.take(folder, me).release();
});

test("a holder that ends well frees the project", async () => {
  const folder = newFolder();
  const child = await holder(folder);
  child.stdin.write("end\n");
  child.stdin.flush();
  expect(await child.exited).toBe(0);
  ProjectLock.take(folder, me).release();
});

test("the same process cannot take it twice", () => {
  const folder = newFolder();
  const lock = ProjectLock.take(folder, me);
  expect(() => ProjectLock.take(folder, me)).toThrow("process 42 (run)");
  lock.release();
});

test("who holds it is for this user's eyes only", () => {
  const folder = newFolder();
  const lock = ProjectLock.take(folder, me);
  expect(statSync(join(folder, "holder.json")).mode & 0o777).toBe(0o600);
  lock.release();
});
