/**
 * Carries a run to where it ends: prints what happens as it happens, waits until the engine has settled, prints the
 * summary, and gives the exit code of the contract.
 */
import type { Gate, State } from "../domain/state.ts";
import { type Outcome, outcomeOf, type Summary, summary } from "../projections/summary.ts";
import type { ExitCode } from "./cli-error.ts";
import type { RunningEngine } from "./compose.ts";
import { painter } from "./paint.ts";
import { eventJson, oneLine, progressLine } from "./progress.ts";
import { summaryText } from "./summary-text.ts";
import type { World } from "./world.ts";

export interface RunView {
  readonly isJson: boolean;
  /** Whether nobody can answer a gate: the run then ends at one. Otherwise it goes on waiting. */
  readonly isHeadless: boolean;
  /** The tracks that the run is about; absent: all. */
  readonly trackIds?: readonly string[];
  /** Position after which events belong to this run. */
  readonly after: number;
  readonly world: World;
  /** Rejects with the reason when the run must end though it could go on. */
  readonly broken?: Promise<never>;
  /** What is wrong with a run that came to its end all the same; null for nothing. */
  fault?(): string | null;
  /** How it goes on after an interrupt, as a sentence; absent: with `resume`. */
  readonly goesOn?: string;
  /** More words about a gate at which the run ended. */
  whyGate?(gate: Gate): string;
}

const exitCodes: Readonly<Record<Outcome, ExitCode>> = { done: 0, blocked: 1, failed: 1, gate: 3, budget: 4 };
const batchSize = 500;

/** Runs to the end, or to the first interrupt. Stops the engine in any case. */
export async function runToEnd(engine: RunningEngine, view: RunView): Promise<ExitCode> {
  const interrupted = Promise.withResolvers<"interrupted">();
  const stopListening = view.world.onInterrupt(() => interrupted.resolve("interrupted"));
  const printer = eventPrinter(engine, view);
  const unsubscribe = engine.onPosition(printer);
  try {
    printer();
    const ends = [settled(engine, view), interrupted.promise, failed(engine)] as const;
    const end = await Promise.race(view.broken ? [...ends, view.broken] : ends);
    printer();
    await engine.stop(end === "interrupted" ? "interrupted" : `the run ended: ${end}`);
    return end === "interrupted" ? tellInterrupted(view) : tellEnd(engine.state(), end, view);
  } finally {
    unsubscribe();
    stopListening();
    await engine.stop("the command ended");
  }
}

/** Throws what the engine fails of. */
export async function failed(engine: RunningEngine): Promise<never> {
  throw await engine.whenFailed();
}

/** Waits for the end. With somebody who answers gates an open gate is not one; a limit without a gate is. */
async function settled(engine: RunningEngine, { isHeadless, ...scope }: RunView): Promise<Outcome> {
  for (let seen = -1; ; ) {
    await engine.whenSettled();
    const { position, gates } = engine.state();
    const outcome = outcomeOf(engine.state(), scope);
    const hasOpenGate = [...gates.values()].some((gate) => gate.status === "open");
    if (isHeadless || (outcome !== "gate" && (outcome !== "budget" || !hasOpenGate))) return outcome;
    // A gate that was answered meanwhile has set things going again: ask the engine once more before waiting.
    if (hasOpenGate || position === seen) await nextPosition(engine, position);
    seen = position;
  }
}

/** Resolves when the log has grown past `position`. */
function nextPosition(engine: RunningEngine, position: number): Promise<void> {
  const grown = Promise.withResolvers<void>();
  const unsubscribe = engine.onPosition((now) => {
    if (now > position) grown.resolve();
  });
  return grown.promise.finally(unsubscribe);
}

/** Prints the events that it has not printed yet, each time it is called. */
function eventPrinter(engine: RunningEngine, view: RunView): () => void {
  const paint = painter(view.world.hasColour);
  let printed = view.after;
  return () => {
    for (;;) {
      const events = engine.events({ after: printed, limit: batchSize });
      for (const event of events) {
        printed = event.position;
        const line = view.isJson ? eventJson(event) : progressLine(event, engine.state(), paint);
        if (line !== null) view.isJson ? view.world.out(`${line}\n`) : view.world.note(`${line}\n`);
      }
      if (events.length < batchSize) return;
    }
  };
}

