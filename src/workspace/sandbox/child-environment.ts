/**
 * The environment of a command, built from nothing: what programs need to work unattended, and no key, token or setting of
 * Signalbox. What a caller adds is taken, except names that change how programs are loaded or that carry our secrets.
 */
import type { SandboxPlan } from "./plan.ts";

const forbidden = /^(SIGNALBOX_|ANTHROPIC_|LD_|DYLD_|BUN_|NODE_OPTIONS$|BASH_ENV$|ENV$)/;

/** The environment inside. `folders` are the private home and temporary folder of this command. */
export function childEnvironment(
  plan: Pick<SandboxPlan, "environment">,
  folders: { readonly home: string; readonly temporary: string },
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const allowed = Object.entries(extra).filter(([name]) => !forbidden.test(name));
  return {
    ...plan.environment,
    LANG: "C.UTF-8",
    TERM: "dumb",
    CI: "1",
    NO_COLOR: "1",
    PAGER: "cat",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    ...Object.fromEntries(allowed),
    HOME: folders.home,
    TMPDIR: folders.temporary,
  };
}
