/** `signalbox plan "GOAL"`: tier 1 proposes tracks; a person approves them on the terminal, or later with `gates approve`. */

import { gatePayloads } from "../../domain/gate.ts";
import type { Gate } from "../../domain/state.ts";
import { carryOut } from "../carry-out.ts";
import { usageError } from "../cli-error.ts";
import type { RunCommand } from "../command-table.ts";
import { composeEngine, type RunningEngine } from "../compose.ts";
import { oneLine } from "../progress.ts";
import { openSession } from "../session.ts";
import { startEpic } from "../start-work.ts";
import type { World } from "../world.ts";

/** Plans the goal and starts no track. */
export const plan: RunCommand = async (invocation, world) => {
  const goal = (invocation.positionals[0] ?? "").trim();
  if (goal === "") throw usageError('The goal is empty. Say what should be built: signalbox plan "GOAL"');
  const session = await openSession(invocation, world);
  const isAsking = world.isInteractive && !invocation.options.json;
  const engine = await composeEngine({ ...session, world, isBusy: true });
  const stopAsking = isAsking ? askAtGates(engine, world) : () => undefined;
  try {
    // On a terminal a gate is not the end: the person is asked right here.
    const start = async () => {
      startEpic(engine, goal, false);
      return null;
    };
    return await carryOut(engine, session, invocation, world, start, !isAsking);
  } finally {
    stopAsking();
  }
};

/** Asks about each `tracks` gate as it opens, one at a time. */
function askAtGates(engine: RunningEngine, world: World): () => void {
  const asked = new Set<string>();
  let turn = Promise.resolve();
  return engine.onPosition(() => {
    for (const gate of engine.state().gates.values()) {
      if (gate.status !== "open" || asked.has(gate.gateId)) continue;
      asked.add(gate.gateId);
      turn = turn
        .then(() => askAbout(engine, gate, world))
        .catch((error: unknown) => world.note(`The question failed: ${String(error)}\n`));
    }
  });
}

async function askAbout(engine: RunningEngine, gate: Gate, world: World): Promise<void> {
  world.note(`\n${gateText(gate)}\n`);
  const answer = await world.ask("Approve? [y], or say why not: ");
  const { gateId, payloadHash } = gate;
  const by = "person";
  const isYes = /^y(es)?$/i.test(answer);
  const reason = answer === "" ? "declined without words" : answer;
  const result = engine.dispatch(
    isYes
      ? { type: "approve_gate", gateId, payloadHash, by }
      : { type: "decline_gate", gateId, payloadHash, reason, by },
  );
  if (!result.isAccepted) world.note(`${result.rejection.message}\n`);
}

function gateText(gate: Gate): string {
  const proposed = gatePayloads.tracks.safeParse(gate.payload);
  if (gate.kind !== "tracks" || !proposed.success) return `${gate.kind} gate ${gate.gateId}: ${oneLine(gate.reason)}`;
  const tracks = proposed.data.tracks.map((track) => {
    const after = track.depends_on?.length ? ` (after ${track.depends_on.join(", ")})` : "";
    return `  ${oneLine(track.key, 30)}: ${oneLine(track.title, 80)}${after}\n      ${oneLine(track.goal, 300)}`;
  });
  return `Tier 1 proposes ${tracks.length} tracks:\n${tracks.join("\n")}`;
}
