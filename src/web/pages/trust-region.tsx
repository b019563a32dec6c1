/** @jsxImportSource hono/jsx */
/** The question of trust at the top of every page, for as long as the server has one. */

import { TrustCard } from "../../../views/trust-card.tsx";
import type { TrustQuestion } from "../trust-question.ts";
import { type OpenPage, region } from "./page.ts";

/** The same page with the question above everything else. */
export function withTrust(page: OpenPage, trust: TrustQuestion): OpenPage {
  return {
    title: page.title,
    draw(hasStreamText) {
      const drawing = page.draw(hasStreamText);
      const card = region("trust", "Trust", <TrustCard asked={trust.asked()} />, { isHeadingShown: false });
      return { ...drawing, regions: [card, ...drawing.regions] };
    },
  };
}
