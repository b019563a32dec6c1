/** @jsxImportSource hono/jsx */
/** Every rule that lets commands run without a person: by whom and when, what it opened, what it would have allowed, and its end. */
import type { RuleRow } from "../src/projections/view-rules.ts";
import { clock, count, exactCommand, visible } from "./format.ts";
import { PostForm } from "./post-form.tsx";
import { MatchedList, NewRule } from "./rule-lever.tsx";
import { TableHead } from "./table-head.tsx";

interface RuleListProps {
  readonly rows: readonly RuleRow[];
  /** Where the rules of the config come from, in words. */
  readonly source: string;
  readonly level: string;
}

export function RuleList({ rows, source, level }: RuleListProps) {
  return (
    <>
      <p class="quiet">{levelWords(level)}</p>
      {rows.length === 0 ? (
        <p class="quiet">There is no rule. A command's card can write one.</p>
      ) : (
        <div class="scroll">
          <table class="rules">
            <TableHead names={["Rule", "Written", "Has let run", "Would have allowed", ""]} />
            <tbody>
              {rows.map((row) => (
                <Row row={row} source={source} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <NewRule />
    </>
  );
}

function levelWords(level: string): string {
  if (level === "guarded") return "What a rule matches runs without asking, as long as the rule stands.";
  return level === "manual"
    ? "The level is manual: every command asks, whatever these rules say. They count once it is guarded."
    : "The level is all: no command asks, with or without a rule.";
}

function Row({ row, source }: { readonly row: RuleRow; readonly source: string }) {
  const { ruleId, pattern, openedCount, would, revokedAt } = row;
  return (
    <tr data-rule={ruleId ?? ""} class={revokedAt === null ? "" : "revoked"}>
      <th scope="row">
        <code>{exactCommand(pattern)}</code>
      </th>
      <td data-head="Written">{writtenWords(row, source)}</td>
      <td data-head="Has let run">{`${count(openedCount)} ${openedCount === 1 ? "command" : "commands"}`}</td>
      <td>
        <details id={`rule-${ruleId ?? ""}-would`}>
          <summary>
            <span class="narrow-only">Would have allowed </span>
            {`${count(would.matchedCount)} of ${count(would.askedCount)}`}
          </summary>
          <MatchedList would={would} />
        </details>
      </td>
      <td>{ruleId === null || revokedAt !== null ? null : <Revoke ruleId={ruleId} />}</td>
    </tr>
  );
}

function writtenWords({ ruleId, addedAt, addedBy, gateId, revokedAt, revokedBy }: RuleRow, source: string): string {
  if (ruleId === null) return `config: ${source}`;
  const on = gateId === null ? "" : ` on ${gateId}`;
  const written = `${ruleId}, at ${clock(addedAt ?? "")} by ${whose(addedBy)}${on}`;
  return revokedAt === null ? written : `${written}; revoked at ${clock(revokedAt)} by ${whose(revokedBy)}`;
}

function whose(by: string | null): string {
  return by === "person" ? "a person" : `the ${visible(by ?? "")}`;
}

function Revoke({ ruleId }: { readonly ruleId: string }) {
  return (
    <PostForm action={`/actions/rules/${encodeURIComponent(ruleId)}/revocation`}>
      <button type="submit" class="small" aria-label={`Revoke the rule ${ruleId}`}>
        Revoke
      </button>
    </PostForm>
  );
}
