/** The git folders of a temporary repository, for tests of the parts that a `Repository` is made of. */
import { join } from "node:path";
import { GitMemory } from "../../src/workspace/git-memory.ts";
import type { Place } from "../../src/workspace/place.ts";
import { ensurePrivateGit, privateGitFolder } from "../../src/workspace/private-git.ts";
import { Spares } from "../../src/workspace/spares.ts";
import { Talks } from "../../src/workspace/talks.ts";
import { Turns } from "../../src/workspace/turns.ts";

export function openPlace(root: string): Place {
  const [gitDir, privateDir] = [join(root, ".git"), privateGitFolder(root)];
  const parts = { turns: new Turns(), talks: new Talks(), memory: new GitMemory(), spares: new Spares() };
  const config = "[core]\n\tbare = true\n\tquotepath = off\n";
  const place = { root, gitDir, commonDir: gitDir, privateDir, config, identity: {}, sparseOptions: [], ...parts };
  ensurePrivateGit(place);
  return place;
}
