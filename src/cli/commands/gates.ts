/** `signalbox gates`: lists the open gates, or answers one. The decision names the hash of the payload that was read. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { GateKind, Json } from "../../domain/gate.ts";
import { closedWords } from "../../domain/gate-words.ts";
import { gateFacts } from "../../projections/gate-facts.ts";
import { failure, usageError } from "../cli-error.ts";
import type { Invocation, RunCommand } from "../command-table.ts";
import { oneLine } from "../progress.ts";
import { openAccess, type ProjectAccess } from "../project-access.ts";
import { textTable } from "../text-table.ts";
import type { World } from "../world.ts";

const GateView = z.object({
  gateId: z.string(),
  kind: GateKind,
  reason: z.string(),
  payload: Json,
  payloadHash: z.string(),
  trackId: z.string().optional(),
  ticketId: z.string().optional(),
});
type GateView = z.infer<typeof GateView>;

const AnyGate = z.object({
  gateId: z.string(),
  status: z.string(),
  words: z.string().optional(),
  supersededBy: z.string().optional(),
});

/** Lists, approves or declines. */
export const gates: RunCommand = async (invocation, world) => {
  const [verb, gateId] = invocation.positionals;
  if (verb === undefined) return list(invocation, world);
  if (verb !== "approve" && verb !== "decline") {
    throw usageError(`"signalbox gates" knows approve and decline, not "${verb}". See "signalbox gates --help".`);
  }
  if (gateId === undefined)
    throw usageError(`Say which gate: signalbox gates ${verb} ID. "signalbox gates" lists them.`);
  return await decide(verb, gateId, invocation, world);
};

async function list(invocation: Invocation, world: World): Promise<number> {
  const access = await openAccess(invocation, world);
  const json = await access.look({ what: "gates" });
  if (invocation.options.json) world.out(`${JSON.stringify(json)}\n`);
  else world.out(listText(z.array(GateView).parse(json)));
  return 0;
}

function listText(open: readonly GateView[]): string {
  if (open.length === 0) return "No gate is open.\n";
  const rows = open.map((gate) => [
    gate.gateId,
    gate.kind,
    gate.ticketId ?? gate.trackId ?? "",
    oneLine(gate.reason, 90),
  ]);
  const facts = open.map(factLines);
  const lines = textTable(rows).split("\n");
  const text = lines.flatMap((line, index) => [line, ...(facts[index] ?? [])]).join("\n");
  return `${text}\n\nAnswer with: signalbox gates approve ID, or signalbox gates decline ID --reason TEXT\n`;
}

/** What the payload says of sandbox, budget and result; the payload itself is in the output of --json. */
function factLines({ kind, payload }: GateView): string[] {
  return gateFacts(kind, payload).map(({ name, text }) => `    ${name}: ${oneLine(text, 200)}`);
}

async function decide(verb: "approve" | "decline", gateId: string, invocation: Invocation, world: World) {
  const { payload: payloadFile, reason, json } = invocation.options;
  if (verb === "decline" && !reason?.trim()) {
    throw usageError("A decline needs words that reach the model: --reason TEXT.");
  }
  if (verb === "approve" && reason !== undefined)
    throw usageError("--reason belongs to decline; approve takes --payload.");
  if (verb === "decline" && payloadFile !== undefined)
    throw usageError("--payload belongs to approve, not to decline.");
  const payload = payloadFile === undefined ? undefined : await readPayload(payloadFile, world);
  const access = await openAccess(invocation, world);
  const gate = await openGate(access, gateId);
  const { payloadHash } = gate;
  const by = "command line";
  if (verb === "approve") {
    await access.change({ type: "approve_gate", gateId, payloadHash, by, ...(payload !== undefined && { payload }) });
  } else {
    await access.change({ type: "decline_gate", gateId, payloadHash, reason: reason ?? "", by });
  }
  const done = verb === "approve" ? "approved" : "declined";
  const next = access.server ? "" : ' Go on with "signalbox resume".';
  world.out(json ? `${JSON.stringify({ gateId, decision: verb })}\n` : `${gateId} (${gate.kind}) is ${done}.${next}\n`);
  return 0;
}

async function openGate(access: ProjectAccess, gateId: string): Promise<GateView> {
  const open = z.array(GateView).parse(await access.look({ what: "gates" }));
  const gate = open.find((candidate) => candidate.gateId === gateId);
  if (gate) return gate;
  const known = open.map((candidate) => candidate.gateId).join(", ") || "none";
  const all = new Map(
    z
      .array(AnyGate)
      .parse(await access.look({ what: "allGates" }))
      .map((each) => [each.gateId, each]),
  );
  const closed = all.get(gateId);
  if (closed)
    throw failure(
      "conflict",
      closedWords(closed, (id) => all.get(id)),
    );
  throw failure("not_found", `No open gate is called "${gateId}". Open gates: ${known}.`);
}

async function readPayload(file: string, world: World): Promise<Json> {
  const text = file === "-" ? await world.readInput() : await readPayloadFile(resolve(world.cwd, file));
  try {
    return Json.parse(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw usageError(`The payload from ${file === "-" ? "stdin" : file} is not valid JSON: ${cause.message}.`);
  }
}

async function readPayloadFile(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => {
    throw usageError(`The payload file ${path} cannot be read.`);
  });
}
