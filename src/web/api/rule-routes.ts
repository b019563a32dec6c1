/** Routes of rules: which commands run without a person, and a person's rules for more of them. */
import { z } from "zod";
import { ruleRows } from "../../projections/view-rules.ts";
import { wouldAllowOf } from "../asked-commands.ts";
import type { WebServices } from "../web-services.ts";
import { type ApiRoute, defineRoute, failure, rejected } from "./route.ts";

type Engine = WebServices["engine"];

const count = z.number().int().nonnegative();
const textOrNull = z.string().nullable();
const RuleReply = z.object({
  ruleId: textOrNull.describe("Null for a rule of the config: it is changed there."),
  source: z.enum(["config", "person"]),
  pattern: z.string(),
  addedAt: textOrNull,
  addedBy: textOrNull,
  gateId: textOrNull,
  revokedAt: textOrNull,
  revokedBy: textOrNull,
  openedCount: count.describe("How many commands it let run without a person."),
  askedCount: count.describe("How many commands were asked for so far."),
  matchedCount: count.describe(
    "How many of those it matches: what it would have allowed, had it been there from the start.",
  ),
  commands: z
    .array(z.object({ command: z.string(), count }))
    .describe("Those that it matches, each once, the latest first; bounded."),
});
type RuleReply = z.infer<typeof RuleReply>;

const RuleParams = z.object({ ruleId: z.string() });

export const ruleRoutes: readonly ApiRoute[] = [
  defineRoute({
    method: "GET",
    path: "/api/rules",
    summary:
      "The rules that let commands run without a person: those of the config, and those that people wrote, the revoked ones too.",
    status: 200,
    reply: z.array(RuleReply),
    refusals: [],
    handle: ({ engine }) => ({ status: 200, body: rulesOf(engine) }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/rules",
    summary:
      "Writes a rule, in the grammar of `[gates] allow`. It opens the gates that it would have kept from asking, and holds until it is revoked.",
    body: z.strictObject({ pattern: z.string(), gateId: z.string().optional() }),
    status: 201,
    reply: RuleReply,
    refusals: [404, 409],
    handle: ({ engine }, { body: { pattern, gateId } }) => {
      const on = gateId === undefined ? {} : { gateId };
      const result = engine.dispatch({ type: "add_rule", pattern, by: "person", ...on });
      if (!result.isAccepted) return rejected(result.rejection);
      const added = result.events.find((event) => event.type === "rule.added");
      return { status: 201, body: ruleOf(engine, added?.ruleId ?? "") };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/rules/:ruleId",
    summary:
      "Revokes a rule that a person wrote: commands like that ask again. It stays in the list with who revoked it.",
    params: RuleParams,
    status: 200,
    reply: RuleReply,
    refusals: [404, 409],
    handle: ({ engine }, { params: { ruleId } }) => {
      const result = engine.dispatch({ type: "revoke_rule", ruleId, by: "person" });
      if (!result.isAccepted) return rejected(result.rejection);
      const revoked = ruleOf(engine, ruleId);
      return revoked ? { status: 200, body: revoked } : failure(404, "not_found", `There is no rule ${ruleId}.`);
    },
  }),
];

function rulesOf(engine: Engine): readonly RuleReply[] {
  return ruleRows(engine.state(), wouldAllowOf(engine)).map(({ would, ruleId, ...row }) => {
    const { matchedCount, askedCount } = would;
    const commands = would.commands.map(({ command, count }) => ({ command, count }));
    return { ruleId, source: ruleId === null ? "config" : "person", ...row, matchedCount, askedCount, commands };
  });
}

function ruleOf(engine: Engine, ruleId: string): RuleReply | undefined {
  return rulesOf(engine).find((rule) => rule.ruleId === ruleId);
}
