/** A process that takes the lock of a folder, says so, and holds it until it is killed. Started by the lock's tests. */
import { ProjectLock } from "../../src/log/project-lock.ts";

const lock = ProjectLock.take(process.argv[2] ?? "", {
  pid: process.pid,
  command: "serve",
  since: "2026-01-01T00:00:00Z",
});
console.log("held");
process.stdin.on("data", () => {
  lock.release();
  process.exit(0);
});
