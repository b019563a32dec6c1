/** `signalbox status`: tracks, tickets, open gates, spend. */
import { z } from "zod";
import type { RunCommand } from "../command-table.ts";
import { painter } from "../paint.ts";
import { oneLine } from "../progress.ts";
import { openAccess } from "../project-access.ts";
import { moneyText, textTable } from "../text-table.ts";

const optionalText = z.string().nullish();

/** The parts of `GET /api/state` that are shown. */
const StatusView = z.object({
  position: z.number(),
  isPaused: z.boolean(),
  epics: z.array(z.object({ epicId: z.string(), goal: z.string(), status: z.string(), reason: optionalText })),
  tracks: z.array(
    z.object({
      trackId: z.string(),
      title: z.string(),
      status: z.string(),
      reason: optionalText,
      landing: z.looseObject({ name: z.string(), reason: optionalText }),
    }),
  ),
  tickets: z.array(
    z.object({
      ticketId: z.string(),
      trackId: z.string(),
      title: z.string(),
      status: z.string(),
      reason: optionalText,
    }),
  ),
  gates: z.array(z.object({ gateId: z.string(), kind: z.string(), reason: z.string(), status: z.string() })),
  usage: z.object({ total: z.object({ costUsd: z.number().nullable(), callCount: z.number() }) }),
  holds: z.array(z.object({ reason: z.string() })).optional(),
});
type StatusView = z.infer<typeof StatusView>;

/** Prints the state; with `--json` exactly what `GET /api/state` gives. */
export const status: RunCommand = async (invocation, world) => {
  const access = await openAccess(invocation, world);
  const state = await access.look({ what: "state" });
  if (invocation.options.json) world.out(`${JSON.stringify(state)}\n`);
  else {
    const where = access.server ? `running (process ${access.server.pid})` : "not running";
    world.out(statusText(StatusView.parse(state), access.project.name, where, world.hasColour));
  }
  return 0;
};

function statusText(state: StatusView, name: string, where: string, hasColour: boolean): string {
  const paint = painter(hasColour);
  const openGates = state.gates.filter((gate) => gate.status === "open");
  const isEmpty = state.epics.length + state.tracks.length === 0;
  const lines = [
    `${paint.bold(name)}  ${where}${state.isPaused ? paint.yellow("  paused") : ""}`,
    ...state.epics.filter(isUnfinished).map((epic) => `${epic.epicId}  ${epic.status}  ${oneLine(epic.goal, 70)}`),
    ...state.tracks.flatMap((track) => trackLines(state, track)),
    ...openGates.map((gate) => `${paint.yellow("?")} ${gate.gateId}  ${gate.kind}: ${oneLine(gate.reason, 90)}`),
    ...(state.holds ?? []).map(({ reason }) => paint.yellow(oneLine(reason, 160))),
    isEmpty ? 'Nothing yet. Start with: signalbox run --epic "GOAL"' : spendLine(state),
  ];
  return `${lines.join("\n")}\n`;
}

function isUnfinished(epic: StatusView["epics"][number]): boolean {
  return epic.status !== "planned";
}

function trackLines(state: StatusView, track: StatusView["tracks"][number]): string[] {
  const tickets = state.tickets.filter((ticket) => ticket.trackId === track.trackId);
  const rows = tickets.map((ticket) => [
    ticket.ticketId,
    ticket.status,
    oneLine(ticket.title, 60),
    oneLine(ticket.reason ?? "", 80),
  ]);
  const { name, reason } = track.landing;
  const landing = name === "refused" || name === "declined" ? `Its landing was ${name}: ${reason ?? ""}` : "";
  const words = oneLine(track.reason ?? landing, 120);
  const head = `\n${track.trackId}  ${track.status}  ${oneLine(track.title, 60)} ${words}`;
  return rows.length === 0 ? [head.trimEnd()] : [head.trimEnd(), textTable(rows)];
}

function spendLine(state: StatusView): string {
  return `\nSpend: ${moneyText(state.usage.total.costUsd)} in ${state.usage.total.callCount} calls`;
}
