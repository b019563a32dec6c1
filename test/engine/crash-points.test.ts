/**
 * A finished run is cut after each durable write, once with the world as it was right then, once as it was just before the
 * next write (an effect was done, its outcome not yet written). An engine that starts on what is left must bring it to its end.
 */
import { expect, test } from "bun:test";
import type { Event } from "../../src/domain/event.ts";
import type { Settings } from "../../src/domain/settings.ts";
import { decidedTwice, ranWithoutLeave, repeatedCommands } from "../support/agent-ledger.ts";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld, type Snapshot } from "../support/engine-world.ts";

const plan = {
  alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"], phase: "Second" }],
  beta: [{ key: "one" }],
};
const review = { qa: true, techLead: true };

interface Cut {
  readonly position: number;
  readonly when: "at once" | "before the next write";
  readonly snapshot: Snapshot;
}

/** Plays a whole run, every gate approved, and keeps what a crash at each write would leave. */
async function record(settings: Partial<Settings>): Promise<{ events: Event[]; cuts: Cut[] }> {
  const world = troubled(new EngineWorld(plan));
  const cuts: Cut[] = [];
  let position = 0;
  const onAppend = (next: number) => {
    const snapshot = world.snapshot();
    // Where nothing happened between two writes, both moments leave the same.
    if (position > 0 && !Bun.deepEquals(snapshot, cuts.at(-1)?.snapshot))
      cuts.push({ position, when: "before the next write", snapshot });
    position = next;
    cuts.push({ position, when: "at once", snapshot });
  };
  const rig = new EngineRig({ world, settings, onAppend });
  rig.do({ type: "create_epic", goal: "Build it.", isStarting: true });
  await rig.approveAll();
  // Before the epic is written down there is nothing to go on with.
  return { events: rig.events, cuts: cuts.filter((cut) => cut.position > 2) };
}

/** T-001 is red and T-003 conflicts until their second edit: a diagnosis and second attempts are among the crash points. */
function troubled(world: EngineWorld): EngineWorld {
  const isRed = (cwd: string) => cwd.endsWith("T-001") && world.disk.tickets["T-001"]?.editCount === 1;
  world.check = async ({ cwd }) => ({ exitCode: isRed(cwd) ? 1 : 0, output: "1 fail" });
  world.hasConflict = (ticketId) => ticketId === "T-003" && world.disk.tickets[ticketId]?.editCount === 1;
  return world;
}

/** Starts an engine on what a crash left, approves what it asks, and says what is wrong with how it ended. */
async function recover(events: readonly Event[], cut: Cut, settings: Partial<Settings>): Promise<string[]> {
  const world = troubled(new EngineWorld(plan));
  world.restore(cut.snapshot);
  const rig = new EngineRig({ world, settings, events: events.slice(0, cut.position) });
  // A cut before the plan was asked for leaves nothing to do.
  if (rig.state.epics.size === 0) return [];
  await rig.approveAll();
  const unfinished = rig.statuses().filter((line) => !line.endsWith(" completed"));
  const unlanded = [...rig.state.tracks.values()].filter((track) => track.landing.name !== "landed");
  const faults = [
    ...(rig.state.tickets.size === 3 ? [] : [`${rig.state.tickets.size} tickets`]),
    ...unfinished,
    ...unlanded.map((track) => `${track.trackId} is not landed`),
    ...decidedTwice(rig.events),
    ...ranWithoutLeave(rig.events).map((id) => `${id} ran without leave`),
    ...repeatedCommands(rig.events).map((id) => `${id} was repeated`),
    ...ranTooOften(rig),
    ...(rig.isFoldEqual() ? [] : ["folding the log does not give the state"]),
    ...rig.reports,
  ];
  await rig.engine.stop("the test has seen enough");
  return faults.map((fault) => `cut after ${cut.position}, ${cut.when}: ${fault}`);
}

/** Commands that ran more often than attempts were made and people asked for it. */
function ranTooOften(rig: EngineRig): string[] {
  return [...rig.state.tickets.values()].flatMap((ticket) => {
    const ranCount = rig.world.ran.filter((command) => command === `edit ${ticket.ticketId}`).length;
    const askedCount = rig
      .all("gate.approved")
      .filter((event) => event.kind === "unknown" && rig.state.gates.get(event.gateId)?.ticketId === ticket.ticketId);
    const allowed = ticket.attempts.length + askedCount.length;
    return ranCount > allowed ? [`edit ${ticket.ticketId} ran ${ranCount} times in ${allowed} leaves`] : [];
  });
}

test.each([
  ["manual", { gates: { level: "manual" as const, allow: [] }, review }],
  ["guarded", { gates: { level: "guarded" as const, allow: ["edit *"] }, review }],
  ["all", { gates: { level: "all" as const, allow: [] }, review }],
])(
  "at the level %s a crash after a write, every third of them, is recovered from, and nothing happens twice",
  async (_level, settings) => {
    const { events, cuts } = await record(settings);
    expect(cuts.length).toBeGreaterThan(100);
    const faults: string[] = [];
    // `npm run prove` takes every one.
    for (const cut of cuts.filter((_cut, index) => index % 3 === 0))
      faults.push(...(await recover(events, cut, settings)));
    expect(faults).toEqual([]);
  },
  120_000,
);

test("a crash during the recovery from a crash is recovered from", async () => {
  const settings = { gates: { level: "guarded" as const, allow: ["edit *"] } };
  const { events, cuts } = await record(settings);
  const faults: string[] = [];
  for (const cut of cuts.filter((_cut, index) => index % 18 === 0)) {
    const world = troubled(new EngineWorld(plan));
    world.restore(cut.snapshot);
    const again: Cut[] = [];
    const onAppend = (position: number) => {
      if (again.length < 8) again.push({ position, when: "at once", snapshot: world.snapshot() });
    };
    const rig = new EngineRig({ world, settings, events: events.slice(0, cut.position), onAppend });
    if (rig.state.epics.size === 0) continue;
    await rig.approveAll();
    for (const second of again) faults.push(...(await recover(rig.events, second, settings)));
  }
  expect(faults).toEqual([]);
}, 120_000);
