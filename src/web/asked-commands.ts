/** The commands that workers asked for, read from the log once and then as it grows; what rules would have allowed of them. */
import type { EngineApi } from "../engine/engine-api.ts";
import { type AskedCommand, addAsked, askedGlob, type WouldAllow, wouldAllow } from "../projections/view-rules.ts";

interface History {
  readonly asked: Map<string, AskedCommand>;
  position: number;
  /** What was counted for a pattern, for as many commands as there were then. */
  readonly counted: Map<string, WouldAllow>;
}

const histories = new WeakMap<EngineApi, History>();

/** Every command that was asked for so far, by its tool call. */
export function askedCommands(engine: EngineApi): ReadonlyMap<string, AskedCommand> {
  return historyOf(engine).asked;
}

/** What a rule that there is would have allowed: counted again only when another command was asked for. Without a rule nothing is read. */
export function wouldAllowOf(engine: EngineApi): (pattern: string) => WouldAllow {
  return (pattern) => {
    const { asked, counted } = historyOf(engine);
    const known = counted.get(pattern);
    if (known?.askedCount === asked.size) return known;
    const would = wouldAllow(asked, pattern);
    counted.set(pattern, would);
    return would;
  };
}

function historyOf(engine: EngineApi): History {
  const history = histories.get(engine) ?? { asked: new Map(), position: 0, counted: new Map() };
  histories.set(engine, history);
  const { position } = engine.state();
  if (position === history.position) return history;
  const query = { after: history.position, limit: Number.MAX_SAFE_INTEGER, type: askedGlob };
  addAsked(history.asked, engine.events(query));
  history.position = position;
  return history;
}
