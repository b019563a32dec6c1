/** Settings that a person changes while the engine runs hold at once, and let go on what waited for the old ones. */
import { expect, test } from "bun:test";
import type { Command } from "../../src/domain/command.ts";
import type { Budget } from "../../src/domain/settings.ts";
import { changeRows } from "../../src/projections/view-settings.ts";
import { guarded, preparedTrack, ticket } from "../support/facts.ts";
import { type Story, settled } from "../support/given.ts";
import { openGate, work } from "./steps.ts";

const prices = { "claude-haiku-5-5": { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 2 } };
const tooLittle = { runUsd: 0.001 };

function short(): { readonly story: Story; readonly ask: Command } {
  const story = settled(guarded({ budget: tooLittle, prices }), ...preparedTrack(), ticket("T-001"));
  const agentId = work(story, "T-001");
  const call = { turn: 1, tries: 1, messages: [], tools: [], inputTokens: 1000, maxTokens: 1000 };
  return { story, ask: { type: "reserve_call", agentId, ...call } };
}

function changed(story: Story, budget: Budget): Command {
  const changes = [{ key: "budget.run_usd", from: "0.001", to: String(budget.runUsd ?? "") }];
  return { type: "change_settings", settings: { ...story.state.settings, budget }, changes, by: "person" };
}

test("a budget that is raised takes back its question, and the agent that was parked goes on", () => {
  const { story, ask } = short();
  story.do(ask);
  const gate = openGate(story, "budget");
  expect(story.all("call.started")).toEqual([]);
  story.do(changed(story, { runUsd: 1 }));
  expect(story.state.gates.get(gate.gateId)?.status).toBe("withdrawn");
  story.do(ask);
  expect(story.all("call.started")).toHaveLength(1);
});

test("a budget that is raised too little is asked about anew", () => {
  const { story, ask } = short();
  story.do(ask, changed(story, { runUsd: 0.002 }), ask);
  expect(openGate(story, "budget").payload).toMatchObject({ current: 0.002 });
});

test("who changed what is in the log and in the state", () => {
  const { story } = short();
  story.do(changed(story, { runUsd: 1 }));
  expect(story.last("settings.applied")).toMatchObject({ by: "person", settings: { budget: { runUsd: 1 } } });
  expect(changeRows(story.state)).toMatchObject([{ by: "person", words: "budget.run_usd from 0.001 to 1" }]);
});

test("what is so already is refused", () => {
  const { story } = short();
  expect(story.refusal(changed(story, tooLittle)).code).toBe("conflict");
});