function tellInterrupted({ world, goesOn }: RunView): ExitCode {
  world.note(`signalbox: Interrupted. ${goesOn ?? 'Nothing is lost: "signalbox resume" goes on from here.'}\n`);
  return 130;
}

function tellEnd(state: State, outcome: Outcome, view: RunView): ExitCode {
  const result = summary(state, { outcome, ...(view.trackIds && { trackIds: view.trackIds }) });
  const fault = outcome === "done" ? (view.fault?.() ?? null) : null;
  const reason = fault ?? reasonOf(result, state, view);
  const exitCode = fault === null ? exitCodes[outcome] : 1;
  if (view.isJson) {
    // The summary stays the last line: the failure stands before it.
    if (exitCode !== 0)
      view.world.out(`${JSON.stringify({ error: { code: fault === null ? outcome : "differs", message: reason } })}\n`);
    view.world.out(`${JSON.stringify(result)}\n`);
  } else {
    view.world.out(summaryText(result, painter(view.world.hasColour)));
  }
  if (exitCode !== 0) view.world.note(`signalbox: ${reason}\n`);
  return exitCode;
}

/** Why a run did not end in `done`, and what to do, in one sentence or two. */
function reasonOf(result: Summary, state: State, view: Pick<RunView, "whyGate">): string {
  const gate = [...state.gates.values()].find((candidate) => candidate.status === "open");
  switch (result.outcome) {
    case "done":
      return "Everything is done.";
    case "gate":
      if (!gate) return 'Stopped at a gate that nobody may open here. See "signalbox gates".';
      if (view.whyGate)
        return `Stopped at the ${gate.kind} gate ${gate.gateId}: ${oneLine(gate.reason)} ${view.whyGate(gate)}`;
      return `Stopped at the ${gate.kind} gate ${gate.gateId}, which nobody may open here: ${oneLine(gate.reason)} Decide with "signalbox gates approve ${gate.gateId}" and go on with "signalbox resume", or run with --serve, or with --approve all${gate.kind === "land" ? " --land" : ""}.`;
    case "budget": {
      const reached = [...state.reachedLimits.values()][0]?.reason ?? gate?.reason ?? "A limit is reached.";
      const asked = [...state.gates.values()].find(({ status, kind }) => status === "open" && kind === "budget");
      const byGate = asked ? ` with "signalbox gates approve ${asked.gateId}",` : "";
      return `The budget is reached: ${oneLine(reached)} Raise it${byGate} with --max-usd or under [budget] in the config, and go on with "signalbox resume".`;
    }
    case "blocked":
    case "failed":
      return blockedReason(result, state);
    default:
      return result.outcome satisfies never;
  }
}

function blockedReason(result: Summary, state: State): string {
  const tickets = result.tickets.filter((ticket) => ticket.status === "blocked");
  const track = [...state.tracks.values()].find((candidate) => candidate.status === "blocked");
  const epic = [...state.epics.values()].find((candidate) => candidate.status === "blocked");
  const first = tickets[0];
  if (first) {
    const more = tickets.length > 1 ? ` (and ${tickets.length - 1} more)` : "";
    return `${first.ticketId} is blocked${more}: ${sentence(first.reason ?? "no reason is known.")} Mend it and run "signalbox retry ${first.ticketId}", then "signalbox resume".`;
  }
  if (track) return `The track ${track.trackId} is blocked: ${oneLine(track.reason ?? "no reason is known.")}`;
  const landing = [...state.tracks.values()].find((candidate) => candidate.landing.name === "refused");
  if (landing?.landing.name === "refused")
    return `The track ${landing.trackId} is finished, and was not landed: ${sentence(landing.landing.reason)} Then go on with "signalbox resume".`;
  if (epic) return `The epic ${epic.epicId} is blocked: ${oneLine(epic.reason ?? "no reason is known.")}`;
  return 'The run ended with work left over that nothing moves any more. See "signalbox status".';
}

/** A reason in a model's words may lack its full stop; what to do next must not run into it. */
function sentence(reason: string): string {
  const line = oneLine(reason);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}
