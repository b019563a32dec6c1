/** Questions to a finished log that several engine tests ask: what ran twice, and what ran without leave. */
import type { Event } from "../../src/domain/event.ts";

/** Streams whose agent was started again for the same purpose and attempt, although the one before had ended well. */
export function spawnedTwice(events: readonly Event[]): string[] {
  const keyOf = new Map<string, string>();
  const done = new Set<string>();
  const twice: string[] = [];
  for (const event of events) {
    if (event.type === "agent.started") {
      const key = `${event.streamId} ${event.purpose} ${event.attempt ?? ""}`;
      if (done.has(key) || [...keyOf.values()].includes(key)) twice.push(key);
      keyOf.set(event.agentId, key);
    }
    if (event.type === "agent.ended") done.add(keyOf.get(event.agentId) ?? "");
    if (event.type === "agent.failed") keyOf.delete(event.agentId);
  }
  return twice;
}

/** Gates that were decided more than once. */
export function decidedTwice(events: readonly Event[]): string[] {
  const seen = new Set<string>();
  return events.flatMap((event) => {
    if (event.type !== "gate.approved" && event.type !== "gate.declined" && event.type !== "gate.withdrawn") return [];
    const isTwice = seen.has(event.gateId);
    seen.add(event.gateId);
    return isTwice ? [`${event.type} ${event.gateId}`] : [];
  });
}

/** Commands that ran without a rule, a level, or an approval of exactly that command before them. */
export function ranWithoutLeave(events: readonly Event[]): string[] {
  const approved = new Map<string, string>();
  const faults: string[] = [];
  for (const event of events) {
    if (event.type === "gate.approved" && (event.kind === "command" || event.kind === "unknown")) {
      const { payload } = event;
      const isObject = payload !== null && typeof payload === "object" && !Array.isArray(payload);
      approved.set(event.gateId, isObject ? JSON.stringify([payload.command, payload.cwd]) : "");
    }
    if (event.type === "gate.superseded") approved.delete(event.gateId);
    if (event.type !== "command.started" || /^(rule( R-\d+)?|level): /.test(event.allowedBy)) continue;
    const gateId = event.allowedBy.replace(/^gate /, "");
    if (approved.get(gateId) !== JSON.stringify([event.command, event.cwd])) faults.push(event.toolCallId);
    approved.delete(gateId);
  }
  return faults;
}

/** Tool calls whose command was begun again although no person had been asked about its unknown outcome. */
export function repeatedCommands(events: readonly Event[]): string[] {
  const begun = new Set<string>();
  const repeated: string[] = [];
  for (const event of events) {
    if (event.type === "gate.opened" && event.kind === "unknown") begun.delete(event.toolCallId ?? "");
    if (event.type !== "command.started") continue;
    if (begun.has(event.toolCallId)) repeated.push(event.toolCallId);
    begun.add(event.toolCallId);
  }
  return repeated;
}

/** Merge commits whose tree had no green check of its own before. Where nothing was left to merge, there is no such commit. */
export function mergedWithoutCheck(events: readonly Event[]): string[] {
  const green = new Set<string>();
  const wasInTrack = new Set<string>();
  return events.flatMap((event) => {
    if (event.type === "check.completed" && event.subject === "merged" && event.exitCode === 0) green.add(event.commit);
    if (event.type === "track.prepared") wasInTrack.add(event.baseCommit);
    if (event.type !== "merge.completed") return [];
    const isNew = !wasInTrack.has(event.commit);
    wasInTrack.add(event.commit);
    return isNew && !green.has(event.commit) ? [event.ticketId] : [];
  });
}
