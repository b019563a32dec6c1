/** A run from its goal to landed code, and what a person sees of it on the way. */
import { expect, test } from "bun:test";
import { EngineRig } from "../support/engine-rig.ts";
import { EngineWorld } from "../support/engine-world.ts";

const twoTracks = { alpha: [{ key: "one" }, { key: "two", dependsOn: ["one"] }], beta: [{ key: "one" }] };

test("a run goes from its goal to landed tracks", async () => {
  const rig = new EngineRig({ world: new EngineWorld(twoTracks) });
  await rig.plan();
  console.log(rig.reports, rig.statuses(), rig.events.length);
  expect(rig.statuses()).toEqual(["T-001 completed", "T-002 completed", "T-003 completed"]);
  expect([...rig.state.tracks.values()].map((track) => track.landing.name)).toEqual(["landed", "landed"]);
});
