/** The two gits that stay while a repository is open: one that looks things up, and one that moves refs. */
import { GitConversation } from "./git-conversation.ts";

export class Talks {
  readonly objects = new GitConversation(["cat-file", "--batch-command"]);
  readonly refs = new GitConversation(["update-ref", "--stdin"]);
}
