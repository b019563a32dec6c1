/** @jsxImportSource hono/jsx */
/** Attempts side by side, newest first, each with its evidence: checks, diagnosis, verdict, review, commands, diff, prompt. */
import type { AttemptView, CheckView, CommandView, DecisionView } from "../src/projections/view-ticket.ts";
import { DiffView } from "./diff-view.tsx";
import { clock, duration, usd, visible } from "./format.ts";
import { StatusMark } from "./status-mark.tsx";

export function AttemptsView({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  if (attempts.length === 0) return <p class="quiet">No attempt yet.</p>;
  return (
    <div class="attempts">
      {attempts.map((attempt, index) => (
        <AttemptCard attempt={attempt} isLast={index === 0} />
      ))}
    </div>
  );
}

function AttemptCard({ attempt, isLast }: { readonly attempt: AttemptView; readonly isLast: boolean }) {
  return (
    <article id={attempt.elementId} class="attempt">
      <h3>
        {`Attempt ${attempt.attempt}`} <code class="quiet">{visible(attempt.model)}</code>{" "}
        <span class="quiet">
          {clock(attempt.startedAt)}
          {attempt.endedAt === null ? "" : `–${clock(attempt.endedAt)}`} · {usd(attempt.costUsd)}
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
      {attempt.checks.map((check) => (
        <Check check={check} />
      ))}
      {attempt.diagnosis === null ? null : <Said by="Diagnosis" text={attempt.diagnosis} />}
      {attempt.verdict === null ? null : (
        <>
          <Said by={`Verdict: ${attempt.verdict.verdict}`} text={attempt.verdict.diagnosis} />
          <ul class="tight">
            {(attempt.verdict.findings ?? []).map((finding) => (
              <li>
                {visible(finding.severity)} <code>{visible(finding.file ?? "")}</code> {visible(finding.note)}
              </li>
            ))}
          </ul>
        </>
      )}
      {attempt.review === null ? null : <Said by="Review" text={attempt.review} />}
      {attempt.commands.map((command) => (
        <Command command={command} />
      ))}
      {attempt.diff === "" ? null : (
        <details open={isLast}>
          <summary>Diff</summary>
          <DiffView diff={attempt.diff} />
        </details>
      )}
      <Folded title={`Prompt as sent${attempt.promptIsEdited ? " (edited by you)" : ""}`} text={attempt.prompt} />
      <Folded title="What went wrong, with its stack" text={attempt.stack} isOpen />
    </article>
  );
}

function Check({ check }: { readonly check: CheckView }) {
  const isGreen = check.exitCode === 0 && !check.isTimedOut;
  const words = check.isTimedOut ? "timed out" : isGreen ? "green" : `red, exit code ${check.exitCode}`;
  return (
    <details open={!isGreen || check.findings !== undefined}>
      <summary>
        <StatusMark status={isGreen ? "completed" : "failed"} words={`Check ${words}`} />{" "}
        <code>{visible(check.command)}</code>{" "}
        <span class="quiet">
          {check.subject === "merged" ? "on the merged tree, " : ""}
          {clock(check.at)}, {duration(check.durationMs)}, at {check.commit.slice(0, 7)}, tree{" "}
          {check.treeHash.slice(0, 7)}
        </span>
      </summary>
      <Weakened findings={check.findings ?? []} />
      <pre class="block tail">
        <span>{visible(check.output) || "(no output)"}</span>
      </pre>
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

function Command({ command }: { readonly command: CommandView }) {
  const ended =
    command.exitCode === null ? "runs" : `exit code ${command.exitCode}, ${duration(command.durationMs ?? 0)}`;
  return (
    <details>
      <summary>
        <code>{visible(command.command)}</code>{" "}
        <span class="quiet">
          {ended}; allowed by {visible(command.allowedBy)}
          {command.isEdited ? ", edited" : ""}
        </span>
      </summary>
      <pre class="block tail">
        <span>{visible(command.output) || "(no output)"}</span>
      </pre>
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

function Folded(props: { readonly title: string; readonly text: string | null; readonly isOpen?: boolean }) {
  const { title, text, isOpen = false } = props;
  if (text === null) return null;
  return (
    <details open={isOpen}>
      <summary>{title}</summary>
      <pre class="block">{visible(text)}</pre>
    </details>
  );
}
