/**
 * A run in this process, cut after each durable write: once with the world as it was then, once as it was before the next
 * write (an effect done, its outcome unwritten). It fails when an effect has no intent in the log before it, or when an
 * engine that starts on what is left repeats it, or does not bring the run to its end.
 */
import type { Event } from "../../src/domain/event.ts";
import type { Settings } from "../../src/domain/settings.ts";
import {
  decidedTwice,
  mergedWithoutCheck,
  ranWithoutLeave,
  repeatedCommands,
  spawnedTwice,
} from "../support/agent-ledger.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld, type Snapshot } from "../support/engine-world.ts";
import type { Proof } from "./proof.ts";

const sampleStep = 5;
const ticketCount = 4;
const plan = {
  alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"], phase: "Second" }],
  beta: [{ key: "one" }, { key: "two" }],
};
const levels: readonly Partial<Settings>[] = [
  { gates: { level: "manual", allow: [] }, review: { qa: true, techLead: true } },
  { gates: { level: "guarded", allow: ["edit *"] }, review: { qa: true, techLead: true } },
  { gates: { level: "all", allow: [] } },
];

interface Cut {
  readonly position: number;
  readonly snapshot: Snapshot;
}

export const crashPoints: Proof = {
  name: "crash-points",
  promise: "Cut after any durable write, with the effect done or not: recovered, and nothing happens twice.",
  async prove(tally, { isLong }) {
    let cutCount = 0;
    for (const settings of levels) {
      const { events, cuts } = await recorded(settings);
      cutCount += cuts.length;
      const level = settings.gates?.level;
      for (const [index, cut] of cuts.entries())
        if (isLong || index % sampleStep === 0)
          tally.trial(`${level}, cut ${index} at ${cut.position}`, await recoveryFaults(events, cut, settings));
    }
    tally.note = `of ${cutCount} cuts`;
  },
};

async function recorded(settings: Partial<Settings>): Promise<{ events: readonly Event[]; cuts: readonly Cut[] }> {
  const world = troubled(new EngineWorld(plan));
  const cuts: Cut[] = [];
  let position = 0;
  const onAppend = (next: number) => {
    const snapshot = world.snapshot();
    cuts.push({ position, snapshot }, { position: next, snapshot });
    position = next;
  };
  const rig = new EngineRig({ world, settings, onAppend });
  rig.do({ type: "create_epic", goal: "Build it.", isStarting: true });
  await rig.approveAll();
  const { events } = rig;
  await rig.engine.stop("it is recorded");
  // Before the epic is written down there is nothing to go on with.
  return { events, cuts: cuts.filter((cut) => cut.position > 2 && cut.position <= events.length) };
}

/** T-001 is red and T-003 conflicts until their second edit: a diagnosis and second attempts are among the cuts. */
function troubled(world: EngineWorld): EngineWorld {
  const isRed = (cwd: string) => cwd.endsWith("T-001") && world.disk.tickets["T-001"]?.editCount === 1;
  world.check = async ({ cwd }) => ({ exitCode: isRed(cwd) ? 1 : 0, output: "1 fail" });
  world.hasConflict = (ticketId) => ticketId === "T-003" && world.disk.tickets[ticketId]?.editCount === 1;
  return world;
}

async function recoveryFaults(events: readonly Event[], cut: Cut, settings: Partial<Settings>): Promise<string[]> {
  const world = troubled(new EngineWorld(plan));
  world.restore(cut.snapshot);
  const rig = new EngineRig({ world, settings, events: events.slice(0, cut.position) });
  await rig.approveAll();
  const tracks = [...rig.state.tracks.values()];
  const faults = [
    ...(rig.state.tickets.size === ticketCount ? [] : [`${rig.state.tickets.size} tickets`]),
    ...rig.statuses().filter((line) => !line.endsWith(" completed")),
    ...tracks.filter(({ landing }) => landing.name !== "landed").map(({ trackId }) => `${trackId} is not landed`),
    ...decidedTwice(rig.events),
    ...spawnedTwice(rig.events).map((key) => `${key} was started twice`),
    ...ranWithoutLeave(rig.events).map((id) => `${id} ran without leave`),
    ...repeatedCommands(rig.events).map((id) => `${id} was repeated`),
    ...mergedWithoutCheck(rig.events).map((id) => `${id} was merged unchecked`),
    ...(rig.isFoldEqual() ? [] : ["folding the log does not give the state"]),
    ...rig.reports,
  ];
  await rig.engine.stop("the proof has seen enough");
  return faults;
}
