/** What counts as a proposal, and what a model hears of one that breaks a rule. */
import { describe, expect, test } from "bun:test";
import { parseTickets, parseTracks, parseVerdict } from "../../src/domain/proposal.ts";
import { ticketProposal, trackProposal } from "../support/facts.ts";

const tickets = [ticketProposal("a"), ticketProposal("b", { depends_on: ["a"] })];
const json = JSON.stringify({ tickets });

function faults(raw: unknown, knownKeys: string[] = []): string[] {
  const parsed = parseTickets(raw, knownKeys);
  return parsed.isValid ? [] : parsed.faults;
}

describe("a proposal counts", () => {
  test.each([
    ["as the call's input", { tickets }],
    ["as a bare array", tickets],
    ["as plain text", json],
    ["as plain text that is a bare array", JSON.stringify(tickets)],
    ["in a fence", `Here it is:\n\`\`\`json\n${json}\n\`\`\`\nGood luck.`],
    ["in a fence without a language", `\`\`\`\n${json}\n\`\`\``],
    ["in the middle of words", `I propose ${json} and hope that you like it.`],
    [
      "when a text in it holds a fence",
      `\`\`\`json\n${JSON.stringify({ tickets: [{ ...ticketProposal("a"), description: "Write ```ts code```." }] })}\n\`\`\``,
    ],
  ])("%s", (_name, raw) => {
    expect(parseTickets(raw)).toMatchObject({ isValid: true });
  });
});

describe("a proposal is refused", () => {
  test.each([
    ["text without JSON", "I would start with the parser.", "the answer holds no JSON object or array"],
    ["JSON that is cut off", `{"tickets":[{"key":"a"`, "the JSON does not parse"],
    ["no tickets at all", { tickets: [] }, "tickets"],
    ["a missing field", [{ ...ticketProposal("a"), title: undefined }], "tickets[0].title"],
    ["an empty title", [ticketProposal("a", { title: "  " })], "tickets[0].title"],
    ["a key used twice", [ticketProposal("a"), ticketProposal("a")], 'the key "a" is used more than once'],
    ["an unknown dependency", [ticketProposal("a", { depends_on: ["z"] })], '"a" depends on "z", which does not exist'],
    ["a ticket that needs itself", [ticketProposal("a", { depends_on: ["a"] })], "cycle: a -> a"],
    [
      "an absolute path",
      [ticketProposal("a", { target_files: ["/etc/passwd"] })],
      'the path "/etc/passwd" is not inside',
    ],
    ["a path that climbs out", [ticketProposal("a", { target_files: ["src/../../x"] })], "is not inside the project"],
    ["a context file outside", [ticketProposal("a", { context_files: ["../x"] })], "is not inside the project"],
    ["git's own files", [ticketProposal("a", { target_files: ["sub/.GIT/config"] })], "is off limits"],
    ["a Windows path", [ticketProposal("a", { target_files: ["C:\\x"] })], "is not inside the project"],
  ])("for %s", (_name, raw, words) => {
    expect(faults(raw).join("\n")).toContain(words);
  });

  test("with every fault named at once", () => {
    const raw = [ticketProposal("a", { depends_on: ["z"], target_files: ["/x"] }), ticketProposal("a")];
    expect(faults(raw).length).toBe(3);
  });
});

test("a ticket may depend on a ticket that the track already has, and must not take its key", () => {
  expect(faults([ticketProposal("b", { depends_on: ["a"] })], ["a"])).toEqual([]);
  expect(faults([ticketProposal("a")], ["a"])).toEqual(['the key "a" is used more than once']);
});

test("tracks follow the same rules", () => {
  expect(parseTracks([trackProposal("a")])).toMatchObject({ isValid: true, value: { tracks: [{ key: "a" }] } });
  const circle = [trackProposal("a", { depends_on: ["b"] }), trackProposal("b", { depends_on: ["a"] })];
  expect(parseTracks({ tracks: circle })).toMatchObject({ isValid: false });
});

test("a verdict is pass or fail with a diagnosis, and nothing between", () => {
  expect(parseVerdict({ verdict: "pass", diagnosis: "Fine." })).toMatchObject({ isValid: true });
  expect(parseVerdict('{"verdict":"fail","diagnosis":"No."}')).toMatchObject({ isValid: true });
  expect(parseVerdict({ verdict: "perhaps", diagnosis: "Hm." })).toMatchObject({ isValid: false });
});
