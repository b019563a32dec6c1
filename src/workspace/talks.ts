/** The gits that stay while a repository is open: one that looks things up, one that moves refs, and one that writes commits. */
import { GitConversation } from "./git-conversation.ts";

export class Talks {
  readonly objects = new GitConversation(["cat-file", "--batch-command"]);
  readonly commits = new GitConversation(["hash-object", "-t", "commit", "-w", "--stdin-paths"]);
  readonly refs = new GitConversation(["update-ref", "--stdin"]);
}
