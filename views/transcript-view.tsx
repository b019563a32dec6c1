/** @jsxImportSource hono/jsx */
/** The turns of an agent: what it said stands open, what it thought is folded, each tool call is a line with its result folded. */
import type { Transcript, Turn, TurnEntry } from "../src/projections/view-transcript.ts";
import { clock, count, duration, usd, visible } from "./format.ts";
import { OutputView } from "./output-view.tsx";

interface TranscriptProps {
  readonly transcript: Transcript;
  readonly ticketId: string;
  readonly attempt: number;
  /** Attempts that have turns, to choose from. */
  readonly attempts: readonly number[];
}

export function TranscriptView({ transcript, ticketId, attempt, attempts }: TranscriptProps) {
  const { turns, before, turnCount } = transcript;
  const base = `/tickets/${encodeURIComponent(ticketId)}`;
  return (
    <>
      <nav class="row" aria-label="Parts of the transcript">
        {attempts.map((one) => (
          <a href={`${base}?attempt=${one}#transcript`} aria-current={one === attempt ? "true" : undefined}>
            {`Attempt ${one}`}
          </a>
        ))}
        <span class="quiet">{`${count(turnCount)} ${turnCount === 1 ? "turn" : "turns"} settled`}</span>
        {before === null ? null : <a href={`${base}?attempt=${attempt}&before=${before}#transcript`}>Earlier turns</a>}
      </nav>
      {turns.length === 0 ? <p class="quiet">No turn has settled yet.</p> : null}
      <ol class="turns">
        {turns.map((turn) => (
          <TurnView turn={turn} base={base} />
        ))}
      </ol>
    </>
  );
}

function TurnView({ turn, base }: { readonly turn: Turn; readonly base: string }) {
  const money = turn.costUsd === null ? "unpriced" : usd(turn.costUsd);
  return (
    <li id={`turn-${turn.callId}`} class="turn">
      <p class="turn-head quiet">
        <strong>{`Turn ${turn.turn}`}</strong> <time datetime={turn.at}>{clock(turn.at)}</time>
        {` · ${duration(turn.durationMs)} · ${count(turn.tokens)} tokens · ${money}`}
      </p>
      {turn.failure === null ? null : <p class="reason reason-bad">{`No answer: ${visible(turn.failure)}`}</p>}
      {turn.entries.map((entry, index) => (
        <Entry entry={entry} id={`turn-${turn.callId}-${index}`} turn={turn} base={base} />
      ))}
    </li>
  );
}

interface EntryProps {
  readonly entry: TurnEntry;
  readonly id: string;
  readonly turn: Turn;
  readonly base: string;
}

function Entry({ entry, id, turn, base }: EntryProps) {
  const whole = `${base}/output?at=${turn.position}`;
  switch (entry.kind) {
    case "text":
      return <Words text={entry.text} whole={whole} />;
    case "thinking":
      return (
        <details id={id}>
          <summary class="quiet">{`Thinking, ${count(entry.text.length)} characters`}</summary>
          <Words text={entry.text} whole={whole} />
        </details>
      );
    case "told":
      return (
        <details id={id}>
          <summary class="quiet">Words of the engine to the model</summary>
          <Words text={entry.text} whole={null} />
        </details>
      );
    case "tool":
      return <ToolCall entry={entry} id={id} turn={turn} base={base} />;
    default:
      return entry satisfies never;
  }
}

interface ToolCallProps extends EntryProps {
  readonly entry: Extract<TurnEntry, { kind: "tool" }>;
}

function ToolCall({ entry, id, turn, base }: ToolCallProps) {
  const { name, subject, input, result, position } = entry;
  return (
    <details id={id} class="tool">
      <summary>
        <span aria-hidden="true">→</span> <strong>{visible(name)}</strong> <code>{visible(subject)}</code>{" "}
        <span class={isBad(entry) ? "bad" : "quiet"}>{outcomeOf(entry)}</span>
      </summary>
      <h5>Asked for</h5>
      <Words text={input} whole={`${base}/output?at=${turn.position}`} />
      <h5>Result</h5>
      {result === null ? (
        <p class="quiet">It has not come yet.</p>
      ) : (
        <OutputView output={result} href={position === null ? null : `${base}/output?at=${position}`} />
      )}
    </details>
  );
}

function isBad({ isError, exitCode }: ToolCallProps["entry"]): boolean {
  return isError || (exitCode !== null && exitCode !== 0);
}

function outcomeOf({ isError, exitCode, durationMs, result }: ToolCallProps["entry"]): string {
  if (exitCode !== null) return `exit code ${exitCode}, ${duration(durationMs ?? 0)}`;
  if (result === null) return "no result yet";
  return isError ? "failed" : `${count(result.split("\n").length)} ${result.includes("\n") ? "lines" : "line"}`;
}

const shownWords = 4_000;

/** Text of a model: the beginning of a long one, and where all of it is. */
function Words({ text, whole }: { readonly text: string; readonly whole: string | null }) {
  if (text.trim() === "") return null;
  if (text.length <= shownWords) return <p class="said">{visible(text)}</p>;
  return (
    <>
      <p class="said">{`${visible(text.slice(0, shownWords))}…`}</p>
      <p class="omitted">
        {`${count(text.length - shownWords)} more characters. `}
        {whole === null ? null : <a href={whole}>Show all of it</a>}
      </p>
    </>
  );
}
