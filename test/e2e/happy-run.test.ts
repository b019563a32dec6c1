/** A whole run of the binary against a server that it has never seen: two tracks, dependencies, real checks, a landing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Finished, summaryOf } from "../support/e2e-binary.ts";
import { bunCheck, makeSite, removeSites, runAll, type Site, secretKey } from "../support/e2e-project.ts";
import { crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";

const tracks = [
  trackPlan("alpha", [
    ticketPlan("ant", {
      target_files: ["src/ant.ts", "test/ant.test.ts"],
    }),
    ticketPlan("ape", { depends_on: ["ant"] }),
  ]),
  trackPlan("beta", [ticketPlan("bee"), ticketPlan("boa"), ticketPlan("bat", { depends_on: ["bee", "boa"] })]),
];

let site: Site;
let run: Finished;

beforeAll(async () => {
  const answer = crew(tracks, {
    worker: (ask, ticket) => {
      if (ticket.key !== "ant" || ask.turn > 0) return undefined;
      const code = 'export const ant = "ant";\n';
      const check =
        'import { expect, test } from "bun:test";\nimport { ant } from "../src/ant.ts";\ntest("ant", () => expect(ant).toBe("ant"));\n';
      return {
        text: "Both files. ",
        tools: [
          { name: "write", input: { file_path: "src/ant.ts", content: code } },
          { name: "write", input: { file_path: "test/ant.test.ts", content: check } },
        ],
      };
    },
  });
  site = await makeSite(answer, {
    style: { isCrlf: true, packetBytes: 7, toolUseId: "toolu_same", hasNoCount: true },
    config: { verify: `command = '${bunCheck()}'` },
    files: {
      "test/base.test.ts":
        'import { expect, test } from "bun:test";\nimport { base } from "../src/base.ts";\ntest("base", () => expect(base).toBe(1));\n',
    },
  });
  run = await site.run([...runAll, "--land"]);
});
afterAll(removeSites);

test("x", () => {
  console.log(run.exitCode, run.err, JSON.stringify(summaryOf(run), null, 1), site.provider.answered.length, secretKey);
});
describe("q", () => undefined);
