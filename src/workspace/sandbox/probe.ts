/**
 * Finds the best sandbox of this machine by trying it: real commands in the real profile attempt what must be refused. A
 * tier that lets one canary through is not used. Nothing is remembered: every process tries anew, and a tier never rises
 * without a trial.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../command-runner.ts";
import { bubblewrapPlan, findBubblewrap } from "./bubblewrap.ts";
import { landlockPlan } from "./landlock.ts";
import { CommandNotStarted, refusedPlan, type SandboxPlan, type SandboxTier, unsafePlan } from "./plan.ts";
import { hasSeatbelt, seatbeltPlan } from "./seatbelt.ts";
import { observeWorld, type World } from "./world.ts";

export interface ProbeRequest {
  /** `required`: the flag for unconfined commands is not obeyed. */
  readonly mode: "auto" | "required";
  readonly network: boolean;
  readonly isUnsafe: boolean;
  readonly projectRoot: string;
  /** The folder with the log, the token and the worktrees. */
  readonly stateDir: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Tiers to try, best first; by default all that the system has. */
  readonly tiers?: readonly SandboxTier[];
  /** How this program starts itself as `__confine`, where it is not the usual way. */
  readonly confineCommand?: readonly string[];
}

/** The best plan that passes every canary. Takes some 50 to 150 ms. Never throws for a lack of sandboxes: see tier `none`. */
export async function probeSandbox(request: ProbeRequest): Promise<SandboxPlan> {
  const world = observeWorld({ ...request, env: request.env ?? process.env });
  if (request.isUnsafe && request.mode !== "required") return unsafePlan(world);
  const reasons: string[] = [];
  for (const tier of request.tiers ?? ["bubblewrap", "landlock", "seatbelt"]) {
    const plan = planOf(tier, world, request);
    if (typeof plan === "string") {
      if (plan !== "") reasons.push(plan);
      continue;
    }
    const faults = await tryCanaries(plan, world);
    if (faults.length === 0) return plan;
    reasons.push(`${tier} did not hold: ${faults.join("; ")}.`);
  }
  if (request.isUnsafe) reasons.push('--unsafe-no-sandbox is not obeyed, because [sandbox] mode is "required".');
  return refusedPlan(world, reasons);
}

/** The plan of a tier; a sentence when this machine lacks it, "" when this system never has it. */
function planOf(tier: SandboxTier, world: World, request: ProbeRequest): SandboxPlan | string {
  const isLinux = process.platform === "linux";
  if (tier === "bubblewrap") {
    const program = isLinux ? findBubblewrap(world) : null;
    if (program) return bubblewrapPlan(program, world, request.network);
    return isLinux ? "bubblewrap is not installed." : "";
  }
  if (tier === "landlock") return isLinux ? landlockPlan(world, request.network, request.confineCommand?.slice()) : "";
  if (tier === "seatbelt") return hasSeatbelt() ? seatbeltPlan(world, request.network) : "";
  return "";
}

/** Tries to break out; gives what worked that must not, or did not work that must. */
async function tryCanaries(plan: SandboxPlan, world: World): Promise<string[]> {
  const place = makePlace(world);
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  try {
    const command = canaryScript(plan, place, server.port);
    const result = await runCommand({ command, cwd: place.worktree, timeoutMs: 5_000, sandbox: plan });
    return judge(new Set(result.output.split("\n")), plan);
  } catch (error) {
    if (error instanceof CommandNotStarted) return [error.message.replace(/\.( Run "signalbox doctor".*)?$/, "")];
    throw error;
  } finally {
    server.stop(true);
    rmSync(place.outside, { recursive: true, force: true });
    rmSync(place.base, { recursive: true, force: true });
  }
}

interface Place {
  readonly base: string;
  readonly worktree: string;
  readonly stateSecret: string;
  readonly outside: string;
}

/** A worktree and a secret where real ones are, and a secret in the home folder (or where temporary files go). */
function makePlace(world: World): Place {
  const base = mkdtempSync(join(world.stateDir, "probe-"));
  const place = {
    base,
    worktree: join(base, "worktree"),
    stateSecret: join(base, "secret"),
    outside: makeOutside(world),
  };
  mkdirSync(place.worktree);
  writeFileSync(place.stateSecret, "canary");
  writeFileSync(join(place.outside, "secret"), "canary");
  return place;
}

function makeOutside(world: World): string {
  try {
    return mkdtempSync(join(world.home, ".signalbox-probe-"));
  } catch {
    // A home folder that is absent or read-only: temporary files are hidden by the same rules.
    return mkdtempSync(join(tmpdir(), "signalbox-probe-"));
  }
}

function canaryScript(plan: SandboxPlan, place: Place, port: number): string {
  const outside = quote(join(place.outside, "secret"));
  const hasTcp = plan.shell.endsWith("bash")
    ? `(exec 3<>/dev/tcp/127.0.0.1/${port})`
    : `BUN_BE_BUN=1 ${quote(process.execPath)} -e 'await Bun.connect({hostname:"127.0.0.1",port:${port},socket:{data(){}}});process.exit(0)'`;
  return [
    'echo x > inside && [ "$(cat inside)" = x ] && echo wrote-inside',
    'echo x > "$HOME/inside" && echo x > "$TMPDIR/inside" && echo wrote-private',
    `(echo x >> ${outside}) 2>/dev/null && echo wrote-home`,
    `(echo x > ${quote(join(place.base, "escape"))}) 2>/dev/null && echo wrote-state`,
    `cat ${outside} >/dev/null 2>&1 && echo read-home`,
    `cat ${quote(place.stateSecret)} >/dev/null 2>&1 && echo read-state`,
    `grep -q . /proc/${process.pid}/environ 2>/dev/null && echo read-environment`,
    `${hasTcp} 2>/dev/null && echo reached-network`,
    "echo finished",
  ].join("\n");
}

function judge(lines: ReadonlySet<string>, plan: SandboxPlan): string[] {
  const musts = { "wrote-inside": "the worktree cannot be written", "wrote-private": "there is no private home" };
  const mustNots = {
    "wrote-home": "a file in the home folder could be written",
    "wrote-state": "a file beside the worktree could be written",
    "read-home": "a file in the home folder could be read",
    "read-state": "a file of Signalbox's state could be read",
    "read-environment": "the environment of Signalbox's own process could be read",
    ...(plan.hasNetwork ? {} : { "reached-network": "a network connection could be made" }),
  };
  if (!lines.has("finished")) return ["the trial command did not finish"];
  return [
    ...Object.entries(musts).flatMap(([line, fault]) => (lines.has(line) ? [] : [fault])),
    ...Object.entries(mustNots).flatMap(([line, fault]) => (lines.has(line) ? [fault] : [])),
  ];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
