/**
 * Twenty identical answers at once at every gate of a served run; and one change at a time between an approval and its effect. It fails when a decision is not taken under one lock with
 * its check (two answers get 200, or two events are written), or when an effect follows from an answer instead of from state.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeSite, type Site } from "../support/e2e-project.ts";
import { Served, type ServedGate } from "../support/e2e-server.ts";
import { call, crew, ticketPlan, trackPlan } from "../support/foreign-crew.ts";
import { gateTimes } from "./gate-times.ts";
import { tryMutations } from "./mutations.ts";
import { notOnce, type Proof, within } from "./proof.ts";

const answerCount = 20;
const boundMs = 60_000;
type Feed = Awaited<ReturnType<Served["feed"]>>;
type LiveEvent = Feed["events"][number];

interface Answered {
  readonly gate: ServedGate;
  readonly statuses: readonly number[];
}

export const approvals: Proof = {
  name: "approvals",
  promise: `What was approved runs once, out of ${answerCount} answers at once; changed since in anything that decides: it does not run.`,
  async prove(tally, { isLong }) {
    await tryMutations(tally);
    tally.note = await gateTimes();
    const keys = Array.from({ length: isLong ? 24 : 6 }, (_unset, index) => `part${index}x`);
    const site = await commandingSite(keys);
    const served = await Served.start(site, ["--unsafe-no-sandbox"]);
    const feed = await served.feed();
    try {
      await served.send("POST", "/api/epics", { goal: "Reach the goal" });
      const answered = await within(answerAll(served, feed), boundMs * (isLong ? 4 : 1));
      if (answered === null) return tally.fail("The run did not end.");
      const doubled = doubledEffects(site, feed.events);
      for (const { gate, statuses } of answered)
        tally.trial(`${gate.gateId} (${gate.kind})`, [...wrongAnswers(gate, statuses, feed.events)]);
      for (const key of keys) tally.trial(`the effects of ${key}`, ledgerFaults(site, key));
      tally.trial("all effects", doubled);
    } finally {
      await feed.close();
      served.process.kill("SIGKILL");
      await served.process.finished;
    }
  },
};

/** Every worker appends to a ledger of its own outside every worktree, then writes its file. */
function commandingSite(keys: readonly string[]): Promise<Site> {
  const ledger = (key: string) => `.signalbox/ledger-${key}`;
  const plan = [
    trackPlan(
      "alpha",
      keys.map((key) => ticketPlan(key)),
    ),
  ];
  return makeSite(
    crew(plan, {
      worker: ({ turn }, { key, target_files = [] }) =>
        [
          call("bash", { command: `echo ${randomUUID()} >> ../../../${ledger(key)}` }),
          call("write", { file_path: target_files[0], content: `export const ${key} = 1;\n` }),
        ][turn] ?? { text: "Finished." },
    }),
  );
}

async function answerAll(served: Served, feed: Feed): Promise<Answered[]> {
  const answered: Answered[] = [];
  const isOpen = ({ type, gateId }: LiveEvent) =>
    type === "gate.opened" && !answered.some(({ gate }) => gate.gateId === gateId);
  for (;;) {
    const event = await feed.event((one) => isOpen(one) || one.type === "track.landed" || one.type === "track.blocked");
    if (event.type !== "gate.opened") return answered;
    const gate = await served.gate(feed, String(event.kind), ({ gateId }) => gateId === event.gateId);
    const answers = await Promise.all(Array.from({ length: answerCount }, () => served.decide(gate)));
    answered.push({ gate, statuses: answers.map(({ status }) => status) });
  }
}

function wrongAnswers(gate: ServedGate, statuses: readonly number[], events: readonly LiveEvent[]): string[] {
  const taken = statuses.filter((status) => status === 200).length;
  const refused = statuses.filter((status) => status === 409).length;
  const approved = events.filter(({ type, gateId }) => type === "gate.approved" && gateId === gate.gateId).length;
  return [
    ...(taken === 1 && refused === answerCount - 1 ? [] : [`the answers were ${statuses.join(" ")}`]),
    ...(approved === 1 ? [] : [`${approved} approvals are in the log`]),
  ];
}

function ledgerFaults(site: Site, key: string): string[] {
  const path = join(site.repository.root, `.signalbox/ledger-${key}`);
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  return lines.length === 1 ? [] : [`its command ran ${lines.length} times`];
}

/** Each of these may be in the log once for its subject, because every subject had one gate. */
function doubledEffects(site: Site, events: readonly LiveEvent[]): string[] {
  const subjects: Readonly<Record<string, (event: LiveEvent) => unknown>> = {
    "track.created": ({ key }) => key,
    "ticket.created": ({ key }) => key,
    "command.started": ({ toolCallId }) => toolCallId,
    "merge.completed": ({ ticketId }) => ticketId,
    "checkpoint.recorded": ({ phase }) => phase,
    "track.landed": ({ trackId }) => trackId,
  };
  const first = site.provider.answered.filter(({ ask }) => ask.role === "worker" && ask.turn === 0);
  return Object.entries(subjects)
    .flatMap(([type, subject]) => {
      const names = events.filter((event) => event.type === type).map((event) => `${type} ${String(subject(event))}`);
      return names.length === 0 ? [`there is no ${type}`] : notOnce(names);
    })
    .concat(notOnce(first.map(({ ask }) => `the start of ${/the part (\w+)\./.exec(ask.first)?.[1]}`)));
}
