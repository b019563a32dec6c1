/**
 * Two settings of a hostile repository that name no hook or driver: a working tree that is somebody else's folder, and a
 * remote whose program git would start for an object that is missing.
 */
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSite, runAll } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import type { Tally } from "./proof.ts";

const commands = [["status"], ["doctor"], ["init", "--yes"], [...runAll, "--land"], ["resume", "--approve", "all"]];

/** `core.worktree` names another folder: nothing is written there, and the run says what is wrong. */
export async function foreignWorkTree(tally: Tally): Promise<void> {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const victim = await mkdtemp(join(tmpdir(), "signalbox-victim-"));
  try {
    await site.repository.git("config", "core.worktree", victim);
    for (const args of commands) {
      const { exitCode, err } = await site.run(args);
      const written = await readdir(victim);
      const faults = written.length === 0 ? [] : [`wrote ${written.join()} into the folder that it names`];
      if (args[0] === "run" && exitCode !== 2) faults.push(`exit ${exitCode}: ${err.slice(-200)}`);
      tally.trial(`core.worktree: ${args[0]}`, faults);
    }
  } finally {
    await rm(victim, { recursive: true, force: true });
  }
}

/** An object is missing and a remote promises it: git would start the program that the remote's settings name. */
export async function promisedObject(tally: Tally): Promise<void> {
  const site = await makeSite(crew([trackPlan("alpha", [ticketPlan("ant")])]));
  const { repository, home } = site;
  const marks = await mkdtemp(join(tmpdir(), "signalbox-marks-"));
  try {
    const program = join(marks, "program.sh");
    await Bun.write(program, `#!/bin/sh\ntouch '${marks}/uploadpack'\nexit 1\n`);
    await chmod(program, 0o755);
    const settings = {
      "core.repositoryFormatVersion": "1",
      "extensions.partialClone": "origin",
      "remote.origin.url": repository.root,
      "remote.origin.promisor": "true",
      "remote.origin.uploadpack": program,
      "protocol.allow": "always",
      "protocol.file.allow": "always",
    };
    for (const [key, value] of Object.entries(settings)) await repository.git("config", key, value);
    const blob = await repository.git("rev-parse", "HEAD:src/base.ts");
    await rm(join(repository.root, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    const hasRun = async () => (await readdir(marks)).includes("uploadpack");
    for (const args of commands) {
      await site.run(args);
      tally.trial(`a promised object: ${args[0]}`, (await hasRun()) ? ["the remote's program was run"] : []);
      await rm(join(marks, "uploadpack"), { force: true });
    }
    const plain = ["git", "cat-file", "-e", blob];
    await Bun.spawn(plain, {
      cwd: repository.root,
      env: { PATH: process.env.PATH ?? "", HOME: home },
      stderr: "ignore",
    }).exited;
    if (!(await hasRun())) tally.fail("Plain git does not start the remote's program here: the trials prove nothing.");
  } finally {
    await rm(marks, { recursive: true, force: true });
  }
}
