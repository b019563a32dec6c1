/** Proposals that break a rule: the faults go back by name, three tries in all, and the run always ends. */
import { afterAll, expect, test } from "bun:test";
import { summaryOf } from "../support/e2e-binary.ts";
import { makeSite, removeSites, runAll } from "../support/e2e-project.ts";
import { call, crew, type TrackPlan, ticketPlan, trackPlan, tracksInput } from "../support/foreign-crew.ts";
import type { Reply } from "../support/foreign-provider.ts";

afterAll(removeSites);

const good: readonly TrackPlan[] = [trackPlan("alpha", [ticketPlan("ant")])];
const [track] = tracksInput(good).tracks;
const ant = ticketPlan("ant");
const { title: _trackTitle, ...trackWithoutTitle } = track ?? {};
const { target_files: _files, ...ticketWithoutFiles } = ant;
const tracksCall = (...tracks: unknown[]) => call("propose_tracks", { tracks });
const ticketsCall = (...tickets: unknown[]) => call("propose_tickets", { tickets });

const wrongTracks: readonly (readonly [string, Reply, RegExp])[] = [
  ["text that is no JSON", { text: 'My tracks: {"tracks": [oops]}' }, /JSON/],
  ["a track without a title", tracksCall(trackWithoutTitle), /title/],
  ["two tracks with one key", tracksCall(track, track), /alpha/],
  ["a dependency on nothing", tracksCall({ ...track, depends_on: ["nowhere"] }), /nowhere/],
  [
    "tracks in a circle",
    tracksCall({ ...track, depends_on: ["o"] }, { ...track, key: "o", depends_on: ["alpha"] }),
    /circ|cycl/i,
  ],
];
const wrongTickets: readonly (readonly [string, Reply, RegExp])[] = [
  ["text that is no JSON", { text: "```json\n[{]\n```" }, /JSON/],
  ["a ticket without target files", ticketsCall(ticketWithoutFiles), /target_files/],
  ["two tickets with one key", ticketsCall(ant, ant), /ant/],
  ["a dependency on nothing", ticketsCall({ ...ant, depends_on: ["nowhere"] }), /nowhere/],
  [
    "tickets in a circle",
    ticketsCall({ ...ant, depends_on: ["o"] }, ticketPlan("o", { depends_on: ["ant"] })),
    /circ|cycl/i,
  ],
  [
    "a file outside the project",
    ticketsCall({ ...ant, target_files: ["../../etc/passwd"] }),
    /\.\.\/\.\.\/etc\/passwd/,
  ],
];

test.concurrent.each(wrongTracks)(
  "%s: told three times, then blocked with that reason",
  async (_case, wrong, words) => {
    const site = await makeSite(crew(good, { orchestrator: () => wrong }));
    const run = await site.run(runAll);
    const asked = site.provider.answered.map(({ ask }) => ask);
    expect(asked).toHaveLength(3);
    for (const ask of asked.slice(1)) expect(ask.last).toMatch(words);
    expect(summaryOf(run).outcome).toBe("blocked");
    expect(run.exitCode).toBe(1);
    expect(run.err.trimEnd().split("\n").at(-1)).toMatch(words);
  },
);

test.concurrent("a third try that is right carries the run on", async () => {
  const wrong = wrongTracks.map(([, reply]) => reply);
  const site = await makeSite(crew(good, { orchestrator: ({ turn }) => wrong[turn < 2 ? turn : 99] }));
  const run = await site.run(runAll);
  expect(summaryOf(run).outcome).toBe("done");
  expect(run.exitCode).toBe(0);
});

test.concurrent("wrong tickets block their own track by name; where they are mended the track goes on", async () => {
  const tracks = wrongTickets.flatMap((_case, at) => [
    trackPlan(`stuck${at}`, [ticketPlan("ant")]),
    trackPlan(`mended${at}`, [ticketPlan(`part${at}`)]),
  ]);
  const wrongAt = (key: string) => wrongTickets[Number(/\d+$/.exec(key)?.[0])]?.[1];
  const isWrong = (key: string, turn: number) => key.startsWith("stuck") || turn === 0;
  const site = await makeSite(
    crew(tracks, { techLead: ({ turn }, { key }) => (isWrong(key, turn) ? wrongAt(key) : undefined) }),
  );
  const run = await site.run(runAll);
  const { outcome, tracks: ended } = summaryOf(run);
  expect({ outcome, exitCode: run.exitCode }).toEqual({ outcome: "blocked", exitCode: 1 });
  const state = JSON.parse((await site.run(["status", "--json"])).out);
  for (const [at, [name, , words]] of wrongTickets.entries()) {
    const titled = (kind: string) => ended.find(({ title }) => title === `The ${kind}${at} track.`);
    expect([name, titled("stuck")?.status, titled("mended")?.status]).toEqual([name, "blocked", "completed"]);
    const { reason } = state.tracks.find((one: { trackId: string }) => one.trackId === titled("stuck")?.trackId);
    expect(reason).toMatch(words);
    const asked = site.provider.answered.flatMap(({ ask }) =>
      ask.role === "tech_lead" && ask.first.includes(`# Track ${titled("stuck")?.trackId}`) ? [ask] : [],
    );
    expect(asked).toHaveLength(3);
    for (const ask of asked.slice(1)) expect(ask.last).toMatch(words);
  }
});

test.concurrent("a proposal in plain text counts, fenced or bare", async () => {
  const site = await makeSite(
    crew(good, {
      orchestrator: () => ({ text: `Here:\n\`\`\`json\n${JSON.stringify(tracksInput(good))}\n\`\`\`\nThat is all.` }),
      techLead: () => ({ text: JSON.stringify(good[0]?.tickets) }),
    }),
  );
  const run = await site.run(runAll);
  expect(run.exitCode).toBe(0);
  expect(summaryOf(run).tickets).toHaveLength(1);
});
