/** Merges and landings: what is offered, begun, refused and done. What is merged is the commit that was checked and judged. */
import type { Decision, EngineCommand } from "./command.ts";
import { accept, failedAttempt, movedOn, openGate, reject, ticketIn, withdrawGates } from "./decision.ts";
import type { Fact } from "./event.ts";
import { gatePayloads } from "./gate.ts";
import { lastCheck, mergeNeedsGate, planNeedsGate } from "./gate-rules.ts";
import { short } from "./gate-words.ts";
import { flagWords } from "./host-files.ts";
import { idSource } from "./ids.ts";
import { isFinal } from "./readiness.ts";
import type { Gate, State, Ticket, Track } from "./state.ts";
import { approvedGate, mergeChange, supersedeGate } from "./supersede.ts";
import { isPastAsking, sentences, weakenedAttempt, weakenedWords } from "./weakened-attempt.ts";

type Of<T extends EngineCommand["type"]> = Extract<EngineCommand, { type: T }>;

/** How often one attempt may be checked because its branch moved on: a check that commits would otherwise never end. */
const maxChecks = 10;

export function offerMerge(state: State, command: Of<"offer_merge">): Decision {
  const ticket = ticketIn(state, command.ticketId, "queued");
  if (!ticket || !mergeNeedsGate(state, ticket)) return movedOn(command.ticketId);
  if (isPastAsking(state, ticket)) return accept(...weakenedAttempt(state, ticket));
  const { ticketId, trackId, title } = ticket;
  const { commit, trackCommit, resultTree, diff } = command;
  const payload = { ticketId, title, commit, trackCommit, resultTree, diff };
  const passed = `${ticketId} has passed its check and reviews; its diff is ready to be merged into the track.`;
  const taken = replacedWords(command.replaced ?? []);
  const reason = sentences(weakenedWords(ticket), passed, flagWords(lastCheck(ticket)?.flags ?? []), taken);
  return accept(openGate(idSource(state), { kind: "merge", reason, payload, trackId, ticketId }));
}

/** A merge that takes out what an earlier ticket brought may be right; that it does should not go unseen. */
function replacedWords(replaced: NonNullable<Of<"offer_merge">["replaced"]>): string {
  if (replaced.length === 0) return "";
  const parts = replaced.map(({ ticketId, file, lineCount }) => {
    return `${lineCount === 1 ? "1 line" : `${lineCount} lines`} of ${ticketId} in ${file}`;
  });
  return `It takes out ${parts.join(", ")}.`;
}

/**
 * The intent to merge, anew for each staging. A commit that nobody has checked and judged is not merged: it is checked first.
 * A merge that is not the one that a person saw is shown again.
 */
export function beginMerge(state: State, command: Of<"begin_merge">): Decision {
  const ticket = ticketIn(state, command.ticketId, "queued") ?? ticketIn(state, command.ticketId, "merging");
  if (!ticket) return movedOn(command.ticketId);
  const isAsking = mergeNeedsGate(state, ticket);
  if (isAsking && ticket.stage.name === "queued" && !ticket.stage.isAllowed) return movedOn(command.ticketId);
  const checkedCommit = lastCheck(ticket)?.commit ?? "";
  const gate = isAsking ? mergeGate(state, ticket, checkedCommit) : undefined;
  if (command.ticketCommit !== checkedCommit)
    return accept(...outdatedGate(state, gate, command), ...checkedAnew(state, ticket, command.ticketCommit));
  const change = gate ? mergeChange(state, gate, command) : null;
  if (gate && change) {
    const reason = sentences(weakenedWords(ticket), change.reason);
    return accept(...supersedeGate(state, gate, reason, change.payload));
  }
  const { type: _type, resultTree: _resultTree, ...fields } = command;
  return accept({ type: "merge.started", ...fields, trackId: ticket.trackId, attempt: ticket.attempts.length });
}

/** The approval of the merge of exactly this commit. */
function mergeGate(state: State, { ticketId }: Ticket, commit: string): Gate | undefined {
  const isMeant = (gate: Gate) =>
    gate.ticketId === ticketId && gatePayloads.merge.parse(gate.payload).commit === commit;
  return approvedGate(state, "merge", isMeant);
}

/** No new gate yet: the commit is checked and judged first. */
function outdatedGate(state: State, gate: Gate | undefined, { ticketId, ticketCommit }: Of<"begin_merge">): Fact[] {
  if (!gate) return [];
  const { commit } = gatePayloads.merge.parse(gate.payload);
  const moved = `The branch of ${ticketId} moved from ${short(commit)} to ${short(ticketCommit)} since you looked.`;
  return supersedeGate(state, gate, `${moved} It is checked again, then shown again.`);
}

function checkedAnew(state: State, ticket: Ticket, ticketCommit: string): Fact[] {
  const { ticketId, trackId, attempts } = ticket;
  const checkedCommit = lastCheck(ticket)?.commit ?? "";
  const outdated: Fact = {
    type: "merge.outdated",
    ticketId,
    trackId,
    attempt: attempts.length,
    checkedCommit,
    ticketCommit,
  };
  const checkCount = attempts.at(-1)?.checks.filter((check) => check.subject === "ticket").length ?? 0;
  if (checkCount < maxChecks) return [outdated];
  const reason = `The branch of ${ticketId} has moved on after each of ${checkCount} checks, so nothing can be merged. See what commits to it (the check itself?), then retry.`;
  return [outdated, ...failedAttempt(state, ticket, { cause: "check", reason, isFinal: true })];
}

