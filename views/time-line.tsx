/** @jsxImportSource hono/jsx */
/** The time line: a strip of what happened with a slider under it, and where in it one is. What a script adds is only ease. */
import { useContext } from "hono/jsx";
import { lineWidth, spendHeight, type TimeLine } from "../src/projections/time-line.ts";
import { clock, count, usd, visible } from "./format.ts";
import { Nonce } from "./nonce.ts";

/** A link to another view or another part of the log. */
export interface LineChoice {
  readonly name: string;
  readonly href: string;
  readonly isChosen: boolean;
}

/** Where a link leads, by its words; null where there is nothing to go to. */
export interface LineStep {
  readonly words: string;
  readonly href: string | null;
}

export interface LineNow {
  readonly position: number;
  readonly last: number;
  readonly at: string;
  /** What happened at the position, in one sentence. */
  readonly words: string;
  readonly spentUsd: number;
  readonly isEnded: boolean;
  readonly steps: readonly LineStep[];
  readonly views: readonly LineChoice[];
  readonly scopes: readonly LineChoice[];
  /** The page that is shown below, as it is now. */
  readonly nowHref: string;
}

interface LineProps {
  readonly line: TimeLine;
  readonly now: LineNow;
  readonly view: string;
  readonly scope: string;
}

export function TimeLineView({ line, now, view, scope }: LineProps) {
  return (
    <>
      <TimeLineNow now={now} />
      <form
        id="time-form"
        action="/timeline"
        method="get"
        hx-get="/timeline/moment"
        hx-sync="queue last"
        hx-swap="none"
        hx-nonce={useContext(Nonce)}
      >
        <input type="hidden" name="view" value={view} />
        <input type="hidden" name="scope" value={scope} />
        <Strip line={line} now={now} />
        <div class="row">
          <label for="time-at">Position</label>
          <input
            id="time-at"
            type="number"
            name="at"
            min={line.from}
            max={line.to}
            value={now.position}
            required
            autocomplete="off"
          />
          <button type="submit" class="small">
            Show
          </button>
          <TimeLineSteps now={now} />
        </div>
      </form>
      <TimeLineViews now={now} />
    </>
  );
}

function Strip({ line, now }: Pick<LineProps, "line" | "now">) {
  const { from, to, rows, spendPath, spentUsd } = line;
  const x = (lineWidth * (now.position - from)) / Math.max(1, to - from);
  const height = rows.length * 12 + spendHeight;
  return (
    <div class="time-strip">
      <ul class="time-labels" aria-label="What the strip shows">
        {rows.map(({ kind, label, count: marks }) => (
          <li class={`time-${kind}`}>
            <span>{label}</span> <span class="figure">{count(marks)}</span>
          </li>
        ))}
        <li class="time-spend">
          <span>Spend</span> <span class="figure">{usd(spentUsd)}</span>
        </li>
      </ul>
      <div class="time-plot">
        <svg viewBox={`0 0 ${lineWidth} ${height}`} preserveAspectRatio="none" aria-hidden="true" id="time-drawing">
          <line id="time-cursor" x1={x} x2={x} y1="0" y2={height} class="time-cursor" />
          {rows.map(({ kind, path, lowPath }, index) => (
            <g transform={`translate(0 ${index * 12 + 1})`} class={`time-${kind}`}>
              <path d={`M0 10H${lineWidth}`} class="time-base" />
              <path d={path} class="time-tick" />
              {lowPath === "" ? null : <path d={lowPath} class="time-tick time-decided" />}
            </g>
          ))}
          <g transform={`translate(0 ${rows.length * 12})`} class="time-spend">
            <path d={`${spendPath}V${spendHeight}H0Z`} class="time-area" />
            <path d={spendPath} class="time-tick" />
          </g>
        </svg>
        <input
          id="time-range"
          class="needs-script"
          type="range"
          aria-label="Position in the log"
          aria-valuetext={spoken(now)}
          min={from}
          max={to}
          step="1"
          value={now.position}
          autocomplete="off"
          data-marks={line.markPositions.join(" ")}
          data-phases={line.phasePositions.join(" ")}
        />
        <p class="time-ends hint">
          <span>{from}</span>
          <span class="needs-script time-keys">
            <kbd>←</kbd> <kbd>→</kbd> event, with <kbd>Shift</kbd> mark, <kbd>Page Up</kbd> <kbd>Page Down</kbd> phase
          </span>
          <span>{to}</span>
        </p>
      </div>
    </div>
  );
}

/** What a screen reader says of a position. */
function spoken({ position, at, words }: LineNow): string {
  return `${position}, ${clock(at)}, ${visible(words)}`;
}

/** Where one is, and in what; drawn anew with each move. */
export function TimeLineNow({ now }: { readonly now: LineNow }) {
  const { position, last, at, words, spentUsd, isEnded, scopes } = now;
  return (
    <div id="time-now" data-position={position} data-spoken={spoken(now)}>
      <div class="row time-place">
        <strong>{`Position ${position} of ${last}`}</strong>
        <time datetime={at}>{clock(at)}</time>
        <span class="quiet figure">{`${usd(spentUsd)} spent`}</span>
        <span class="quiet">{isEnded ? "the run has ended" : "the run goes on"}</span>
        <Choices label="Part of the log" choices={scopes} />
      </div>
      <p class="one-line past-words">{visible(words)}</p>
    </div>
  );
}

/** Where else one can go; drawn anew with each move. */
export function TimeLineSteps({ now: { steps, nowHref } }: { readonly now: LineNow }) {
  return (
    <nav id="time-steps" class="row" aria-label="Other positions">
      {steps.map(({ words, href }) =>
        href === null ? <span class="quiet">{words}</span> : <a href={href}>{words}</a>,
      )}
      <a href={nowHref} data-now="">
        Back to now
      </a>
    </nav>
  );
}

/** What is shown below; drawn anew with each move, because it keeps the position. */
export function TimeLineViews({ now: { views } }: { readonly now: LineNow }) {
  return (
    <div id="time-views">
      <Choices label="Shown below" choices={views} />
    </div>
  );
}

function Choices({ label, choices }: { readonly label: string; readonly choices: readonly LineChoice[] }) {
  return (
    <nav class="row choices" aria-label={label}>
      {choices.map(({ name, href, isChosen }) => (
        <a href={href} data-now="" aria-current={isChosen ? "true" : undefined}>
          {visible(name)}
        </a>
      ))}
    </nav>
  );
}
