/** @jsxImportSource hono/jsx */
/** A request as a stacked bar over its window: a segment a part, in the colour of how full it is, which a mark and words say too. */
import type { ContextMap } from "../src/projections/context-map.ts";
import { count } from "./format.ts";

type Figures = Pick<ContextMap, "parts" | "usedTokens" | "windowTokens" | "shareUsed" | "fullness">;

const width = 1_000;
const marks: Record<ContextMap["fullness"], string> = { "below half": "○", "above half": "◐", "nearly full": "●" };
const classes: Record<ContextMap["fullness"], string> = {
  "below half": "is-low",
  "above half": "is-half",
  "nearly full": "is-full",
};

/** Its share of the window above, what it is made of below; all of it is in its accessible name. */
export function ContextBar({ figures }: { readonly figures: Figures }) {
  const { parts, usedTokens, windowTokens } = figures;
  return (
    <svg
      class={`context-bar ${classes[figures.fullness]}`}
      viewBox={`0 0 ${width} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={barWords(figures)}
    >
      <rect class="window" x="0" y="0" width={width} height="11" />
      <Segments parts={parts} y={0} height={11} total={Math.max(1, windowTokens, usedTokens)} />
      <rect class="tick" x={width / 2} y="0" width="1.5" height="11" />
      <rect class="tick" x={width * 0.8} y="0" width="1.5" height="11" />
      <Segments parts={parts} y={14} height={6} total={Math.max(1, usedTokens)} />
    </svg>
  );
}

function Segments(props: {
  readonly parts: Figures["parts"];
  readonly y: number;
  readonly height: number;
  readonly total: number;
}) {
  let at = 0;
  return (
    <>
      {props.parts.map((part, index) => {
        const x = at;
        at += (part.tokens / props.total) * width;
        return (
          <rect
            class={`segment shade-${index % 5}${at - x > 8 ? " wide" : ""}`}
            x={x.toFixed(1)}
            y={props.y}
            width={(at - x).toFixed(1)}
            height={props.height}
          >
            <title>{`${part.name}: ${count(part.tokens)} tokens`}</title>
          </rect>
        );
      })}
    </>
  );
}

/** How full it is, by mark, share and words. */
export function Fullness({ figures }: { readonly figures: Figures }) {
  return (
    <span class={`fullness ${classes[figures.fullness]}`}>
      <span aria-hidden="true">{marks[figures.fullness]}</span> {percent(figures.shareUsed)}{" "}
      <span class="fullness-words">{figures.fullness}</span>
    </span>
  );
}

/** A share with one digit below ten of a hundred, where a digit still says something. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** An error with its sign. */
export function signedPercent(value: number): string {
  return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${Math.abs(value).toFixed(1)} %`;
}

function barWords({ parts, usedTokens, windowTokens, shareUsed }: Figures): string {
  const named = parts.map(({ name, tokens }) => `${name} ${count(tokens)}`).join(", ");
  return `${count(usedTokens)} of ${count(windowTokens)} tokens, ${percent(shareUsed)}: ${named}`;
}