export function recordConflict(state: State, command: Of<"record_conflict">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket || (ticket.stage.name !== "queued" && ticket.stage.name !== "merging")) return movedOn(command.ticketId);
  const { ticketId, trackId } = ticket;
  const { files } = command;
  const reason = command.reason ?? `The merge of ${ticketId} has conflicts in ${files.join(", ")}.`;
  const why = command.reason === undefined ? {} : { reason };
  const conflicted: Fact = {
    type: "merge.conflicted",
    ticketId,
    trackId,
    attempt: ticket.attempts.length,
    files,
    ...why,
  };
  if (!planNeedsGate(state))
    return accept(conflicted, ...failedAttempt(state, ticket, { cause: "conflict", reason, isFresh: true }));
  // Nobody can approve a merge that conflicts.
  const isItsMerge = (gate: Gate) => gate.kind === "merge" && gate.ticketId === ticketId;
  const asked = `${reason} Approve to do the ticket again on the track as it is now; decline to block it.`;
  return accept(
    conflicted,
    ...withdrawGates(state, reason, isItsMerge),
    openGate(idSource(state), {
      kind: "conflict",
      reason: asked,
      payload: { ticketId, files, resolution: "rework" },
      trackId,
      ticketId,
    }),
  );
}

export function recordMerge(state: State, command: Of<"record_merge">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket) return movedOn(command.ticketId);
  const { ticketId, trackId, stage, attempts } = ticket;
  const { commit, treeHash, replaced = [] } = command;
  const taken = replaced.length === 0 ? {} : { replaced };
  const merged: Fact = {
    type: "merge.completed",
    ticketId,
    trackId,
    attempt: attempts.length,
    commit,
    treeHash,
    ...taken,
  };
  // A person ended it in the moment in which its merge was published: that it is in the track is a fact all the same.
  if (isFinal(ticket) && stage.name !== "completed") return accept(merged);
  if (stage.name !== "queued" && stage.name !== "merging") return movedOn(ticketId);
  return accept(merged, { type: "ticket.completed", ticketId, trackId, commit });
}

/** A merge that was begun and has not come about, of a ticket that ended meanwhile. */
export function abandonMerge(state: State, command: Of<"abandon_merge">): Decision {
  const ticket = state.tickets.get(command.ticketId);
  if (!ticket?.attempts.at(-1)?.isMerging || !isFinal(ticket)) return movedOn(command.ticketId);
  const { ticketId, trackId, attempts } = ticket;
  return accept({ type: "merge.abandoned", ticketId, trackId, attempt: attempts.length });
}

export function recordPreparedLanding(state: State, command: Of<"record_prepared_landing">): Decision {
  const track = state.tracks.get(command.trackId);
  if (!track) return reject("not_found", `There is no track ${command.trackId}.`);
  if (track.status !== "completed")
    return reject("conflict", `The track ${command.trackId} is ${track.status}: only a completed one is landed.`);
  const { type: _type, flags = [], ...fields } = command;
  const prepared: Fact = { type: "landing.prepared", ...fields };
  const gate = landGate(state, track);
  if (!planNeedsGate(state)) return accept(prepared);
  const { trackId, branch, fromCommit, toCommit, diffstat } = command;
  const payload = { trackId, title: track.title, branch, fromCommit, toCommit, diffstat };
  const weakened = track.ticketIds.flatMap((ticketId) => mergedWeakness(state, ticketId));
  const finished = `The track is finished. Approve to bring your branch ${branch} to it.`;
  const reason = sentences(finished, ...weakened, flagWords(flags));
  if (!gate) return accept(prepared, openGate(idSource(state), { kind: "land", reason, payload, trackId }));
  const shown = gatePayloads.land.parse(gate.payload);
  const moved = `Your branch ${branch} moved from ${short(shown.fromCommit)} to ${short(fromCommit)} since you looked.`;
  return accept(...supersedeGate(state, gate, sentences(moved, ...weakened, flagWords(flags)), payload), prepared);
}

/** A ticket that was merged although it weakens tests, because a person said so: whoever lands it may be another. */
function mergedWeakness(state: State, ticketId: string): string[] {
  const ticket = state.tickets.get(ticketId);
  return ticket?.stage.name === "completed" ? [weakenedWords(ticket)] : [];
}

/** The approval of a landing that has not come about. */
function landGate(state: State, { trackId, landing }: Track): Gate | undefined {
  if (landing.name !== "prepared" || !landing.isAllowed) return undefined;
  return approvedGate(state, "land", (gate) => gate.trackId === trackId);
}

export function refuseLanding(state: State, command: Of<"refuse_landing">): Decision {
  const { trackId, reason } = command;
  const track = state.tracks.get(trackId);
  if (!track) return reject("not_found", `There is no track ${trackId}.`);
  const gate = landGate(state, track);
  const superseded = gate ? supersedeGate(state, gate, `Nothing was landed. ${reason}`) : [];
  return accept(...superseded, { type: "landing.refused", trackId, reason });
}

export function recordLanding(state: State, command: Of<"record_landing">): Decision {
  const { trackId, branch, commit } = command;
  if (!state.tracks.has(trackId)) return reject("not_found", `There is no track ${trackId}.`);
  return accept({ type: "track.landed", trackId, branch, commit });
}
