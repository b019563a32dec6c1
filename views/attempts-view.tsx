/** @jsxImportSource hono/jsx */
/** Attempts side by side, newest first, each with its evidence: checks, diagnosis, verdict, review, commands, diff, prompt. */
import type { CheckView, CommandView } from "../src/projections/ticket-evidence.ts";
import type { DiffFile, DiffFiles, ShownHunks } from "../src/projections/view-diff.ts";
import type { AttemptView, DecisionView } from "../src/projections/view-ticket.ts";
import { ElapsedTime } from "./elapsed-time.tsx";
import { FileDiffs } from "./file-diffs.tsx";
import { clock, count, duration, exactCommand, usd, visible } from "./format.ts";
import { OutputView } from "./output-view.tsx";
import { PromptFolds } from "./prompt-view.tsx";
import { StatusMark } from "./status-mark.tsx";

/** An attempt's diff, with the lines of the files that stand open. */
export interface AttemptDiff {
  readonly diff: DiffFiles;
  readonly shown: ReadonlyMap<number, ShownHunks>;
}

interface AttemptsProps {
  readonly ticketId: string;
  readonly attempts: readonly AttemptView[];
  readonly diffs: ReadonlyMap<number, AttemptDiff>;
}

export function AttemptsView({ ticketId, attempts, diffs }: AttemptsProps) {
  if (attempts.length === 0) return <p class="quiet">No attempt yet.</p>;
  const base = `/tickets/${encodeURIComponent(ticketId)}`;
  return (
    <div class="attempts">
      {attempts.map((attempt, index) => (
        <AttemptCard attempt={attempt} diff={diffs.get(attempt.attempt)} isLast={index === 0} base={base} />
      ))}
    </div>
  );
}

interface AttemptProps {
  readonly attempt: AttemptView;
  readonly diff: AttemptDiff | undefined;
  readonly isLast: boolean;
  /** The ticket's own page. */
  readonly base: string;
}

function AttemptCard({ attempt, diff, isLast, base }: AttemptProps) {
  return (
    <article id={attempt.elementId} class="attempt">
      <AttemptHead attempt={attempt} isLast={isLast} />
      {attempt.checks.map((check) => (
        <Check check={check} base={base} />
      ))}
      <Judgements attempt={attempt} />
      {attempt.commands.map((command) => (
        <Command command={command} base={base} />
      ))}
      {diff === undefined ? null : (
        <details id={`${attempt.elementId}-diff`} open={isLast}>
          <summary>Diff</summary>
          <FileDiffs
            diff={diff.diff}
            shown={diff.shown}
            href={(file: DiffFile) => `${base}/diff?at=${attempt.diffPosition}&file=${file.index}`}
          />
        </details>
      )}
      <PromptFolds prompt={attempt.prompt} id={attempt.elementId} />
      {attempt.stack === null ? null : (
        <details id={`${attempt.elementId}-stack`} open>
          <summary>What went wrong, with its stack</summary>
          <pre class="block" tabindex={0}>
            {visible(attempt.stack)}
          </pre>
        </details>
      )}
    </article>
  );
}

function AttemptHead({ attempt, isLast }: Pick<AttemptProps, "attempt" | "isLast">) {
  const turns = `${count(attempt.turnCount)} ${attempt.turnCount === 1 ? "turn" : "turns"}`;
  return (
    <>
      <h3>
        {`Attempt ${attempt.attempt}`} <code class="quiet">{visible(attempt.model)}</code>{" "}
        <span class="quiet">
          {clock(attempt.startedAt)}
          {attempt.endedAt === null ? "" : `–${clock(attempt.endedAt)}`} · {turns} · {usd(attempt.costUsd)}
        </span>
      </h3>
      {attempt.outcome === "" ? null : (
        <p class={attempt.isFailed ? "reason reason-bad" : "quiet"}>{visible(attempt.outcome)}</p>
      )}
      {attempt.branch === null || !isLast ? null : (
        <p class="quiet">
          Its work is on the branch <code>{visible(attempt.branch)}</code>, and in{" "}
          <code>{visible(attempt.worktree ?? "")}</code>.
        </p>
      )}
    </>
  );
}

function Judgements({ attempt }: { readonly attempt: AttemptView }) {
  const { diagnosis, verdict, review } = attempt;
  return (
    <>
      {diagnosis === null ? null : <Said by="Diagnosis" text={diagnosis} />}
      {verdict === null ? null : (
        <>
          <Said by={`Verdict: ${verdict.verdict}`} text={verdict.diagnosis} />
          <ul class="tight">
            {(verdict.findings ?? []).map((finding) => (
              <li>
                {visible(finding.severity)} <code>{visible(finding.file ?? "")}</code> {visible(finding.note)}
              </li>
            ))}
          </ul>
        </>
      )}
      {review === null ? null : <Said by="Review" text={review} />}
    </>
  );
}

