/** Decides what a command changes: the facts to write down, or why it is refused. Pure; `at` is the time, ISO 8601 UTC. */
import type { Command, Decision } from "./command.ts";
import { endAgent, failAgent } from "./decide-agent.ts";
import { failCall, reserveCall, settleCall } from "./decide-call.ts";
import * as command from "./decide-command.ts";
import { chooseContext, recordCount } from "./decide-context.ts";
import { editDocument, recordDocument } from "./decide-document.ts";
import { editTicket } from "./decide-edit.ts";
import * as effect from "./decide-effect.ts";
import { approveGate, declineGate } from "./decide-gate.ts";
import * as merge from "./decide-merge.ts";
import * as person from "./decide-person.ts";
import { addTicket, moveTicket, splitTicket } from "./decide-plan-edit.ts";
import { addRule, revokeRule } from "./decide-rule.ts";
import { changeSettings } from "./decide-settings.ts";
import { requestTool } from "./decide-tool.ts";
import { accept } from "./decision.ts";
import type { State } from "./state.ts";

type DecideTable = {
  [T in Command["type"]]: (state: State, command: Extract<Command, { type: T }>, at: string) => Decision;
};

const table: DecideTable = {
  create_epic: person.createEpic,
  import_track: person.importTrack,
  start_track: person.startTrack,
  pause_engine: (state, command) => person.setPaused(state, true, command.by),
  unpause_engine: (state, command) => person.setPaused(state, false, command.by),
  approve_gate: approveGate,
  decline_gate: declineGate,
  add_rule: addRule,
  revoke_rule: revokeRule,
  change_settings: changeSettings,
  edit_ticket: editTicket,
  add_ticket: addTicket,
  split_ticket: splitTicket,
  move_ticket: moveTicket,
  cancel_ticket: person.cancelTicket,
  retry_ticket: person.retryTicket,
  skip_ticket: person.skipTicket,
  pin_context: chooseContext,
  unpin_context: chooseContext,
  evict_context: chooseContext,
  restore_context: chooseContext,
  record_count: recordCount,
  edit_document: editDocument,
  record_document: recordDocument,
  start_engine: effect.startEngine,
  stop_engine: (_state, command) => accept({ type: "engine.stopped", reason: command.reason }),
  start_run: (_state, command) => {
    const { type: _type, ...fields } = command;
    return accept({ type: "run.started", ...fields, trackIds: [...command.trackIds] });
  },
  begin_agent: effect.beginAgent,
  prompt_agent: effect.promptAgent,
  record_prepared_attempt: effect.recordPreparedAttempt,
  record_prepared_track: effect.recordPreparedTrack,
  begin_check: effect.beginCheck,
  record_check: effect.recordCheck,
  offer_merge: merge.offerMerge,
  begin_merge: merge.beginMerge,
  record_conflict: merge.recordConflict,
  abandon_merge: merge.abandonMerge,
  record_merge: merge.recordMerge,
  record_prepared_landing: merge.recordPreparedLanding,
  refuse_landing: merge.refuseLanding,
  record_landing: merge.recordLanding,
  offer_command: command.offerCommand,
  begin_command: command.beginCommand,
  record_command: command.recordCommand,
  record_effect_failure: effect.recordEffectFailure,
  reserve_call: reserveCall,
  settle_call: settleCall,
  fail_call: failCall,
  request_tool: requestTool,
  end_agent: endAgent,
  fail_agent: failAgent,
};

/** The one door through which the state changes. */
export function decide(state: State, command: Command, at: string): Decision {
  // The table's entry for a type takes the command of that type; TypeScript cannot tie the two together.
  const decideOne = table[command.type] as (state: State, command: Command, at: string) => Decision;
  return decideOne(state, command, at);
}
