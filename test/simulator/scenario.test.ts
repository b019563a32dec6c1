/** Scenarios: which rule answers, how templates are filled, and what a faulty file is told. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { brokenJsonPlace } from "../../src/simulator/json-place.ts";
import { readRequest } from "../../src/simulator/messages-request.ts";
import { RuleBook } from "../../src/simulator/rule-book.ts";
import { parseScenario, parseScenarioText, ScenarioError, type ScenarioInput } from "../../src/simulator/scenario.ts";

interface Ask {
  readonly model?: string;
  readonly system?: string;
  readonly tools?: string[];
  readonly messages?: { role: "user" | "assistant"; content: string | { type: string; [key: string]: unknown }[] }[];
}

function book(...rules: ScenarioInput["rules"]) {
  const rulebook = new RuleBook(parseScenario({ rules }));
  return ({ tools = [], messages = [{ role: "user", content: "hello" }], ...rest }: Ask) => {
    const offered = tools.map((name) => ({ name }));
    return rulebook.answer(readRequest({ model: "sim", ...rest, messages, tools: offered }))?.reply;
  };
}

const text = (content: string): Ask => ({ messages: [{ role: "user", content }] });

test("the first rule that holds answers", () => {
  const ask = book({ when: { text: "b" }, reply: { text: "1" } }, { reply: { text: "2" } }, { reply: { text: "3" } });
  expect(ask(text("abc"))).toMatchObject({ text: "1" });
  expect(ask(text("xyz"))).toMatchObject({ text: "2" });
});

test("every condition must hold", () => {
  const when = { model: "haiku", system: "/^you are/i", tool: "bash", text: "go", turn: 0 };
  const ask = book({ when, reply: { text: "yes" } });
  const request = { model: "sim-haiku", system: "You are kind", tools: ["bash"], ...text("go on") };
  expect(ask(request)).toMatchObject({ text: "yes" });
  for (const other of [{ model: "opus" }, { system: "Be kind" }, { tools: [] }, text("stop")])
    expect(ask({ ...request, ...other })).toBeUndefined();
});

test("tells roles by their tools", () => {
  const roles = ["orchestrator", "tech_lead", "worker", "qa"] as const;
  const ask = book(...roles.map((role) => ({ when: { role }, reply: { text: role } })));
  const answers = [
    ["read", "propose_tracks"],
    ["read", "propose_tickets"],
    ["accept_ticket", "request_rework"],
    ["read", "write"],
    ["report_verdict"],
    [],
  ].map((tools) => ask({ tools })?.text);
  expect(answers).toEqual(["orchestrator", "tech_lead", "tech_lead", "worker", "qa", "qa"]);
});

test("tells first text, last text, tool results and turns apart", () => {
  const messages: Ask["messages"] = [
    { role: "user", content: "first" },
    { role: "assistant", content: "hm" },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: "42 passed" }] },
        { type: "text", text: "last" },
      ],
    },
  ];
  const when = {
    firstText: "/^first$/",
    text: "/^last$/",
    toolResult: "/(\\d+) passed/",
    turn: [1, 2] as [number, number], // A range has two ends; a literal alone is any number of numbers.
  };
  const reply = {
    text: "{{firstUserText}} {{lastUserText}} {{toolResult}} {{turn}} {{match.0}}",
    thinking: "{{model}}",
  };
  const ask = book({ when, reply });
  expect(ask({ messages })).toEqual({ text: "first last 42 passed 1 last", thinking: "sim" });
  expect(ask(text("first"))).toBeUndefined();
});

test("fills the strings of tool inputs, and leaves other braces alone", () => {
  const input = { path: "src/{{match.1}}.ts", lines: ["{{ jsx }}", "{{match.9}}"], count: 3 };
  const ask = book({ when: { text: "/fix (\\w+)/" }, reply: { toolUse: [{ name: "write", input }] } });
  const filled = { path: "src/time.ts", lines: ["{{ jsx }}", ""], count: 3 };
  expect(ask(text("fix time"))?.toolUse).toEqual([{ name: "write", input: filled }]);
});

test("tells results by the tool that gave them", () => {
  const ask = book({ when: { resultOf: "read" }, reply: { text: "read" } }, { reply: { text: "other" } });
  const answering = (name: string): Ask => ({
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name, input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "done" }] },
    ],
  });
  expect(["read", "write"].map((name) => ask(answering(name))?.text)).toEqual(["read", "other"]);
  const later = [...(answering("read").messages ?? []), { role: "user" as const, content: "and?" }];
  expect(ask({ messages: later })?.text).toBe("other");
});

test("fills in groups by name, of every regex, in errors too", () => {
  const when = { text: "/read (?<file>\\S+)/", system: "/directory: (?<folder>\\S+)/" };
  const message = "No {{match.file}} in {{match.folder}}, {{match.nothing}}.";
  const ask = book({ when, reply: { text: "{{match.folder}}/{{match.file}}", error: { status: 400, message } } });
  expect(ask({ system: "Working directory: /srv", ...text("Please read a.ts now") })).toMatchObject({
    text: "/srv/a.ts",
    error: { message: "No a.ts in /srv, {{match.nothing}}." },
  });
});

test("the nth request is for the nth of rules that answer once", () => {
  const failing = (status: number) => ({ when: { times: 1 }, reply: { error: { status } } });
  const ask = book(failing(529), failing(500), { reply: { text: "at last" } });
  expect([1, 2, 3, 4].map(() => ask({})).map((reply) => reply?.error?.status ?? reply?.text)).toEqual([
    529,
    500,
    "at last",
    "at last",
  ]);
});

test("counts times, and waits for other rules", () => {
  const ask = book(
    { name: "once", when: { times: 1 }, reply: { text: "once" } },
    { when: { after: "stop" }, reply: { text: "after" } },
    { name: "stop", when: { text: "stop" }, reply: { text: "stop" } },
    { when: { until: "stop" }, reply: { text: "until" } },
  );
  expect(["a", "b", "stop", "c"].map((word) => ask(text(word))?.text)).toEqual(["once", "until", "stop", "after"]);
});

test("gives the reply of the turn, the last one for all later turns", () => {
  const ask = book({ replies: [{ text: "0" }, { text: "1" }] });
  const at = (turn: number): Ask => ({
    messages: [
      ...Array.from({ length: turn }, () => ({ role: "assistant" as const, content: "x" })),
      { role: "user", content: "go" },
    ],
  });
  expect([0, 1, 2].map((turn) => ask(at(turn))?.text)).toEqual(["0", "1", "1"]);
});

const faulty: Record<string, [json: unknown, words: string]> = {
  "a wrong kind of value": [{ rules: [{}, { reply: { text: 3 } }] }, "rules[1], field reply.text: "],
  "its rule by name": [
    { rules: [{ name: "plan", reply: { speed: 3 } }] },
    'rules[0] ("plan"), field reply: Unrecognized key: "speed"',
  ],
  "a rule without a reply": [{ rules: [{ when: {} }] }, "field reply: a rule needs either `reply` or `replies`"],
  "a fault that does not exist": [{ rules: [{ reply: { fault: "flood" } }] }, "rules[0], field reply.fault: "],
  "a tool call without an input": [
    { rules: [{ reply: { toolUse: [{ name: "a" }] } }] },
    "field reply.toolUse.0.input: a tool call",
  ],
  "a broken regex": [
    { rules: [{ when: { text: "/(/" }, reply: {} }] },
    'field when.text: "/(/" is no valid regular expression',
  ],
  "a flag that makes a regex forgetful": [
    { rules: [{ when: { text: "/a/g" }, reply: {} }] },
    "must not use the flags g and y",
  ],
  "a rule that is not there": [
    { rules: [{ when: { after: "plan" }, reply: {} }] },
    'when.after: no rule is named "plan"',
  ],
  "an unknown key at the top": [{ rules: [], speed: 1 }, 'Unrecognized key: "speed"'],
  "no rules": [{}, "rules: "],
};

for (const [name, [json, words]] of Object.entries(faulty)) {
  test(`names ${name}`, () => {
    expect(() => parseScenario(json, "line.json")).toThrow(ScenarioError);
    expect(() => parseScenario(json, "line.json")).toThrow("Cannot play line.json: ");
    expect(() => parseScenario(json, "line.json")).toThrow(words);
  });
}

const broken: readonly (readonly [json: string, place: string])[] = [
  ["{", 'line 1, column 2, where it wants a name in "" or }'],
  ['{\n  "rules": [],\n}', 'line 3, column 1, where it wants a name in ""'],
  ['{ "rules": [\n{ "when": , }] }', "line 2, column 11, where it wants a value"],
  ['{ "rules": [{}\n  {}] }', "line 2, column 3, where it wants , or the end"],
  ["{ rules: [] }", 'line 1, column 3, where it wants a name in "" or }'],
  ['{ "rules": [01] }', "line 1, column 13, where it wants a value or ]"],
  ['{ "rules" [] }', "line 1, column 11, where it wants :"],
  ['{ "rules": ["a\nb"] }', "line 1, column 13, where it wants a value or ]"],
  ['{ "rules": [}', "line 1, column 13, where it wants a value or ]"],
  ['{ "rules": [] }\n{}', "line 2, column 1, where it wants nothing more"],
  ["", "line 1, column 1, where it wants a value"],
];

for (const [json, place] of broken) {
  test(`says where ${JSON.stringify(json)} stops being JSON`, () => {
    expect(() => parseScenarioText(json, "line.json")).toThrow(`Cannot play line.json: it is not JSON at ${place}.`);
  });
}

test("finds a broken place exactly where the runtime's own parser finds a fault", () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch (error) {
      return !(error instanceof SyntaxError);
    }
  };
  const pieces = ["", ",", "]", "}", ":", '"', "0", "x", "\\", " "];
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom(...pieces), (value, at, piece) => {
      const whole = JSON.stringify(value, null, 2);
      const place = at % (whole.length + 1);
      const spoilt = whole.slice(0, place) + piece + whole.slice(place + 1);
      expect([brokenJsonPlace(whole), brokenJsonPlace(spoilt) === null]).toEqual([null, isJson(spoilt)]);
    }),
    { numRuns: 500 },
  );
});

test("leaves out what may be left out", () => {
  expect(parseScenarioText('{"rules":[]}', "line.json").strict).toBe(false);
});
