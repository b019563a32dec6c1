/**
 * What the simulator answers in the browser tests: one track whose two tickets bring every kind of gate, a red check that
 * is mended, slow text that can be seen arriving, and titles that would be scripts if any page took them for more than text.
 */
import type { ScenarioInput } from "../../src/simulator/scenario.ts";

/** Text of a model or a person that a careless page would run. */
export const attack = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

/** Red as long as the greeting is there and wrong. */
export const check =
  'if [ -f src/greeting.txt ] && ! grep -q hello src/greeting.txt; then echo "the greeting is wrong"; exit 1; fi';

/** What the first worker says, piece by piece, before its first tool call. */
export const slowWords =
  "Let me think about how to greet people well: shortly, and in a way that everybody knows, at any time of the day.";

type Reply = NonNullable<ScenarioInput["rules"][number]["reply"]>;

const write = (file_path: string, content: string) => ({ name: "write", input: { file_path, content } });
const bash = (command: string) => ({ name: "bash", input: { command } });

/** The scenario; `slowTokensPerSecond` is the pace of the first worker's first answer. */
export function browserScenario(slowTokensPerSecond = 30): ScenarioInput {
  return {
    name: "browser",
    rules: [
      { when: { role: "orchestrator" }, reply: proposedTracks },
      { when: { tool: "propose_tickets" }, reply: proposedTickets },
      { when: { tool: "accept_ticket" }, reply: { text: "Good.", toolUse: [{ name: "accept_ticket", input: {} }] } },
      { when: { tool: "report_verdict" }, reply: verdict },
      {
        name: "diagnosis",
        when: { tool: null },
        reply: { text: `The file says hullo where the check wants hello. ${attack}` },
      },
      {
        when: { role: "worker", firstText: "Write the greeting", until: "diagnosis" },
        replies: [
          {
            text: slowWords,
            toolUse: [write("src/greeting.txt", "hullo\n")],
            tokensPerSecond: slowTokensPerSecond,
            chunkChars: 4,
          },
          { text: "A look around.", toolUse: [bash("ls -a")] },
          { text: `You said: {{toolResult}} ${attack}` },
        ],
      },
      {
        when: { role: "worker", firstText: "Write the greeting" },
        replies: [{ text: "Mended.", toolUse: [write("src/greeting.txt", "hello\n")] }, { text: "It says hello now." }],
      },
      {
        when: { role: "worker", firstText: "Sign the greeting" },
        replies: [
          { text: "Who am I?", toolUse: [bash("echo signed > src/signature.txt")] },
          { text: "And a note elsewhere.", toolUse: [write("NOTES.md", "signed\n")] },
          { text: "Signed." },
        ],
      },
    ],
  };
}

const proposedTracks: Reply = {
  text: `One track is enough. ${attack}`,
  toolUse: [
    {
      name: "propose_tracks",
      input: {
        tracks: [
          { key: "greet", title: `Greeting ${attack}`, goal: "Say hello.", acceptance_criteria: ["It says hello"] },
        ],
        rationale: attack,
      },
    },
  ],
};

const proposedTickets: Reply = {
  text: "Two tickets.",
  toolUse: [
    {
      name: "propose_tickets",
      input: {
        tickets: [
          {
            key: "write",
            title: "Write the greeting",
            description: `Put a greeting into src/greeting.txt. ${attack}`,
            target_files: ["src/greeting.txt"],
            acceptance_criteria: ["The file says hello"],
            phase: "Words",
          },
          {
            key: "sign",
            title: "Sign the greeting",
            description: "Put a signature into src/signature.txt.",
            target_files: ["src/signature.txt"],
            acceptance_criteria: ["The file is signed"],
            depends_on: ["write"],
            phase: "Words",
          },
        ],
      },
    },
  ],
};

const verdict: Reply = {
  toolUse: [{ name: "report_verdict", input: { verdict: "pass", diagnosis: "The criteria are met.", findings: [] } }],
};