/** The evidence of a check: the command, how it ended, when, on which files, after which edit. */
function Check({ check, base }: { readonly check: CheckView; readonly base: string }) {
  const isGreen = check.exitCode === 0 && !check.isTimedOut;
  const words = check.isTimedOut ? "timed out" : isGreen ? "green" : `red, exit code ${check.exitCode}`;
  const { afterEdit } = check;
  return (
    <details id={`check-${check.position}`} open={!isGreen || check.findings !== undefined}>
      <summary>
        <StatusMark status={isGreen ? "completed" : "failed"} words={`Check ${words}`} />{" "}
        <code>{exactCommand(check.command)}</code>{" "}
        <span class="quiet">
          {check.subject === "merged" ? "on the merged tree, " : ""}
          {clock(check.at)}, {duration(check.durationMs)}, at {check.commit.slice(0, 7)}, tree{" "}
          {check.treeHash.slice(0, 7)}
        </span>
      </summary>
      <dl class="facts">
        <dt>Exit code</dt>
        <dd>{check.isTimedOut ? "none: it ran into its time limit" : String(check.exitCode)}</dd>
        <dt>Commit, tree</dt>
        <dd>
          <code>{check.commit}</code>, <code>{check.treeHash}</code>
        </dd>
        <dt>After edit</dt>
        <dd>
          {afterEdit === null ? (
            "none that is known"
          ) : (
            <>
              <code>{visible(afterEdit.path)}</code> {`in turn ${afterEdit.turn}, ${clock(afterEdit.at)}`}
            </>
          )}
        </dd>
        <dt>Sandbox</dt>
        <dd>{visible(check.sandbox ?? "not recorded")}</dd>
      </dl>
      <Weakened findings={check.findings ?? []} />
      <OutputView output={check.output} href={`${base}/output?at=${check.position}`} />
    </details>
  );
}

/** What makes a green check worth less. */
function Weakened({ findings }: { readonly findings: NonNullable<CheckView["findings"]> }) {
  if (findings.length === 0) return null;
  return (
    <>
      <p class="reason reason-bad">The change weakens tests:</p>
      <ul class="tight">
        {findings.map(({ file, line, what }) => (
          <li>
            <code>{visible(`${file}:${line}`)}</code> {visible(what)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Command({ command, base }: { readonly command: CommandView; readonly base: string }) {
  const { position, exitCode, isTimedOut, durationMs, sandbox } = command;
  const ended = isTimedOut ? "timed out" : `exit code ${exitCode}`;
  return (
    <details id={`command-${position ?? "runs"}`}>
      <summary>
        <code>{exactCommand(command.command)}</code>{" "}
        {exitCode === null ? (
          <span class="quiet">
            running <ElapsedTime since={command.startedAt} />
          </span>
        ) : (
          <span
            class={exitCode === 0 && !isTimedOut ? "quiet" : "bad"}
          >{`${ended}, ${duration(durationMs ?? 0)}`}</span>
        )}{" "}
        <span class="quiet">
          {sandbox === null ? "" : `in ${visible(sandbox)}, `}allowed by {visible(command.allowedBy)}
          {command.isEdited ? ", edited" : ""}
        </span>
      </summary>
      <OutputView output={command.output} href={position === null ? null : `${base}/output?at=${position}`} />
    </details>
  );
}

/** Answered gates of a ticket: what was decided, whether its payload was edited first, and the words given. */
export function DecisionsView({ decisions }: { readonly decisions: readonly DecisionView[] }) {
  if (decisions.length === 0) return <p class="quiet">No gate was answered yet.</p>;
  return (
    <ul class="plan decisions">
      {decisions.map((decision) => (
        <li>
          <span class="quiet figure">{clock(decision.decidedAt)}</span>{" "}
          <StatusMark status={decisionMarks[decision.outcome]} words={`${decision.kind} ${decision.outcome}`} />{" "}
          {decision.isEdited ? <strong class="edited">edited first</strong> : null}{" "}
          <span class="quiet">{decision.gateId}</span> {visible(decision.words)}
        </li>
      ))}
    </ul>
  );
}

const decisionMarks = { approved: "done", declined: "failed", withdrawn: "skipped", superseded: "skipped" } as const;

function Said({ by, text }: { readonly by: string; readonly text: string }) {
  return (
    <p class="said">
      <strong>{by}</strong> {visible(text)}
    </p>
  );
}
